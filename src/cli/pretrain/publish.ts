/** Writes a pre-trained model's files, of the weights or their average, whichever is better on held-out text. */
import path from 'node:path';
import { writeAtomic } from '../../edge/files.ts';
import type { CompileOptions } from '../../engine/index.ts';
import { CptError } from '../../errors.ts';
import type { RobertaConfig } from '../../roberta/config.ts';
import type { TokenIds } from '../../text/corpus.ts';
import type { SpecialTokens } from '../../text/tokenizer.ts';
import { compileEvaluator, type Evaluation, type Evaluator, heldOutBatches } from '../../train/evaluate.ts';
import { MASK_RATE } from '../../train/mlm.ts';
import { evaluationShape, valuesOf } from '../../train/pretrain.ts';
import { trainedShapes } from '../../train/pretrain-step.ts';
import { blocksOf } from '../../train/token-stream.ts';
import { baseCard } from './card.ts';
import { configFile, curveFile, type HalfWeights, halfWeights } from './export.ts';
import type { SavedState } from './state-folder.ts';

/** Text that is only measured on. */
export interface HeldOut {
  /** How a person would name it. */
  readonly name: string;
  readonly tokens: TokenIds;
}

export interface Publication {
  readonly out: string;
  readonly state: SavedState;
  /** What stands beside the weights: the tokenizer's files and the like, by name. */
  readonly files: Readonly<Record<string, string>>;
  readonly special: SpecialTokens;
  /** All of each is measured on; the first one decides between weights and average. */
  readonly heldOut: readonly HeldOut[];
  readonly version: string;
  readonly compile: CompileOptions;
}

export interface Measured extends Evaluation {
  readonly name: string;
}

export interface Published {
  readonly averaged: boolean;
  /** Of the weights as they are published, in half precision, on each held-out text. */
  readonly measured: readonly Measured[];
  /** Loss of the other candidate on the first text, where there is one. */
  readonly otherLoss: number | null;
}

/** @throws CptError CPT_FEED where a text does not fill one block: a loss on nothing would be 0 */
export function checkHeldOut(texts: readonly HeldOut[], config: RobertaConfig): void {
  const least = evaluationShape(config).length - 2;
  for (const { name, tokens } of texts) {
    if (tokens.length >= least) continue;
    throw new CptError('CPT_FEED', `There are ${tokens.length} tokens to measure on: ${name}.`, {
      hint: `Give a --held-out file of ${least} tokens or more.`,
    });
  }
}

/** @throws CptError CPT_TRAIN, CPT_DISK_FULL */
export async function publish(publication: Publication): Promise<Published> {
  const { out, state, files, version } = publication;
  const { chosen, ...published } = await choose(publication);
  const { file, parameters } = chosen;
  const content: Record<string, Uint8Array | string> = {
    ...files,
    'config.json': configFile(state.config),
    'curve.json': curveFile(state.curve),
    'README.md': baseCard({ state, parameters, published, version }),
    'model.safetensors': file, // last: a folder with weights is complete
  };
  for (const [name, bytes] of Object.entries(content)) {
    await writeAtomic(path.join(out, name), [Buffer.from(bytes)]);
  }
  return published;
}

async function choose(publication: Publication): Promise<Published & { readonly chosen: HalfWeights }> {
  const { state, special, heldOut, compile } = publication;
  const { config, average, slots } = state;
  const raw = valuesOf(slots);
  const candidates = [halfWeights(config, raw)];
  if (average !== null) candidates.push(halfWeights(config, { ...raw, ...average }));
  const [first] = heldOut;
  if (first === undefined) {
    const at = candidates.length > 1 && averageWasBetter(state) ? 1 : 0;
    return { chosen: candidates[at]!, averaged: at === 1, measured: [], otherLoss: null };
  }
  const shape = evaluationShape(config);
  const evaluator = await compileEvaluator(
    config,
    shape,
    {},
    trainedShapes(config, 'all'),
    undefined,
    compile,
  );
  try {
    const masking = { vocabSize: config.vocabSize, special, rate: MASK_RATE };
    const batchesOf = ({ tokens }: HeldOut) =>
      heldOutBatches(blocksOf(tokens, shape.length, special), shape, masking);
    const losses = await measureAll(evaluator, candidates, batchesOf(first));
    const averaged = losses.length > 1 && losses[1]!.loss < losses[0]!.loss;
    const at = averaged ? 1 : 0;
    const measured: Measured[] = [{ name: first.name, ...losses[at]! }];
    for (const text of heldOut.slice(1)) {
      const evaluation = await evaluator.evaluate(batchesOf(text), candidates[at]!.values);
      measured.push({ name: text.name, ...evaluation });
    }
    return { chosen: candidates[at]!, averaged, measured, otherLoss: losses[1 - at]?.loss ?? null };
  } finally {
    await evaluator.dispose();
  }
}

async function measureAll(
  evaluator: Evaluator,
  candidates: readonly HalfWeights[],
  batches: ReturnType<typeof heldOutBatches>,
): Promise<Evaluation[]> {
  const results: Evaluation[] = [];
  for (const { values } of candidates) results.push(await evaluator.evaluate(batches, values));
  return results;
}

/** By what was measured last while training. */
function averageWasBetter({ curve }: SavedState): boolean {
  const point = curve.at(-1);
  return point?.average !== undefined && point.average.loss < point.heldOut.loss;
}
