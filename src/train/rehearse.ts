/** A first step before there is a task: a device that cannot take it shows that at the start. */
import { CptError } from '../errors.ts';
import type { PluginConfig } from '../plugin/config.ts';
import { initialEmbeddings, initialPlugins } from '../plugin/init.ts';
import { emptyMasks, maskFeeds } from '../plugin/mask.ts';
import { makeRng } from '../rng.ts';
import { maskBatch } from '../text/mask.ts';
import type { BaseModel } from './base.ts';
import type { BatchStepper } from './batch-stepper.ts';
import { batchShape } from './mlm.ts';
import type { TaskOptions } from './options.ts';
import { slotOf } from './slots.ts';

/**
 * Runs one step on made-up ids from fresh plugins, which the next `load` replaces.
 * @throws CptError CPT_ENGINE where it fails or is not finite
 */
export async function rehearse(
  stepper: BatchStepper,
  { config: { vocabSize }, tokenizer: { special } }: BaseModel,
  plugin: PluginConfig,
  { batch, length, learningRate }: TaskOptions,
): Promise<void> {
  const rng = makeRng('rehearsal');
  const blocks = Array.from({ length: batch }, (_, block) =>
    Int32Array.from({ length }, (_, at) => ((block * length + at) * 7919) % vocabSize),
  );
  const { positions } = batchShape(batch, length);
  const masked = maskBatch(blocks, { vocabSize, special, positions }, rng.fork('mask'));
  const params = { ...initialPlugins(plugin, rng), ...initialEmbeddings(plugin, rng) };
  stepper.load(Object.fromEntries(Object.entries(params).map(([name, value]) => [name, slotOf(value)])));
  const extra = { ...maskFeeds(emptyMasks(plugin), 'claim'), s: Float32Array.of(1) };
  try {
    await stepper.run(masked, extra, 1, learningRate);
  } catch (cause) {
    if (cause instanceof CptError && cause.code !== 'CPT_DIVERGED') throw cause;
    throw new CptError('CPT_ENGINE', `The first step fails: ${(cause as Error).message}`, { cause });
  }
}
