/**
 * Steps of RoBERTa-base sizes with random weights in a process of its own, which also holds the evaluator, as a trainer
 * does: `worker.ts BATCH LENGTH MICRO STEPS THREADS`. MICRO 0 leaves the choice to the program. Prints one line of JSON.
 */
import { readFileSync } from 'node:fs';
import { neuronShapes, pluginShapes } from '../../src/plugin/config.ts';
import { makeRng } from '../../src/rng.ts';
import { robertaShapes } from '../../src/roberta/weights.ts';
import { maskBatch } from '../../src/text/mask.ts';
import { openBatchStepper } from '../../src/train/batch-stepper.ts';
import { openLineageEvaluator } from '../../src/train/measure-lineage.ts';
import { microBatchFor } from '../../src/train/micro-batch.ts';
import { batchShape } from '../../src/train/mlm.ts';
import { emptySlot, type Slot } from '../../src/train/slots.ts';
import { taskStep } from '../../src/train/task-step.ts';
import { SIZES } from '../speed/sizes.ts';
import { noise } from '../speed/task.ts';

const [batch, length, wanted, steps, threads] = process.argv.slice(2).map(Number) as [
  number,
  number,
  number,
  number,
  number,
];
const { config, plugin } = SIZES.base!;
const special = { bos: 0, pad: 1, eos: 2, unk: 3, mask: 4 };

/** Bytes, from a line of the kernel's account of this process. */
function memory(line: 'VmHWM' | 'VmRSS'): number {
  const status = readFileSync('/proc/self/status', 'utf8');
  return Number(new RegExp(`${line}:\\s+(\\d+)`).exec(status)![1]) * 1024;
}

const sizeOf = (axes: readonly number[]) => axes.reduce((product, axis) => product * axis, 1);
const weights = Object.fromEntries(
  Object.entries(robertaShapes(config)).map(([name, axes]) => {
    const normal = /(LayerNorm|layer_norm)\.weight$/.test(name);
    const data = normal ? new Float32Array(sizeOf(axes)).fill(1) : noise(sizeOf(axes), 0.03);
    return [name, { shape: axes, data }];
  }),
);
const slots: Record<string, Slot> = {};
for (const [name, axes] of Object.entries({ ...pluginShapes(plugin), ...neuronShapes(plugin, 'e') })) {
  slots[name] = { ...emptySlot(sizeOf(axes)), value: noise(sizeOf(axes), axes.length === 2 ? 0.03 : 1) };
}
const extra: Record<string, Float32Array> = { s: Float32Array.of(10) };
for (const [name, [size]] of Object.entries(neuronShapes(plugin, 'claim'))) {
  extra[name] = Float32Array.from({ length: size! }, (_, at) => at % 2);
}
const rng = makeRng('memory');
const blocks = Array.from({ length: batch }, () =>
  Int32Array.from({ length }, () => 5 + rng.int(config.vocabSize - 5)),
);
const shape = batchShape(batch, length);
const masked = maskBatch(blocks, { positions: shape.positions, vocabSize: config.vocabSize, special }, rng);

const microBatch = microBatchFor(config, { batch, length, microBatch: wanted });
const begun = performance.now();
const stepper = await openBatchStepper(
  (of) => taskStep(config, plugin, of, weights),
  slots,
  { shape, microBatch, pad: special.pad },
  { threads },
);
const values = Object.fromEntries(Object.entries(weights).map(([name, { data }]) => [name, data]));
const tokenizer = {
  special,
  vocabSize: config.vocabSize,
  encodeBatch: async () => [],
  placeBatch: async () => [],
  decode: async () => '',
};
const evaluator = await openLineageEvaluator(
  { config, weights: values, tokenizer },
  plugin,
  { length },
  { threads },
);
const setUp = (performance.now() - begun) / 1000;
const before = memory('VmRSS');
const losses: number[] = [];
const seconds: number[] = [];
for (let step = 1; step <= steps; step++) {
  const since = performance.now();
  losses.push((await stepper.run(masked, extra, step, 1e-4)).loss);
  seconds.push((performance.now() - since) / 1000);
}
const stepped = memory('VmHWM');
await evaluator.evaluateBase(evaluator.batches(blocks.slice(0, 16)));
const result = {
  microBatch: stepper.microBatch,
  setUp,
  seconds,
  losses,
  before,
  stepped,
  peak: memory('VmHWM'),
};
process.stdout.write(`${JSON.stringify(result)}\n`);
process.exit(0);
