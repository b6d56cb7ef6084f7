/**
 * A domain's plugins, pruned: only the neurons of its own mask. What is stored does not depend on any other neuron
 * nor on how wide the plugins have grown, so that it can be made again, byte for byte, after any later task. That
 * is the proof that nothing of a domain was lost.
 *
 * Stored for each plugin, with k1 and k2 neurons kept of the first and second layer:
 * `fc1.weight` [k1, hidden], `fc1.bias` [k1], `fc2.weight` [k2, k1], `fc2.bias` [k2], and the mask as the indices
 * of the kept neurons in ascending order, `index1` [k1] and `index2` [k2].
 */
import { CptError } from '../errors.ts';
import { type PluginConfig, type PluginPlace, pluginPlaces, pluginShapes } from '../plugin/config.ts';
import { emptyMasks, type Masks } from '../plugin/mask.ts';
import { fromFloat32, fromIndices, type StoredTensor, toFloat32, toIndices } from './dtype.ts';
import { sha256 } from './hash.ts';
import { decodeSafetensors, encodeSafetensors } from './safetensors.ts';

export type PluginWeights = Readonly<Record<string, Float32Array>>;

/** One plugin of a domain with its own neurons only; shapes as stored, see above. */
export interface PrunedPlugin {
  readonly place: PluginPlace;
  readonly index1: readonly number[];
  readonly index2: readonly number[];
  readonly fc1: { readonly weight: Float32Array; readonly bias: Float32Array };
  readonly fc2: { readonly weight: Float32Array; readonly bias: Float32Array };
}

/**
 * @param weights by name, of full width, see `pluginShapes`
 * @returns the plugins from the first layer up
 */
export function prune(config: PluginConfig, weights: PluginWeights, masks: Masks): PrunedPlugin[] {
  return pluginPlaces(config).map((place) => {
    const part = (name: string) => weights[`${place.name}.${name}`]!;
    const { mask1, mask2 } = masks[place.name]!;
    const index1 = kept(mask1);
    const index2 = kept(mask2);
    return {
      place,
      index1,
      index2,
      fc1: {
        weight: rows(part('fc1.weight'), config.hidden, index1),
        bias: Float32Array.from(index1, (i) => part('fc1.bias')[i]!),
      },
      fc2: {
        weight: cells(part('fc2.weight'), place.width, index2, index1),
        bias: Float32Array.from(index2, (j) => part('fc2.bias')[j]!),
      },
    };
  });
}

/** The bytes of a domain's `plugin.safetensors`. */
export function encodePlugins(config: PluginConfig, pruned: readonly PrunedPlugin[]): Uint8Array {
  const tensors: Record<string, StoredTensor> = {};
  for (const { place, index1, index2, fc1, fc2 } of pruned) {
    const [k1, k2] = [index1.length, index2.length];
    tensors[`${place.name}.fc1.weight`] = fromFloat32(fc1.weight, [k1, config.hidden]);
    tensors[`${place.name}.fc1.bias`] = fromFloat32(fc1.bias, [k1]);
    tensors[`${place.name}.fc2.weight`] = fromFloat32(fc2.weight, [k2, k1]);
    tensors[`${place.name}.fc2.bias`] = fromFloat32(fc2.bias, [k2]);
    tensors[`${place.name}.index1`] = fromIndices(index1);
    tensors[`${place.name}.index2`] = fromIndices(index2);
  }
  return encodeSafetensors(tensors, { format: 'pt' });
}

/** SHA-256 of the domain's `plugin.safetensors`: equal for as long as nothing of the domain has changed. */
export function domainProof(config: PluginConfig, weights: PluginWeights, masks: Masks): string {
  return sha256(encodePlugins(config, prune(config, weights, masks)));
}

/**
 * The inverse: plugins of full width, 0 in every neuron that is not the domain's, and the masks.
 * @param config of the lineage, whose widths may have grown since
 * @throws CptError CPT_SAFETENSORS where the file is malformed or does not fit `config`
 */
