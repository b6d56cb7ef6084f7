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
import { dispatch } from '../../../src/cli/dispatch.ts';
import { kafkaChecks } from '../../../src/cli/doctor/kafka.ts';
import { CONFIG_DEFAULTS, type Config } from '../../../src/config.ts';
import { securityOf } from '../../../src/edge/kafka/connection.ts';
import { openKafkaFeed } from '../../../src/edge/kafka/feed.ts';
import { type KafkaLogin, LOGIN_DEFAULTS } from '../../../src/edge/kafka/login-options.ts';
import { openKafkaPublisher } from '../../../src/edge/kafka/publisher.ts';
import { CptError } from '../../../src/errors.ts';
import { fakeHost } from '../../cli/fake-host.ts';

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

describe('a broker that wants proof of who comes', { concurrency: 2 }, () => {
  describe('each way to log in reads a feed and publishes events', { concurrency: 6 }, () => {
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
    assert.deepEqual(await read([broker.at('SASL_SSL')], login, 'cpt-group-endpoint'), [
      'one',
      'two',
      'three',
    ]);
    assert.deepEqual(asked, [`POST Basic ${Buffer.from('cpt:s3cret').toString('base64')}`]); // once, then kept
  });

  describe('each way to be turned away is one line that says what to do', { concurrency: 6 }, () => {
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

  describe('cpt doctor', { concurrency: 6 }, () => {
    /** `standing name` and the detail of each check, for a feed and events at one place. */
    async function look(
      place: string,
      login: Partial<KafkaLogin>,
      more: Partial<Config> = {},
    ): Promise<string[]> {
      const config: Config = {
        ...CONFIG_DEFAULTS,
        lineage: 'x',
        feed: `kafka://${place}/${TOPIC}?group=cpt-group-doctor`,
        kafka: { ...LOGIN_DEFAULTS, tls: true, ca: broker?.authority.certificate ?? '', ...login },
        ...more,
      };
      const lines: string[] = [];
      for await (const { name, standing, detail } of kafkaChecks(config, Date.now())) {
        lines.push(
          `${standing} ${name}: ${detail.replace(/localhost:\d+/g, 'HOST').replace(/in [\d,]+ ms/, 'in N ms')}`,
        );
      }
      return lines;
    }

    test('all is well: reached, certificate, topic, group, clock; topics of events that a run would make', async (t) => {
      const broker = secure(t);
      if (!broker) return;
      const place = broker.at('SASL_SSL');
      const ann = { mechanism: 'scram-sha-512', username: 'ann', password: USERS.ann } as const;
      assert.deepEqual(await look(place, ann, { events: `kafka://${place}` }), [
        'ok feed brokers: HOST in N ms: 1 broker, TLS, scram-sha-512 accepted',
        'note certificate: HOST: valid for 0 days more; renew it',
        `ok feed topic: ${TOPIC}: 1 partition, may describe and read`,
        'ok feed group: cpt-group-doctor: may read',
        `ok clock: ${TOPIC} holds no record from the future`,
        'ok events brokers: HOST in N ms: 1 broker, TLS, scram-sha-512 accepted',
        'note certificate: HOST: valid for 0 days more; renew it',
        'missing event topic: cpt.checkpoints: does not exist, or this client may not know it: create it, grant Describe',
        'missing event topic: cpt.events: does not exist, or this client may not know it: create it, grant Describe',
      ]);
      const all = await look(broker.at('TLS'), {}, { events: `kafka://${broker.at('TLS')}` });
      assert.equal(all.at(-1), 'ok event topic: cpt.events: does not exist, the first run makes it');
    });

    test('rights that lack, each by name; what is not there; a login that is refused', async (t) => {
      const broker = secure(t);
      if (!broker) return;
      const place = broker.at('SASL_SSL');
      const bob = { mechanism: 'plain', username: 'bob', password: USERS.bob } as const;
      assert.equal(
        (await look(place, bob)).at(-1),
        `missing feed topic: ${TOPIC}: 1 partition, may not read: grant it to this client`,
      );
      const { certificate, key } = await broker.authority.issue('eve', { file: 'eve2' });
      const eve = await look(broker.at('MUTUAL'), { certificate, key });
      assert.match(eve[0]!, /^note own certificate: .*valid for 0 days/);
      assert.match(eve.find((line) => line.includes('feed group'))!, /^missing .*Grant Read on the group/);
      const absent = await look(place, bob, { feed: `kafka://${place}/cpt-absent` });
      assert.match(absent.at(-1)!, /^missing feed topic: cpt-absent: does not exist, or/);
      const wrong = await look(place, { ...bob, password: 'wr0ng-password' });
      assert.deepEqual(wrong.length, 1);
      assert.match(
        wrong[0]!,
        /^missing feed brokers: CPT_KAFKA: Connecting to HOST failed: the broker refuses the login/,
      );
    });
  });

  test('whatever goes wrong, no secret is in what the program prints', async (t) => {
    const broker = secure(t);
    if (!broker) return;
    const secret = 'S3cret-Never-Shown';
    const server = createServer((request, response) => {
      request.resume();
      response.writeHead(401).end(JSON.stringify({ error: 'invalid_client', error_description: secret }));
    }).listen(0, '127.0.0.1');
    t.after(() => server.close());
    await once(server, 'listening');
    const place = broker.at('SASL_SSL');
    const { certificate } = broker.authority;
    const path = await file('secret', `${secret}\n`);
    const { key } = await broker.authority.issue('ann', { passphrase: 'another one', file: 'ann3' });
    const oauth = ['--kafka-mechanism', 'oauthbearer', '--kafka-oauth-client-id', 'cpt'];
    const endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
    const ways: [args: string[], env: Record<string, string>][] = [
      ...['plain', 'scram-sha-256', 'scram-sha-512'].map((mechanism): (typeof ways)[number] => [
        ['--kafka-mechanism', mechanism, '--kafka-username', 'ann', '--kafka-password-file', path],
        {},
      ]),
      [['--kafka-mechanism', 'plain', '--kafka-username', 'ann', '--kafka-password', secret], {}],
      [['--kafka-mechanism', 'oauthbearer', '--kafka-token-file', path], {}],
      [[...oauth, '--kafka-token-endpoint', endpoint], { CPT_KAFKA_OAUTH_CLIENT_SECRET: secret }],
      [[...oauth, '--kafka-token-endpoint', `https://id:${secret}@login.example/`], {}],
      [['--kafka-certificate', certificate, '--kafka-key', key], { CPT_KAFKA_KEY_PASSPHRASE_FILE: path }],
      [['--kafka-mechanism', 'plain', '--kafka-password', secret, '--events', `kafka://a:${secret}@b:1`], {}],
    ];

    const common = ['--kafka-tls', '--kafka-ca', certificate, '--feed', `kafka://${place}/${TOPIC}`];
    const tried = ways.map(async ([args, env], at) => {
      for (const rest of [
        ['--port', 'off', '--out', join(folder, 'out'), '--log-level', 'trace'],
        ['--print-config'],
      ]) {
        const host = fakeHost({ env: { ...env, CPT_DEBUG: '1' } });
        const status = await dispatch(
          ['run', ...common, '--state', join(folder, `state${at}`), ...args, ...rest],
          host,
        );
        const printed = host.out() + host.err();
        assert.ok(printed.length > 50);
        if (rest.length > 1) assert.equal(status, 1, args.join(' '));
        for (const text of [
          secret,
          Buffer.from(secret).toString('base64').slice(0, -4),
          encodeURIComponent(secret),
        ]) {
          assert.ok(!printed.includes(text), `${args.join(' ')}: ${printed}`);
        }
      }
    });
    await Promise.all(tried);
  });
});
