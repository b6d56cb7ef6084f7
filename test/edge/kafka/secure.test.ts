/** Every way to a broker that wants proof of who comes, and every way to be turned away, end to end. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, type TestContext, test } from 'node:test';
import kafkajs from 'kafkajs';
import { type SecureBroker, startSecureBroker, USERS } from '../../../deploy/kafka/secure-broker.ts';
import { securityOf } from '../../../src/edge/kafka/connection.ts';
import { openKafkaFeed } from '../../../src/edge/kafka/feed.ts';
import { type KafkaLogin, LOGIN_DEFAULTS } from '../../../src/edge/kafka/login-options.ts';
import { openKafkaPublisher } from '../../../src/edge/kafka/publisher.ts';
import { CptError } from '../../../src/errors.ts';

const { AclOperationTypes, AclPermissionTypes, AclResourceTypes, Kafka, logLevel } = kafkajs;
const TOPIC = 'cpt-in';
const topics = { checkpoints: 'cpt-out-checkpoints', events: 'cpt-out-events' };
const now = (): number => Math.floor(Date.now() / 1000);

let broker: SecureBroker | undefined;
let missing = '';
let folder = '';

before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'cpt-secure-'));
  try {
    broker = await startSecureBroker();
    await prepare(broker);
  } catch (error) {
    if (process.env.CI === 'true' || !(error instanceof CptError)) throw error;
    missing = error.toLine();
  }
});
after(async () => {
  await broker?.stop();
  await rm(folder, { recursive: true, force: true });
});

/** Topics with three records, and rights: ann reads and writes all of it, bob may know that the topic exists. */
async function prepare({ brokers }: SecureBroker): Promise<void> {
  process.env.KAFKAJS_NO_PARTITIONER_WARNING = '1';
  const kafka = new Kafka({ brokers, logLevel: logLevel.NOTHING, retry: { retries: 20 } });
  const admin = kafka.admin();
  await admin.connect();
  const names = [TOPIC, topics.checkpoints, topics.events];
  await admin.createTopics({ topics: names.map((topic) => ({ topic, numPartitions: 1 })) });
  const grant = (who: string, resourceType: number, operation: number) => ({
    principal: `User:${who}`,
    resourceType,
    resourceName: 'cpt-',
    resourcePatternType: 4, // prefixed; kafkajs exports the names as types only
    host: '*',
    operation,
    permissionType: AclPermissionTypes.ALLOW,
  });
  const { TOPIC: topic, GROUP: group } = AclResourceTypes;
  const { READ, WRITE, DESCRIBE } = AclOperationTypes;
  const acl = [
    grant('ann', topic, READ),
    grant('ann', topic, WRITE),
    grant('ann', group, READ),
    grant('bob', topic, DESCRIBE),
    grant('bob', group, READ),
    grant('eve', topic, READ),
  ];
  await admin.createAcls({ acl });
  await admin.disconnect();
  const producer = kafka.producer();
  await producer.connect();
  const messages = ['one', 'two', 'three'].map((value) => ({ value }));
  await producer.send({ topic: TOPIC, messages });
  await producer.disconnect();
}

function secure(t: TestContext): SecureBroker | undefined {
  if (broker === undefined) t.skip(missing);
  return broker;
}

/** A JSON Web Token that is not signed. */
function token(subject: string, expires = now() + 600): string {
  const parts = [{ alg: 'none' }, { sub: subject, iat: now() - 1, exp: expires }];
  return `${parts.map((part) => Buffer.from(JSON.stringify(part)).toString('base64url')).join('.')}.`;
}

async function file(name: string, content: string): Promise<string> {
  const path = join(folder, name);
  await writeFile(path, content, { mode: 0o600 });
  return path;
}

async function read(brokers: string[], login: KafkaLogin, group: string): Promise<string[]> {
  const feed = await openKafkaFeed({ brokers, topic: TOPIC, group, untilEnd: true, ...securityOf(login) })(
    null,
  );
  const texts: string[] = [];
  for (let batch = await feed.read(); batch; batch = await feed.read()) {
    for (const { bytes } of batch.records) texts.push(Buffer.from(bytes!).toString());
  }
  await feed.close();
  return texts;
}

