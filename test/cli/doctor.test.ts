import assert from 'node:assert/strict';
import net from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { test } from 'node:test';
import { dispatch } from '../../src/cli/dispatch.ts';
import { kafkaCheck, memoryCheck, nodeCheck, providerChecks } from '../../src/cli/doctor/checks.ts';
import { diskCheck, portCheck, programCheck } from '../../src/cli/doctor/machine.ts';
import { type Check, checkLine } from '../../src/cli/doctor.ts';
import { fakeHost } from './fake-host.ts';

test('versions, memory', () => {
  assert.equal(nodeCheck('20.0.0').standing, 'ok');
  assert.deepEqual(nodeCheck('18.20.1'), {
    name: 'Node.js',
    standing: 'missing',
    detail: '18.20.1; version 20 or later is needed',
  });
  assert.equal(memoryCheck(8e9, 2).standing, 'ok');
  assert.equal(memoryCheck(1e9, 1).standing, 'note');
});

test('only the processor is needed of the engines; the reason stands beside the others', () => {
  const probe = (name: string, usable: boolean) => ({ name, usable, detail: 'why' });
  assert.deepEqual(providerChecks([probe('cpu', false), probe('cuda', false), probe('webgpu', true)]), [
    { name: 'engine cpu', standing: 'missing', detail: 'not used: why' },
    { name: 'engine cuda', standing: 'note', detail: 'not used: why' },
    { name: 'engine webgpu', standing: 'ok', detail: 'why' },
  ]);
});

test('a broker: by address, Docker, Java, or not at all', () => {
  assert.match(kafkaCheck(null, null, 'b:9092').detail, /b:9092/);
  assert.match(kafkaCheck('openjdk 17', '27.1', undefined).detail, /Docker 27\.1/);
  assert.match(kafkaCheck('openjdk 17', null, '').detail, /openjdk 17/);
  assert.equal(kafkaCheck(null, null, undefined).standing, 'note');
});

test('a port that is taken is missing, a free one is not', async () => {
  const server = net.createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as net.AddressInfo;
  const taken = await portCheck('127.0.0.1', port);
  assert.equal(taken.standing, 'missing');
  assert.match(taken.detail, /EADDRINUSE/);
  await new Promise((resolve) => server.close(resolve));
  assert.equal((await portCheck('127.0.0.1', port)).standing, 'ok');
  assert.equal((await portCheck('127.0.0.1', 'off')).standing, 'ok');
});

test('a folder that does not exist yet is judged by the one it will be made in', async () => {
  const check = await diskCheck('state', path.join(tmpdir(), 'not', 'there', 'yet'));
  assert.notEqual(check.standing, 'missing');
  assert.match(check.detail, /free$/);
});

test('a program that is not here, or fails, is null; else its first line', async () => {
  assert.equal(await programCheck('cpt-no-such-program', [], process.env), null);
  assert.equal(await programCheck(process.execPath, ['-e', 'process.exit(3)'], process.env), null);
  assert.equal(await programCheck(process.execPath, ['--version'], process.env), process.version);
  const onStderr = ['-e', 'console.error("\\nopenjdk 17")'];
  assert.equal(await programCheck(process.execPath, onStderr, process.env), 'openjdk 17');
});

test('doctor ends with 1 where something needed is missing, and says what', async () => {
  const nowhere = path.join(tmpdir(), 'cpt-no-base');
  const host = fakeHost({ env: { PATH: process.env.PATH ?? '' } });
  const status = await dispatch(['doctor', '--json', '--port', 'off', '--base', nowhere], host);
  assert.equal(status, 1);
  const checks = host
    .out()
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Check);
  assert.deepEqual(
    checks.filter(({ standing }) => standing === 'missing').map(({ name }) => name),
    ['base model'],
  );
  assert.ok(checks.some(({ name, standing }) => name === 'engine cpu' && standing === 'ok'));
  assert.ok(checks.some(({ name }) => name === 'engine tfjs-tensorflow'));
});

test('a line for each check', () => {
  assert.equal(
    checkLine({ name: 'Node.js', standing: 'ok', detail: '20.1.0' }),
    'ok       Node.js           20.1.0',
  );
});
