/** Which device is settled on, given what a look at each one found. */
import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import {
  ACCELERATORS,
  type DEVICE_SETTINGS,
  type Device,
  type DeviceProbe,
  oneLine,
  refusal,
  settle,
} from '../../src/engine/index.ts';
import { CptError } from '../../src/errors.ts';

type Found = Partial<Record<Device, Pick<DeviceProbe, 'reason' | 'speed'>>>;

const fast = { reason: null, speed: 12 };
const slow = { reason: null, speed: 0.03 };
const absent = { reason: 'not installed', speed: null };

/** Devices that are not in `found` are absent; those in `broken` fail when they are opened. */
async function settled(
  setting: (typeof DEVICE_SETTINGS)[number],
  found: Found,
  { kept = null, broken = [] }: { kept?: Device | null; broken?: readonly Device[] } = {},
) {
  const probed: Device[] = [];
  const { device, fallbacks } = await settle(
    { setting, kept },
    async (asked) => {
      probed.push(asked);
      return { device: asked, by: '', ...(found[asked] ?? absent) };
    },
    async (asked) => {
      if (broken.includes(asked))
        throw new CptError('CPT_ENGINE', 'wrapped', { cause: new Error('lost\nat x') });
      return asked;
    },
  );
  return { device, fallbacks, probed };
}

test('auto asks cuda, webgpu, tfjs, and ends with the processor', async () => {
  assert.deepEqual(await settled('auto', { cuda: fast, webgpu: fast }), {
    device: 'cuda',
    fallbacks: [],
    probed: ['cuda'],
  });
  assert.deepEqual(await settled('auto', { webgpu: fast }), {
    device: 'webgpu',
    fallbacks: ['cuda: not installed'],
    probed: ['cuda', 'webgpu'],
  });
  assert.deepEqual(await settled('auto', { tfjs: fast, webgpu: slow }), {
    device: 'tfjs',
    fallbacks: [
      'cuda: not installed',
      'webgpu: no accelerator: slower than the processor (0.03 times its speed)',
    ],
    probed: ['cuda', 'webgpu', 'tfjs'],
  });
  const { device, fallbacks } = await settled('auto', {});
  assert.equal(device, 'cpu');
  assert.deepEqual(fallbacks, ['cuda: not installed', 'webgpu: not installed', 'tfjs: not installed']);
});

test('a device that fails when it is opened is passed over by auto, with its reason in one line', async () => {
  const { device, fallbacks } = await settled('auto', { cuda: fast, webgpu: fast }, { broken: ['cuda'] });
  assert.equal(device, 'webgpu');
  assert.deepEqual(fallbacks, ['cuda: lost']);
});

test('a device that is named is taken however slow it is, or is an error', async () => {
  assert.equal((await settled('webgpu', { webgpu: slow, cuda: fast })).device, 'webgpu');
  const expected = { code: 'CPT_DEVICE', message: 'The device cuda cannot be used: not installed.' };
  await assert.rejects(settled('cuda', { webgpu: fast }), expected);
  const lost = { code: 'CPT_DEVICE', message: 'The device cuda cannot be used: lost.' };
  await assert.rejects(settled('cuda', { cuda: fast }, { broken: ['cuda'] }), lost);
  assert.deepEqual(await settled('cpu', { cuda: fast }), { device: 'cpu', fallbacks: [], probed: [] });
});

test("auto keeps a lineage's device, whatever else has come, and says where that is gone", async () => {
  assert.deepEqual(await settled('auto', { cuda: fast }, { kept: 'cpu' }), {
    device: 'cpu',
    fallbacks: [],
    probed: [],
  });
  const kept = await settled('auto', { cuda: fast, webgpu: slow }, { kept: 'webgpu' });
  assert.deepEqual(kept, { device: 'webgpu', fallbacks: [], probed: ['webgpu'] });
  const gone = await settled('auto', {}, { kept: 'webgpu' });
  assert.equal(gone.device, 'cpu');
  assert.equal(gone.fallbacks[0], 'webgpu, on which this lineage was begun: not installed');
  assert.equal((await settled('cuda', { cuda: fast }, { kept: 'cpu' })).device, 'cuda');
});

test('what is wrong with something else than the device is not a reason to try another', async () => {
  const wrong = new CptError('CPT_CONFIG', 'A block is too long.');
  const open = () => Promise.reject(wrong);
  const look = async (device: Device) => ({ device, by: '', ...fast });
  await assert.rejects(settle({ setting: 'auto', kept: null }, look, open), wrong);
  // and what fails on the processor too is told as it is
  const failed = new CptError('CPT_ENGINE', 'It cannot be compiled.');
  await assert.rejects(
    settle({ setting: 'auto', kept: null }, look, () => Promise.reject(failed)),
    failed,
  );
});

test('property: auto takes the first that is clearly faster, and gives a reason for each before it', async () => {
  const speed = fc.option(fc.double({ min: 0.001, max: 1000, noNaN: true }));
  await fc.assert(
    fc.asyncProperty(fc.array(speed, { minLength: 3, maxLength: 3 }), async (speeds) => {
      const found: Found = Object.fromEntries(
        ACCELERATORS.map((device, at) => [
          device,
          speeds[at] === null ? absent : { reason: null, speed: speeds[at]! },
        ]),
      );
      const { device, fallbacks } = await settled('auto', found);
      const first = ACCELERATORS.findIndex((known) => refusal(found[known]!) === null);
      assert.equal(device, ACCELERATORS[first] ?? 'cpu');
      assert.equal(fallbacks.length, first === -1 ? ACCELERATORS.length : first);
    }),
  );
});

test('reasons are brief where a device is simply not there', () => {
  const known = [
    ['Failed to get a WebGPU adapter: No supported adapters', 'no adapter'],
    ['OrtSessionOptionsAppendExecutionProvider_Cuda: Failed to load shared library', 'not installed'],
    ["Cannot find package '@tensorflow/tfjs-node-gpu' imported from /x", 'not installed'],
    ['/onnxruntime_src/onnxruntime/core/a.cc:3 something else\nat y', 'something else'],
  ] as const;
  for (const [text, reason] of known) assert.equal(oneLine(new Error(text)), reason);
});
