/** Values that stay where they were computed; tfjs's cpu backend stands for a device. */
import assert from 'node:assert/strict';
import test from 'node:test';
import * as tf from '@tensorflow/tfjs';
import { DeviceMemory, open, type TensorFunction } from '../../src/engine/index.ts';

const twice: TensorFunction = ({ x }) => ({ y: tf.mul(x!, 2), sum: tf.sum(x!) });
const specs = { x: { shape: [2], dtype: 'float32' } } as const;

async function opened() {
  const memory = new DeviceMemory();
  const resident = { memory, outputs: ['y'] };
  const program = await open(twice, specs, { device: 'tfjs', backend: 'cpu', resident });
  return { memory, program };
}

test('an output stays on the device, is fed again without a copy, and comes back when it is read', async () => {
  const { memory, program } = await opened();
  const [a, b] = [Float32Array.of(1, 2), new Float32Array(2)];
  const first = await program.run({ x: a }, { y: b });
  assert.equal(first.y, b);
  assert.deepEqual([...first.sum!], [3]); // what is not resident is here at once
  assert.deepEqual([...b], [0, 0], 'it was copied');
  const second = await program.run({ x: b }, { y: a });
  assert.deepEqual([...second.sum!], [6]);
  await memory.read([a, b]);
  assert.deepEqual([...a, ...b], [4, 8, 2, 4]);
  a[0] = 100; // the host's again: what it writes counts
  assert.deepEqual([...(await program.run({ x: a })).sum!], [108]);
  await program.dispose();
});

test('what is forgotten is the host array as it was, and nothing is left on the device', async () => {
  const before = tf.memory().numTensors;
  const { memory, program } = await opened();
  const [a, b] = [Float32Array.of(1, 2), Float32Array.of(5, 5)];
  for (let run = 0; run < 5; run++) await program.run({ x: a }, { y: b });
  memory.forget([b]);
  assert.deepEqual([...(await program.run({ x: b })).sum!], [10]);
  memory.dispose();
  await program.dispose();
  assert.equal(tf.memory().numTensors, before);
});
