/** A pre-trained model as the files that a base consists of. */
import { encodeSafetensors, toFloat16, toFloat32 } from '../../checkpoint/index.ts';
import { CptError } from '../../errors.ts';
import { type RobertaConfig, robertaConfigJson } from '../../roberta/config.ts';
import { publishedNames, robertaShapes } from '../../roberta/weights.ts';
import type { CurvePoint } from '../../train/pretrain.ts';

export interface HalfWeights {
  /** `model.safetensors`. */
  readonly file: Uint8Array;
  /** The values as they are in it: what is measured is what is published. */
  readonly values: Readonly<Record<string, Float32Array>>;
  readonly parameters: number;
}

/** @throws CptError CPT_TRAIN where a weight is missing or does not fit half precision */
export function halfWeights(
  config: RobertaConfig,
  weights: Readonly<Record<string, Float32Array>>,
): HalfWeights {
  const halves: Record<string, ReturnType<typeof toFloat16>> = {};
  const values: Record<string, Float32Array> = {};
  let parameters = 0;
  for (const [name, shape] of Object.entries(robertaShapes(config))) {
    const data = weights[name];
    if (data === undefined) throw new CptError('CPT_TRAIN', `The saved state has no ${name}.`);
    const half = toFloat16(data, shape);
    const back = toFloat32(half);
    if (!back.every(Number.isFinite)) {
      throw new CptError('CPT_TRAIN', `${name} has values that half precision cannot hold.`, {
        hint: 'Train with a lower --learning-rate.',
      });
    }
    halves[name] = half;
    values[name] = back;
    parameters += data.length;
  }
  const named = [...publishedNames(config)].map(([theirs, ours]) => [theirs, halves[ours]!]);
  const tensors: typeof halves = Object.fromEntries(named);
  return { file: encodeSafetensors(tensors, { format: 'pt' }), values, parameters };
}

export function configFile(config: RobertaConfig): string {
  return json({ ...robertaConfigJson(config), torch_dtype: 'float16' });
}

export function curveFile(curve: readonly CurvePoint[]): string {
  const lines = curve.map(({ step, tokens, trainLoss, heldOut, average }) => {
    const mean =
      average === undefined ? {} : { averagedLoss: average.loss, averagedAccuracy: average.accuracy };
    const { loss: heldOutLoss, accuracy: heldOutAccuracy } = heldOut;
    const point = { step, tokens, trainLoss, heldOutLoss, heldOutAccuracy, ...mean };
    return `  ${JSON.stringify(point)}`;
  });
  return `[\n${lines.join(',\n')}\n]\n`;
}

function json(value: unknown): string {
  return `${JSON.stringify(value, null, 2)}\n`;
}
