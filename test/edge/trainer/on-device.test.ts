/** A lineage's device outlives the process. */
import assert from 'node:assert/strict';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { beforeEach, test } from 'node:test';
import { onDevice, readDevice } from '../../../src/edge/trainer/on-device.ts';
import type { Device, DeviceProbe, DeviceSetting } from '../../../src/engine/index.ts';

let folder: string;
beforeEach(() => {
  folder = path.join(fs.mkdtempSync(path.join(os.tmpdir(), 'cpt-device-')), 'lineage');
});

const looking =
  (usable: readonly Device[]) =>
  async (devices: readonly Device[]): Promise<DeviceProbe[]> =>
    devices.map((device) => {
      const here = usable.includes(device);
      return { device, by: '', reason: here ? null : 'no adapter', speed: here ? 9 : null };
    });

async function start(setting: DeviceSetting, usable: readonly Device[]) {
  const { device, opened, fallbacks } = await onDevice(
    folder,
    setting,
    async (on) => `opened on ${on}`,
    looking(usable),
  );
  assert.equal(opened, `opened on ${device}`);
  return { device, fallbacks };
}

test('what auto settled on at the start is kept after a restart', async () => {
  assert.equal((await start('auto', ['webgpu'])).device, 'webgpu');
  assert.equal(readDevice(folder), 'webgpu');
  assert.deepEqual(await start('auto', ['cuda', 'webgpu']), { device: 'webgpu', fallbacks: [] });
});

test('a device that is gone for once is passed over visibly and not forgotten', async () => {
  await start('auto', ['webgpu']);
  const { device, fallbacks } = await start('auto', []);
  assert.equal(device, 'cpu');
  assert.match(fallbacks[0]!, /^webgpu, on which this lineage was begun: no adapter$/);
  assert.deepEqual(await start('auto', ['webgpu']), { device: 'webgpu', fallbacks: [] });
});

test('a device that is named becomes the own one; one that cannot be used leaves nothing behind', async () => {
  await assert.rejects(start('webgpu', []), { code: 'CPT_DEVICE' });
  assert.equal(readDevice(folder), null);
  await start('auto', []);
  assert.equal(readDevice(folder), 'cpu');
  await start('webgpu', ['webgpu']);
  assert.equal((await start('auto', ['cuda', 'webgpu'])).device, 'webgpu');
});

test('a lineage from before there were devices stays on the processor, and a damaged note is an error', async () => {
  fs.mkdirSync(folder, { recursive: true });
  fs.writeFileSync(path.join(folder, '000001.safetensors'), '');
  assert.deepEqual(await start('auto', ['cuda']), { device: 'cpu', fallbacks: [] });
  for (const text of ['', '{"device":"auto"}', '{"device":"toString"}', 'null', '{']) {
    fs.writeFileSync(path.join(folder, 'device.json'), text);
    assert.throws(() => readDevice(folder), { code: 'CPT_STATE' }, text);
  }
});