describe('each way to log in reads a feed and publishes events', { concurrency: true }, () => {
  const ways: [name: string, (broker: SecureBroker) => Promise<[string, Partial<KafkaLogin>]>][] = [
    ['TLS', async ({ at }) => [at('TLS'), {}]],
    [
      'a client certificate',
      async ({ at, authority }) => {
        const { certificate, key } = await authority.issue('ann');
        return [at('MUTUAL'), { certificate, key }];
      },
    ],
    [
      'a client certificate whose key is encrypted',
      async ({ at, authority }) => {
        const keyPassphrase = 'locked away';
        const { certificate, key } = await authority.issue('ann', {
          passphrase: keyPassphrase,
          file: 'ann2',
        });
        return [at('MUTUAL'), { certificate, key, keyPassphrase }];
      },
    ],
    ...(['plain', 'scram-sha-256', 'scram-sha-512'] as const).map((mechanism): (typeof ways)[number] => [
      mechanism,
      async ({ at }) => [at('SASL_SSL'), { mechanism, username: 'ann', password: USERS.ann }],
    ]),
    [
      'a token out of a file',
      async ({ at }) => {
        const tokenFile = await file('token', `${token('ann')}\n`);
        return [at('SASL_SSL'), { mechanism: 'oauthbearer', tokenFile }];
      },
    ],
  ];
  for (const [name, way] of ways) {
    test(name, async (t) => {
      const broker = secure(t);
      if (!broker) return;
      const [place, login] = await way(broker);
      const full = { ...LOGIN_DEFAULTS, tls: true, ca: broker.authority.certificate, ...login };
      const group = `cpt-group-${name.replaceAll(' ', '-')}`;
      assert.deepEqual(await read([place], full, group), ['one', 'two', 'three']);
      const publisher = await openKafkaPublisher({ brokers: [place], topics, ...securityOf(full) });
      const drift = { boundary: 1, detectedAt: 2, statistic: 7, threshold: 6 };
      await publisher.send({ event: 'DriftDetected', lineage: 'news', ...drift, id: name });
      await publisher.close();
    });
  }
});

