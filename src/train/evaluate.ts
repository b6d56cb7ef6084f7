/** Masked-LM loss and accuracy on held-out text: the same masks every time, so that numbers compare. */
import * as tf from '@tensorflow/tfjs';
import {
  type CompileOptions,
  compile,
  crossEntropy,
  type Feeds,
  type Tensors,
  type Weights,
} from '../engine/index.ts';
import { makeRng } from '../rng.ts';
import type { RobertaConfig } from '../roberta/config.ts';
import { encode, noPlug, type Plug, vocabularyLogits } from '../roberta/model.ts';
import { type MaskOptions, type MlmBatch, maskBatch } from '../text/mask.ts';
import { type BatchShape, mlmSpecs } from './mlm.ts';

export interface Evaluation {
  /** Mean cross-entropy per masked token, in nats. */
  readonly loss: number;
  /** Share of masked tokens whose most probable token is the right one. */
  readonly accuracy: number;
  readonly maskedTokens: number;
}

/** Sums over one batch: cross-entropy, right answers, masked tokens; each a scalar; and the logits [positions, vocabulary]. */
export function evaluationSums(
  config: RobertaConfig,
  weights: Tensors,
  feeds: Tensors,
  plug: Plug,
): Record<string, tf.Tensor> {
  const masked = encode(config, weights, feeds.ids!, feeds.attention!, plug, feeds.positions!);
  const logits = vocabularyLogits(config, weights, masked);
  const right = tf.cast(tf.equal(tf.argMax(logits, -1), feeds.labels!), 'float32');
  return {
    loss: tf.sum(tf.mul(crossEntropy(logits, feeds.labels!), feeds.weights!)),
    right: tf.sum(tf.mul(right, feeds.weights!)),
    count: tf.sum(feeds.weights!),
    logits,
  };
}

const SUMS = ['loss', 'right', 'count'];

/** Batches of held-out blocks with masks that depend on the seed alone. The last is filled up with padding, of which nothing is masked. */
export function heldOutBatches(
  blocks: readonly Int32Array[],
  shape: BatchShape,
  options: Omit<MaskOptions, 'positions'>,
  seed = 'held-out',
): MlmBatch[] {
  const rng = makeRng(seed);
  const batches: MlmBatch[] = [];
  for (let start = 0; start < blocks.length; start += shape.batch) {
    const own = blocks.slice(start, start + shape.batch);
    const empty = new Int32Array(shape.length).fill(options.special.pad);
    const filled = Array.from({ length: shape.batch }, (_, at) => own[at] ?? empty);
    batches.push(maskBatch(filled, { ...options, positions: shape.positions }, rng.fork(start)));
  }
  return batches;
}

export interface Evaluator {
  /**
   * @param extra feeds beside the batch's, masks or parameters for example
   * @param onProbe is given the logits of the first batch [positions, vocabulary], for proofs
   */
  evaluate(
    batches: readonly MlmBatch[],
    extra?: Feeds,
    onProbe?: (logits: Float32Array) => void,
  ): Promise<Evaluation>;
  readonly provider: string;
  dispose(): Promise<void>;
}

/**
 * Compiles an evaluator.
 * @param weights the frozen weights; what is missing in them must come with `extra`, as `params` declares it
 */
export async function compileEvaluator(
  config: RobertaConfig,
  shape: BatchShape,
  weights: Weights,
  params: Readonly<Record<string, readonly number[]>> = {},
  plugOf: (feeds: Tensors) => Plug = () => noPlug,
  options: CompileOptions = {},
): Promise<Evaluator> {
  const specs = { ...mlmSpecs(shape) };
  for (const [name, size] of Object.entries(params)) specs[name] = { shape: size, dtype: 'float32' };
  const program = await compile(
    (feeds, frozen) => evaluationSums(config, { ...frozen, ...feeds }, feeds, plugOf(feeds)),
    specs,
    { lean: true, ...options, weights },
  );
  return {
    async evaluate(batches, extra = {}, onProbe) {
      let loss = 0;
      let right = 0;
      let count = 0;
      for (const [at, batch] of batches.entries()) {
        const probed = at === 0 && onProbe !== undefined;
        const wanted = probed ? [...SUMS, 'logits'] : SUMS;
        const sums = await program.run({ ...mlmFeeds(batch), ...extra }, {}, wanted);
        if (probed) onProbe(sums.logits as Float32Array);
        loss += Number(sums.loss![0]);
        right += Number(sums.right![0]);
        count += Number(sums.count![0]);
      }
      return { loss: loss / Math.max(1, count), accuracy: right / Math.max(1, count), maskedTokens: count };
    },
    provider: program.provider,
    dispose: () => program.dispose(),
  };
}

/** A masked batch as feeds of a compiled function. */
export function mlmFeeds(batch: MlmBatch): Record<string, Int32Array | Float32Array> {
  return {
    ids: batch.inputIds,
    attention: batch.attention,
    positions: batch.positions,
    labels: batch.labels,
    weights: batch.weights,
  };
}
