/**
 * One engine in a process of its own: `worker.ts ENGINE SIZE THREADS`. It prints `{"ready": …}`, then answers each
 * number of steps on standard input with the seconds that they took; at the end it prints its peak memory.
 */
import { readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { eager, type Feeds } from '../../src/engine/index.ts';
import { neuronShapes, pluginShapes } from '../../src/plugin/config.ts';
import { robertaShapes } from '../../src/roberta/weights.ts';
import { batchShape } from '../../src/train/mlm.ts';
import { emptySlot, type Slot, Stepper, stepFunction, stepSpecs } from '../../src/train/step.ts';
import { taskStep } from '../../src/train/task-step.ts';
import { SIZES } from '../speed/sizes.ts';

const [engine, sizeName, threads] = process.argv.slice(2) as [string, string, string];
const { config, plugin, tiny, ...full } = SIZES[sizeName]!;
const { batch, length } = engine === 'tfjs-cpu' ? tiny : full;
const shape = batchShape(batch, length);
const say = (message: unknown) => process.stdout.write(`${JSON.stringify(message)}\n`);

/** Small irregular numbers, quickly made. */
function noise(size: number, scale: number): Float32Array {
  const values = new Float32Array(size);
  let state = 12345;
  for (let at = 0; at < size; at++) {
    state = (Math.imul(state, 1664525) + 1013904223) | 0;
    values[at] = (state / 2 ** 31) * scale;
  }
  return values;
}

const sizeOf = (axes: readonly number[]) => axes.reduce((product, axis) => product * axis, 1);
const weights = Object.fromEntries(
  Object.entries(robertaShapes(config)).map(([name, axes]) => {
    const normal = /(LayerNorm|layer_norm)\.weight$/.test(name);
    return [
      name,
      { shape: axes, data: normal ? new Float32Array(sizeOf(axes)).fill(1) : noise(sizeOf(axes), 0.03) },
    ];
  }),
);
const slots: Record<string, Slot> = {};
for (const [name, axes] of Object.entries({ ...pluginShapes(plugin), ...neuronShapes(plugin, 'e') })) {
  slots[name] = { ...emptySlot(sizeOf(axes)), value: noise(sizeOf(axes), axes.length === 2 ? 0.03 : 1) };
}
const half = (size: number) => Float32Array.from({ length: size }, (_, at) => at % 2);
const feeds: Record<string, Feeds[string]> = {
  ids: Int32Array.from({ length: batch * length }, (_, at) => 5 + ((at * 7919) % (config.vocabSize - 5))),
  attention: new Float32Array(batch * length).fill(1),
  positions: Int32Array.from({ length: shape.positions }, (_, at) => Math.floor(at / 0.15)),
  labels: Int32Array.from(
    { length: shape.positions },
    (_, at) => 5 + ((at * 104729) % (config.vocabSize - 5)),
  ),
  weights: new Float32Array(shape.positions).fill(1),
  s: Float32Array.of(10),
};
for (const [name, [size]] of Object.entries(neuronShapes(plugin, 'claim'))) feeds[name] = half(size!);

const definition = taskStep(config, plugin, shape, weights);
const start = performance.now();
const step = engine === 'compiled' ? await compiled() : await direct();
let count = 0;
await step(++count);
say({ ready: (performance.now() - start) / 1000, tokens: batch * length });

for await (const line of createInterface({ input: process.stdin })) {
  const began = performance.now();
  for (let left = Number(line); left > 0; left--) await step(++count);
  say({ seconds: (performance.now() - began) / 1000 });
}
const peak = Number(/VmHWM:\s+(\d+)/.exec(readFileSync('/proc/self/status', 'utf8'))![1]) / 1024 ** 2;
say({ peak });
process.exit(0);

async function compiled(): Promise<(count: number) => Promise<unknown>> {
  const stepper = await Stepper.compile(definition, slots, { threads: Number(threads) });
  return (at) => stepper.run(feeds, at, 1e-4);
}

async function direct(): Promise<(count: number) => Promise<unknown>> {
  const program = await eager(stepFunction(definition), stepSpecs(definition), { weights });
  const inputs = { ...feeds };
  for (const name of ['learningRate', 'correction1', 'correction2']) inputs[name] = Float32Array.of(1e-4);
  for (const [name, slot] of Object.entries(slots)) {
    for (const kind of ['value', 'first', 'second'] as const) inputs[`${kind}:${name}`] = slot[kind];
  }
  return () => program.run(inputs);
}
