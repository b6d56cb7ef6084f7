import assert from 'node:assert/strict';
import { test } from 'node:test';
import { printConfig, resolveConfig } from '../../src/config.ts';
import type { SettingFile } from '../../src/edge/setting-file.ts';
import { problemsOf } from './problems.ts';

const FILES: Readonly<Record<string, SettingFile>> = {
  'pw.txt': { text: 's3cret\n', public: false },
  'crlf.txt': { text: 's3cret \r\n', public: false },
  'two.txt': { text: 's3cret\n\n', public: false },
  'open.txt': { text: 's3cret', public: true },
  'empty.txt': { text: '\n', public: false },
  'long.txt': { text: 's3cret'.repeat(20_000), public: false },
  folder: { problem: 'is a folder, not a file' },
  'ca.pem': { text: '-----BEGIN CERTIFICATE-----\n', public: true },
  'key.pem': { text: '-----BEGIN EC PRIVATE KEY-----\n', public: false },
  'open.key': { text: '-----BEGIN ENCRYPTED PRIVATE KEY-----\n', public: true },
};
const readFile = (path: string): SettingFile => FILES[path] ?? { problem: 'does not exist' };

test('a secret in a file: one line end is taken off, the source is what named the file', () => {
  for (const [path, password] of [
    ['pw.txt', 's3cret'],
    ['crlf.txt', 's3cret '],
    ['two.txt', 's3cret\n'],
  ] as const) {
    const resolved = resolveConfig({ env: { CPT_KAFKA_PASSWORD_FILE: path }, readFile });
    assert.equal(resolved.config.kafka.password, password);
    assert.deepEqual(resolved.sources['kafka.password'], {
      kind: 'environment',
      name: 'CPT_KAFKA_PASSWORD_FILE',
    });
    assert.deepEqual(resolved.warnings, []);
    assert.ok(!printConfig(resolved).includes('s3cret'));
  }
  const file = { name: 'f.json', json: { kafka: { passwordFile: 'pw.txt' } } };
  assert.equal(resolveConfig({ file, readFile }).config.kafka.password, 's3cret');
});

test('the stronger source wins, file or not; two of equal strength are a problem', () => {
  const flags = { 'kafka-password-file': 'pw.txt' };
  assert.equal(
    resolveConfig({ flags, env: { CPT_KAFKA_PASSWORD: 'x' }, readFile }).config.kafka.password,
    's3cret',
  );
  const direct = resolveConfig({
    env: { CPT_KAFKA_PASSWORD: 'x' },
    file: { name: 'f.json', json: { kafka: { passwordFile: 'none' } } },
    readFile,
  });
  assert.equal(direct.config.kafka.password, 'x');
  assert.deepEqual(problemsOf({ flags: { ...flags, 'kafka-password': 'x' }, readFile }), [
    'kafka.password: --kafka-password and --kafka-password-file are both set, give one of them',
  ]);
  const file = { name: 'f.json', json: { kafka: { password: 'x', passwordFile: 'pw.txt' } } };
  assert.deepEqual(problemsOf({ file, readFile }), [
    'kafka.password: kafka.password and kafka.passwordFile are both set by f.json, give one of them',
  ]);
});

test('a file that cannot be used is told with the others, and nothing of what it holds', () => {
  const problems = problemsOf({
    flags: {
      'kafka-password-file': 'none.txt',
      'kafka-oauth-client-secret-file': 'long.txt',
      'kafka-key-passphrase-file': 'empty.txt',
      'kafka-tls': true,
      'kafka-ca': 'pw.txt',
      'kafka-certificate': 'folder',
      'kafka-key': 'ca.pem',
    },
    readFile,
  });
  assert.deepEqual(problems, [
    'kafka.ca: "pw.txt" from --kafka-ca; it holds no certificate in PEM (BEGIN CERTIFICATE)',
    'kafka.certificate: "folder" from --kafka-certificate; it is a folder, not a file',
    'kafka.key: "ca.pem" from --kafka-key; it holds no private key in PEM (BEGIN PRIVATE KEY)',
    'kafka.keyPassphraseFile: "empty.txt" from --kafka-key-passphrase-file; it is empty',
    'kafka.passwordFile: "none.txt" from --kafka-password-file; it does not exist',
    'kafka.oauthClientSecretFile: "long.txt" from --kafka-oauth-client-secret-file; it holds no secret: too long, or binary',
  ]);
});

test('what others can read is warned about: files with open permissions, a secret among the arguments', () => {
  const { warnings } = resolveConfig({
    flags: {
      'kafka-tls': true,
      'kafka-certificate': 'ca.pem',
      'kafka-key': 'open.key',
      'kafka-password-file': 'open.txt',
      'kafka-key-passphrase': 'x',
    },
    readFile,
  });
  const open = (path: string) =>
    `Everybody on this machine may read ${path}, which holds a secret: chmod 600 keeps it.`;
  assert.deepEqual(warnings, [
    open('open.key'),
    'Everybody on this machine can read --kafka-key-passphrase in the list of processes; give --kafka-key-passphrase-file or a variable.',
    open('open.txt'),
  ]);
});