test('a token from an endpoint logs in; the client says who it is in a header', async (t) => {
  const broker = secure(t);
  if (!broker) return;
  const asked: string[] = [];
  const server = createServer((request, response) => {
    asked.push(`${request.method} ${request.headers.authorization}`);
    response.end(JSON.stringify({ access_token: token('ann'), token_type: 'Bearer', expires_in: 600 }));
  }).listen(0, '127.0.0.1');
  t.after(() => server.close());
  await once(server, 'listening');
  const login: KafkaLogin = {
    ...LOGIN_DEFAULTS,
    tls: true,
    ca: broker.authority.certificate,
    mechanism: 'oauthbearer',
    tokenEndpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}/token`,
    oauthClientId: 'cpt',
    oauthClientSecret: 's3cret',
  };
  assert.deepEqual(await read([broker.at('SASL_SSL')], login, 'cpt-group-endpoint'), ['one', 'two', 'three']);
  assert.deepEqual(asked, [`POST Basic ${Buffer.from('cpt:s3cret').toString('base64')}`]); // once, then kept
});

describe('each way to be turned away is one line that says what to do', { concurrency: true }, () => {
  type Case = (broker: SecureBroker) => Promise<[string, Partial<KafkaLogin>]>;
  const ways: [name: string, Case, line: RegExp][] = [
    [
      'another authority',
      async ({ at, stranger }) => [at('TLS'), { ca: stranger.certificate }],
      /not trusted here\. .*--kafka-ca/,
    ],
    ['no authority of ours', async ({ at }) => [at('TLS'), { ca: '' }], /not trusted here\. .*--kafka-ca/],
    [
      'another host name',
      async ({ ports }) => [`127.0.0.1:${ports.TLS}`, {}],
      /certificate is for another host\. .*advertised/,
    ],
    [
      "the broker's certificate has expired",
      async ({ at }) => [at('EXPIRED'), {}],
      /certificate has expired\. Renew/,
    ],
    ['no certificate of ours', async ({ at }) => [at('MUTUAL'), {}], /--kafka-certificate and --kafka-key/],
    [
      'a certificate that has expired',
      async ({ at, authority }) => {
        const { certificate, key } = await authority.issue('ann', { days: 0, file: 'late' });
        return [at('MUTUAL'), { certificate, key }];
      },
      /certificate of this client/,
    ],
    [
      'a certificate of a stranger',
      async ({ at, stranger }) => {
        const { certificate, key } = await stranger.issue('ann');
        return [at('MUTUAL'), { certificate, key }];
      },
      /certificate of this client/,
    ],
    [
      'TLS where there is none',
      async ({ brokers }) => [brokers[0]!, {}],
      /does not speak TLS at that port\. Leave out --kafka-tls/,
    ],
    ['no TLS where it is wanted', async ({ at }) => [at('TLS'), { tls: false }], /hung up.*--kafka-tls/],
    ['no login where it is wanted', async ({ at }) => [at('SASL_SSL'), {}], /hung up.*--kafka-mechanism/],
    [
      'a login where there is none',
      async ({ at }) => [at('TLS'), { mechanism: 'plain', username: 'ann', password: USERS.ann }],
      /wants no login/,
    ],
    ...(['plain', 'scram-sha-256', 'scram-sha-512'] as const).map((mechanism): (typeof ways)[number] => [
      `${mechanism} with a wrong password`,
      async ({ at }) => [at('SASL_SSL'), { mechanism, username: 'ann', password: 'wr0ng-password' }],
      /refuses the login\. Check --kafka-username/,
    ]),
    [
      'a token that is not for this broker',
      async ({ at }) => {
        const tokenFile = await file('strange', 'abc.def.ghi');
        return [at('SASL_SSL'), { mechanism: 'oauthbearer', tokenFile }];
      },
      /refuses the login|refuses the token/,
    ],
    [
      'a token that has expired',
      async ({ at }) => {
        const tokenFile = await file('late', token('ann', now() - 60));
        return [at('SASL_SSL'), { mechanism: 'oauthbearer', tokenFile }];
      },
      /holds a token that expired \d+ s ago/,
    ],
    [
      'no right to know the topic',
      async ({ at, authority }) => {
        const { certificate, key } = await authority.issue('nobody');
        return [at('MUTUAL'), { certificate, key }];
      },
      /There is no topic "cpt-in".*rights/,
    ],
    [
      'no right to read the topic',
      async ({ at }) => [at('SASL_SSL'), { mechanism: 'plain', username: 'bob', password: USERS.bob }],
      /no right to the topic\. Grant Describe and Read/,
    ],
    [
      'no right to the group',
      async ({ at, authority }) => {
        const { certificate, key } = await authority.issue('eve');
        return [at('MUTUAL'), { certificate, key }];
      },
      /no right to the consumer group.*Grant Read on the group/,
    ],
  ];
  for (const [name, way, expected] of ways) {
    test(name, async (t) => {
      const broker = secure(t);
      if (!broker) return;
      const [place, login] = await way(broker);
      const full = { ...LOGIN_DEFAULTS, tls: true, ca: broker.authority.certificate, ...login };
      if (!full.tls) full.ca = '';
      const error = await read([place], full, 'cpt-group-refused').then(
        () => assert.fail('it was let in'),
        (error: unknown) => error,
      );
      assert.ok(error instanceof CptError && error.code === 'CPT_KAFKA', String(error));
      const line = error.toLine();
      assert.match(line, expected);
      assert.ok(!line.includes('\n') && line.length < 500, line);
      for (const secret of [USERS.ann, USERS.bob, 'wr0ng-password', 'eyJ'])
        assert.ok(!line.includes(secret), line);
    });
  }
});
