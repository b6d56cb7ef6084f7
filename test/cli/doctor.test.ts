import assert from 'node:assert/strict';
import net from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { test } from 'node:test';
import { dispatch } from '../../src/cli/dispatch.ts';
import { deviceChecks, kafkaCheck, memoryCheck, nodeCheck } from '../../src/cli/doctor/checks.ts';
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

test('only the processor is needed; the reason stands beside the others, and what auto takes', () => {
  const by = 'onnxruntime 1.30.0';
  const none = { by, reason: 'no adapter', speed: null };
  assert.deepEqual(
    deviceChecks([
      { device: 'cpu', by, reason: null, speed: 1 },
      { device: 'cuda', ...none },
      { device: 'webgpu', by, reason: null, speed: 0.03 },
      { device: 'tfjs', by: 'tfjs 4.22.0', reason: null, speed: 7 },
    ]),
    [
      { name: 'device cpu', standing: 'ok', detail: by },
      { name: 'device cuda', standing: 'note', detail: 'not used: no adapter' },
      {
        name: 'device webgpu',
        standing: 'note',
        detail: `${by}; not used by auto: no accelerator: slower than the processor (0.03 times its speed)`,
      },
      { name: 'device tfjs', standing: 'ok', detail: 'tfjs 4.22.0, 7.0 times the speed of the processor' },
      { name: '--device auto', standing: 'ok', detail: 'a new lineage trains on tfjs' },
    ],
  );
  const broken = deviceChecks([
    { device: 'cpu', ...none },
    { device: 'webgpu', ...none },
  ]);
  assert.equal(broken[0]!.standing, 'missing');
  assert.equal(broken.at(-1)!.detail, 'a new lineage trains on cpu');
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
  assert.ok(checks.some(({ name, standing }) => name === 'device cpu' && standing === 'ok'));
  assert.ok(checks.some(({ name }) => name === 'device tfjs'));
});

test('a line for each check', () => {
  assert.equal(
    checkLine({ name: 'Node.js', standing: 'ok', detail: '20.1.0' }),
    'ok       Node.js           20.1.0',
  );
});
