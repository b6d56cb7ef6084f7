/** Writes a pre-trained model's files and measures the weights as they are written. */
import path from 'node:path';
import { writeAtomic } from '../../edge/files.ts';
import type { CompileOptions } from '../../engine/index.ts';
import type { RobertaConfig } from '../../roberta/config.ts';
import { shapedWeights } from '../../roberta/weights.ts';
import type { SpecialTokens } from '../../text/tokenizer.ts';
import { compileEvaluator, type Evaluation, heldOutBatches } from '../../train/evaluate.ts';
import { batchShape, MASK_RATE } from '../../train/mlm.ts';
import { blocksOf, type PretrainState } from '../../train/pretrain.ts';
import { type BaseCard, baseCard } from './card.ts';
import { configFile, curveFile, halfWeights } from './export.ts';

export interface Publication {
  readonly out: string;
  readonly state: PretrainState;
  readonly config: RobertaConfig;
  /** The tokenizer's files by name. */
  readonly tokenizer: Readonly<Record<string, string>>;
  readonly special: SpecialTokens;
  /** All of it is measured on; null measures nothing. */
  readonly heldOut: Uint16Array | null;
  readonly card: Omit<BaseCard, 'config' | 'parameters' | 'step' | 'curve' | 'evaluation'>;
  readonly compile: CompileOptions;
}

/** @throws CptError CPT_TRAIN, CPT_DISK_FULL */
export async function publish(publication: Publication): Promise<Evaluation | null> {
  const { out, state, config, tokenizer, heldOut, card } = publication;
  const weights = Object.fromEntries(Object.entries(state.slots).map(([name, { value }]) => [name, value]));
  const { file, values, parameters } = halfWeights(config, weights);
  const evaluation = heldOut === null ? null : await measure(publication, values, heldOut);
  const { step, curve } = state;
  const files: Record<string, Uint8Array | string> = {
    ...tokenizer,
    'config.json': configFile(config),
    'curve.json': curveFile(curve),
    'README.md': baseCard({ ...card, config, parameters, step, curve, evaluation }),
    'model.safetensors': file, // last: a folder with weights is complete
  };
  for (const [name, content] of Object.entries(files)) {
    await writeAtomic(path.join(out, name), [Buffer.from(content)]);
  }
  return evaluation;
}

async function measure(
  { config, special, card: { plan }, compile }: Publication,
  values: Readonly<Record<string, Float32Array>>,
  heldOut: Uint16Array,
): Promise<Evaluation> {
  const { batch, length } = plan;
  const shape = batchShape(batch, length);
  const weights = shapedWeights(config, values);
  const blocks = blocksOf(heldOut, length, special);
  const masking = { vocabSize: config.vocabSize, special, rate: MASK_RATE };
  const evaluator = await compileEvaluator(config, shape, weights, {}, undefined, compile);
  try {
    return await evaluator.evaluate(heldOutBatches(blocks, shape, masking));
  } finally {
    await evaluator.dispose();
  }
}
