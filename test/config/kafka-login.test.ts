import assert from 'node:assert/strict';
import { test } from 'node:test';
import { resolveConfig } from '../../src/config.ts';
import { problemsOf } from './problems.ts';

const readFile = () => ({ text: '-----BEGIN CERTIFICATE-----\n-----BEGIN PRIVATE KEY-----', public: false });
const far = { feed: 'kafka://broker.example:9092,localhost:1/t' };
const login = { 'kafka-username': 'ann', 'kafka-password': 'pw' };

test('what a way to log in needs, and what has no effect', () => {
  const cases: [Record<string, string | boolean>, string[]][] = [
    [
      { 'kafka-mechanism': 'oauthbearer' },
      ['kafka.mechanism: oauthbearer; it needs kafka.tokenFile or kafka.tokenEndpoint'],
    ],
    [
      { 'kafka-mechanism': 'oauthbearer', 'kafka-token-endpoint': 'https://login.example/token' },
      ['kafka.tokenEndpoint: it needs kafka.oauthClientId and kafka.oauthClientSecret'],
    ],
    [
      {
        'kafka-mechanism': 'oauthbearer',
        'kafka-token-endpoint': 'https://login.example/',
        'kafka-token-file': 't',
      },
      ['kafka.tokenFile: a token comes from there or from kafka.tokenEndpoint, give one of them'],
    ],
    [{ 'kafka-ca': 'ca.pem' }, ['kafka.ca: ca.pem; it has no effect without kafka.tls']],
    [{ 'kafka-tls': true, 'kafka-certificate': 'c.pem' }, ['kafka.certificate: c.pem; it needs kafka.key']],
    [{ 'kafka-tls': true, 'kafka-key': 'k.pem' }, ['kafka.key: k.pem; it needs kafka.certificate']],
  ];
  for (const [flags, problems] of cases) assert.deepEqual(problemsOf({ flags, readFile }), problems);
});

test('a token endpoint is https, or this machine, and holds no credentials', () => {
  for (const [url, why] of [
    ['http://login.example/token', /must begin with https/],
    ['https://id:s3cret@login.example/token', /credentials go into/],
    ['login.example', /no URL/],
    ['https://login.example/#x', /fragment/],
    ['ftp://localhost/', /must begin with https/],
  ] as const) {
    const [problem, ...others] = problemsOf({ flags: { 'kafka-token-endpoint': url } });
    assert.match(problem!, why);
    assert.ok(!problem!.includes('s3cret'));
    assert.deepEqual(others, []);
  }
  for (const url of [
    'http://127.0.0.1:8080/token',
    'http://[::1]/t',
    'http://localhost/t',
    'https://a.example/t',
  ]) {
    assert.equal(resolveConfig({ flags: { 'kafka-token-endpoint': url } }).config.kafka.tokenEndpoint, url);
  }
});

test('credentials that others could use never go unencrypted to another machine; SCRAM is warned about', () => {
  const at = (mechanism: string, more = {}) => ({
    flags: { ...far, ...login, 'kafka-mechanism': mechanism, ...more },
  });
  assert.deepEqual(problemsOf(at('plain')), [
    'kafka.mechanism: plain; without kafka.tls everybody on the way to broker.example can read the credentials: set kafka.tls, or use scram-sha-512',
  ]);
  assert.equal(problemsOf({ ...at('oauthbearer', { 'kafka-token-file': 't' }), readFile }).length, 1);
  const events = { feed: 'kafka://localhost:1/t', events: 'kafka://10.0.0.7:9092' };
  assert.match(problemsOf(at('plain', events))[0]!, /10\.0\.0\.7/);
  const letters = { feed: 'kafka://localhost:1/t', 'dead-letters': 'kafka://10.0.0.8:9092/t' };
  assert.match(problemsOf(at('plain', letters))[0]!, /10\.0\.0\.8/);
  const exposed = (given: ReturnType<typeof at>) =>
    resolveConfig(given).warnings.filter((warning) => warning.startsWith('Without kafka.tls'));
  assert.equal(exposed(at('scram-sha-256')).length, 1);
  assert.deepEqual(exposed(at('plain', { 'kafka-tls': true })), []);
  assert.deepEqual(exposed(at('plain', { feed: 'kafka://127.0.0.1:1,[::1]:2/t' })), []);
  assert.deepEqual(exposed({ flags: far } as ReturnType<typeof at>), []);
});
