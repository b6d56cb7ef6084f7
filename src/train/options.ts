/** What can be set about a task. */
import type { DeviceSetting } from '../engine/device.ts';
import type { Precision } from '../engine/index.ts';
import { CptError } from '../errors.ts';
import type { Placement, PluginConfig } from '../plugin/config.ts';
import { maxLength, type RobertaConfig } from '../roberta/config.ts';

export interface TaskOptions {
  /** Peak learning rate of the plugins and task embeddings. */
  readonly learningRate: number;
  /** Times that the domain's text is gone through; masks are drawn anew each time. */
  readonly passes: number;
  /** Fewest and most steps of a task, whatever its size. */
  readonly minSteps: number;
  readonly maxSteps: number;
  /** Blocks in a step. */
  readonly batch: number;
  /** Most blocks in one pass of the compiled graph, a step adds up as many as it needs; 0: by size, see `microBatchFor`. */
  readonly microBatch: number;
  /** What products with the frozen base's matrices are computed in. */
  readonly precision: Precision;
  /** Tokens in a block. */
  readonly length: number;
  /** Final scale of the gate (HAT). */
  readonly sMax: number;
  /** Weight of HAT's sparsity term; 0 is the paper. */
  readonly sparsity: number;
  /** Gradient norm that clipping allows. */
  readonly clip: number;
  /** Share of the steps in which the learning rate rises. */
  readonly warmup: number;
  readonly placement: Placement;
  /** Neurons of a plugin's first layer, as a multiple of the hidden size: after attention, after feed-forward. */
  readonly attentionWidth: number;
  readonly ffnWidth: number;
  /** Least share of a plugin's neurons that a task finds free; where fewer are, the plugin grows. */
  readonly freeShare: number;
  /** Share of a domain's passages kept out of training, and the most blocks of them that are kept for good. */
  readonly heldOut: number;
  readonly heldOutBlocks: number;
  readonly seed: string;
  /** Threads of the engine; 0 for as many as there are cores. */
  readonly threads: number;
  /** What the steps run on; proofs and losses are always taken on the processor. */
  readonly device: DeviceSetting;
}

/**
 * For domains of 300 to 5,000 passages on a small base, tuned on held-out loss: 500 restaurant reviews on the
 * bundled base in the making (5.362 nats), four passes;
 * three keep the first checkpoint of a first run within a minute. Parallel 5.163 at rate 1e-2 and 5.175 at 3e-3, sequential
 * 5.232 at 1e-2. The published setting (RoBERTa-base, corpora of 500 MB and more) is rate 1e-4, one pass, batch 48,
 * length 164.
 */
export const TASK_DEFAULTS: TaskOptions = {
  learningRate: 5e-3,
  passes: 3,
  minSteps: 40,
  maxSteps: 2000,
  batch: 16,
  microBatch: 0,
  precision: 'fp32',
  length: 128,
  sMax: 400,
  sparsity: 0,
  clip: 1,
  warmup: 0.1,
  placement: 'parallel',
  attentionWidth: 1,
  ffnWidth: 1,
  freeShare: 0.5,
  heldOut: 0.1,
  heldOutBlocks: 32,
  seed: '1',
  threads: 0,
  device: 'auto',
};

/** The plugins that these options give a base of this size. */
export function pluginConfigFor(
  base: { readonly hidden: number; readonly layers: number },
  { placement, attentionWidth, ffnWidth }: TaskOptions,
): PluginConfig {
  const width = (share: number) => Math.max(1, Math.round(base.hidden * share));
  return {
    hidden: base.hidden,
    layers: base.layers,
    widths: { attention: width(attentionWidth), ffn: width(ffnWidth) },
    placement,
  };
}

/** @throws CptError CPT_CONFIG where a block is longer than the base has positions for */
export function checkLength(base: RobertaConfig, { length }: TaskOptions): void {
  const most = maxLength(base);
  if (length <= most) return;
  throw new CptError('CPT_CONFIG', `A block of ${length} tokens is too long for this base.`, {
    hint: `Give --length ${most} or less.`,
  });
}
