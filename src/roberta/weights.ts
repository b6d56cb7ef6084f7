/**
 * Names and shapes of the weights of a RoBERTa-like encoder with its masked-LM head, and their random initialisation.
 * In memory the weights of every family have the names of RoBERTa's; see `publishedName` for those in files.
 */
import type { Rng } from '../rng.ts';
import { firstPosition, type RobertaConfig } from './config.ts';
import { DECODER_BIAS, FAMILIES, HEAD_BIAS, publishedName } from './families/index.ts';

export const POSITION_EMBEDDINGS = 'roberta.embeddings.position_embeddings.weight';
export const TYPE_EMBEDDINGS = 'roberta.embeddings.token_type_embeddings.weight';
export const WORD_EMBEDDINGS = 'roberta.embeddings.word_embeddings.weight';
/** Where it is not tied to the word embeddings. */
export const DECODER = 'lm_head.decoder.weight';

/** The matrix [vocabulary, hidden] that gives the logits. */
export function decoderName({ tied }: RobertaConfig): string {
  return tied ? WORD_EMBEDDINGS : DECODER;
}

export function isHead(name: string): boolean {
  return name.startsWith('lm_head.');
}

/** Every weight by RoBERTa's name for it; a tied decoder is the word embeddings, not stored again. */
export function robertaShapes(config: RobertaConfig): Record<string, number[]> {
  const { hidden, intermediate } = config;
  const shapes: Record<string, number[]> = {
    [WORD_EMBEDDINGS]: [config.vocabSize, hidden],
    [POSITION_EMBEDDINGS]: [config.maxPositions, hidden],
    ...(config.typeVocab > 0 ? { [TYPE_EMBEDDINGS]: [config.typeVocab, hidden] } : {}),
    [HEAD_BIAS]: [config.vocabSize],
  };
  const dense = (name: string, inputs: number, outputs: number) => {
    shapes[`${name}.weight`] = [outputs, inputs];
    shapes[`${name}.bias`] = [outputs];
  };
  const norm = (name: string) => {
    shapes[`${name}.weight`] = [hidden];
    shapes[`${name}.bias`] = [hidden];
  };
  norm('roberta.embeddings.LayerNorm');
  for (let layer = 0; layer < config.layers; layer++) {
    const at = layerPrefix(layer);
    for (const part of ['query', 'key', 'value']) dense(`${at}.attention.self.${part}`, hidden, hidden);
    dense(`${at}.attention.output.dense`, hidden, hidden);
    norm(`${at}.attention.output.LayerNorm`);
    dense(`${at}.intermediate.dense`, hidden, intermediate);
    dense(`${at}.output.dense`, intermediate, hidden);
    norm(`${at}.output.LayerNorm`);
  }
  dense('lm_head.dense', hidden, hidden);
  norm('lm_head.layer_norm');
  if (!config.tied) shapes[DECODER] = [config.vocabSize, hidden];
  return shapes;
}

/**
 * What a published file holds: its family's name of each tensor, and ours. Beside a decoder that is not tied, the
 * head's bias stands under both of its names: transformers 5 then takes them for two.
 */
export function publishedNames(config: RobertaConfig): ReadonlyMap<string, string> {
  const family = FAMILIES[config.family];
  const names = new Map(
    Object.keys(robertaShapes(config)).map((ours) => [publishedName(family, ours), ours]),
  );
  if (!config.tied) names.set(publishedName(family, DECODER_BIAS), HEAD_BIAS);
  return names;
}

/** Weights by name, each with its shape, as the engine takes them. */
export function shapedWeights(
  config: RobertaConfig,
  values: Readonly<Record<string, Float32Array>>,
): Record<string, { readonly shape: readonly number[]; readonly data: Float32Array }> {
  return Object.fromEntries(
    Object.entries(robertaShapes(config)).map(([name, shape]) => [name, { shape, data: values[name]! }]),
  );
}

export function layerPrefix(layer: number): string {
  return `roberta.encoder.layer.${layer}`;
}

/**
 * The families' initialisation: normal with deviation 0.02, biases 0, normalisations 1, the padding row 0.
 * @param wanted by name; all by default
 */
export function initialWeights(
  config: RobertaConfig,
  rng: Rng,
  wanted: (name: string) => boolean = () => true,
): Record<string, Float32Array> {
  const weights: Record<string, Float32Array> = {};
  const zeroPosition = FAMILIES[config.family].positions === 'behind-padding';
  for (const [name, shape] of Object.entries(robertaShapes(config)).filter(([name]) => wanted(name))) {
    const data = new Float32Array(shape.reduce((product, axis) => product * axis, 1));
    if (/(LayerNorm|layer_norm)\.weight$/.test(name)) data.fill(1);
    else if (!name.endsWith('bias')) {
      const stream = rng.fork(name);
      for (let at = 0; at < data.length; at++) data[at] = 0.02 * stream.normal();
      const table = name === WORD_EMBEDDINGS || (name === POSITION_EMBEDDINGS && zeroPosition);
      if (table) data.fill(0, config.padId * config.hidden, (config.padId + 1) * config.hidden);
    }
    weights[name] = data;
  }
  return weights;
}

/**
 * A position table of sinusoids (Vaswani et al. 2017, section 3.5) in place of noise: neighbours can be told from
 * the first step, which short pre-trainings need to leave the loss of single words behind.
 * @param scale amplitude
 * @returns [maxPositions, hidden]; rows before the first token's are 0
 */
export function sinusoidalPositions(config: RobertaConfig, scale: number): Float32Array {
  const { maxPositions, hidden } = config;
  const first = firstPosition(config);
  const table = new Float32Array(maxPositions * hidden);
  for (let row = first; row < maxPositions; row++) {
    for (let at = 0; at < hidden; at++) {
      const angle = (row - first) * 10_000 ** (-(at - (at % 2)) / hidden);
      table[row * hidden + at] = scale * (at % 2 === 0 ? Math.sin(angle) : Math.cos(angle));
    }
  }
  return table;
}
