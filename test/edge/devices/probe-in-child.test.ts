import assert from 'node:assert/strict';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { checkDevice, probeInChild } from '../../../src/edge/devices/probe-in-child.ts';

test('a driver that ends the process is the reason of its own device only', async () => {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'cpt-probe-'));
  const child = path.join(folder, 'child.mjs');
  fs.writeFileSync(
    child,
    `for (const device of process.argv.slice(2)) {
      if (device === 'webgpu') process.abort();
      await new Promise((sent) => process.send({ device, by: 'test', reason: null, speed: 3 }, sent));
    }
    process.disconnect();`,
  );
  assert.deepEqual(await probeInChild(['cuda', 'webgpu', 'tfjs'], pathToFileURL(child)), [
    { device: 'cuda', by: 'test', reason: null, speed: 3 },
    { device: 'webgpu', by: '', reason: 'it ends the process that tries it (SIGABRT)', speed: null },
    { device: 'tfjs', by: 'test', reason: null, speed: 3 },
  ]);
});

test('the processor is checked by nobody; the probe of it answers from a child', async () => {
  await checkDevice('cpu');
  await checkDevice('auto');
  const [cpu] = await probeInChild(['cpu']);
  assert.equal(cpu!.reason, null);
  assert.equal(cpu!.speed, 1);
});