export function decodePlugins(
  config: PluginConfig,
  file: Uint8Array,
): { weights: Record<string, Float32Array>; masks: Masks } {
  const { tensors } = decodeSafetensors(file);
  const masks = emptyMasks(config);
  const weights = Object.fromEntries(
    Object.entries(pluginShapes(config)).map(([name, shape]) => [name, new Float32Array(size(shape))]),
  );
  for (const { name, width } of pluginPlaces(config)) {
    const tensor = (part: string) => stored(tensors, `${name}.${part}`);
    const index1 = readIndex(tensor('index1'), width, `${name}.index1`);
    const index2 = readIndex(tensor('index2'), config.hidden, `${name}.index2`);
    const read = (part: string, ...shape: number[]) => floats(tensor(part), shape, `${name}.${part}`);
    const fc1 = read('fc1.weight', index1.length, config.hidden);
    const fc1Bias = read('fc1.bias', index1.length);
    const fc2 = read('fc2.weight', index2.length, index1.length);
    const fc2Bias = read('fc2.bias', index2.length);
    for (const [at, i] of index1.entries()) {
      masks[name]!.mask1[i] = 1;
      const row = fc1.subarray(at * config.hidden, (at + 1) * config.hidden);
      weights[`${name}.fc1.weight`]!.set(row, i * config.hidden);
      weights[`${name}.fc1.bias`]![i] = fc1Bias[at]!;
    }
    for (const [to, j] of index2.entries()) {
      masks[name]!.mask2[j] = 1;
      for (const [from, i] of index1.entries()) {
        weights[`${name}.fc2.weight`]![j * width + i] = fc2[to * index1.length + from]!;
      }
      weights[`${name}.fc2.bias`]![j] = fc2Bias[to]!;
    }
  }
  return { weights, masks };
}

/** Where a mask is 1, ascending. */
function kept(mask: Uint8Array): number[] {
  return Array.from(mask.keys()).filter((at) => mask[at] === 1);
}

function rows(matrix: Float32Array, columns: number, index: readonly number[]): Float32Array {
  const result = new Float32Array(index.length * columns);
  for (const [at, row] of index.entries()) {
    result.set(matrix.subarray(row * columns, (row + 1) * columns), at * columns);
  }
  return result;
}

function cells(
  matrix: Float32Array,
  columns: number,
  rowIndex: readonly number[],
  columnIndex: readonly number[],
): Float32Array {
  const result = new Float32Array(rowIndex.length * columnIndex.length);
  let at = 0;
  for (const row of rowIndex) {
    for (const column of columnIndex) result[at++] = matrix[row * columns + column]!;
  }
  return result;
}

function stored(tensors: Readonly<Record<string, StoredTensor>>, name: string): StoredTensor {
  const tensor = Object.hasOwn(tensors, name) ? tensors[name] : undefined;
  if (tensor === undefined) throw new CptError('CPT_SAFETENSORS', `The tensor ${name} is missing.`);
  return tensor;
}

function readIndex(tensor: StoredTensor, limit: number, name: string): number[] {
  const index = toIndices(tensor);
  const ascending = index.every((value, at) => value > (index[at - 1] ?? -1) && value < limit);
  if (!ascending || tensor.shape.length !== 1) {
    throw new CptError('CPT_SAFETENSORS', `${name} does not hold ascending indices below ${limit}.`);
  }
  return index;
}

function floats(tensor: StoredTensor, shape: readonly number[], name: string): Float32Array {
  if (tensor.shape.join() !== shape.join()) {
    throw new CptError('CPT_SAFETENSORS', `${name} has shape [${tensor.shape}], not [${shape}].`);
  }
  return toFloat32(tensor);
}

function size(shape: readonly number[]): number {
  return shape.reduce((product, axis) => product * axis, 1);
}
