/**
 * A domain's plugins, pruned: only the neurons of its own mask. What is stored does not depend on any other neuron
 * nor on how wide the plugins have grown, so that it can be made again, byte for byte, after any later task.
 *
 * Stored for each plugin, with k1 and k2 neurons kept of the first and second layer:
 * `fc1.weight` [k1, hidden], `fc1.bias` [k1], `fc2.weight` [k2, k1], `fc2.bias` [k2], and the mask as the indices
 * of the kept neurons in ascending order, `index1` [k1] and `index2` [k2].
 */
import { CptError } from '../errors.ts';
import { type PluginConfig, type PluginPlace, pluginPlaces, pluginShapes } from '../plugin/config.ts';
import type { Kept } from '../plugin/kept.ts';
import { emptyMasks, type Masks } from '../plugin/mask.ts';
import type { NeuronSource } from '../plugin/neurons.ts';
import { fromFloat32, fromIndices, type StoredTensor, toFloat32, toIndices } from './dtype.ts';
import { decodeSafetensors, encodeSafetensors } from './safetensors.ts';

/** One plugin of a domain with its own neurons only; shapes as stored, see above. */
export interface PrunedPlugin {
  readonly place: PluginPlace;
  readonly index1: readonly number[];
  readonly index2: readonly number[];
  readonly fc1: { readonly weight: Float32Array; readonly bias: Float32Array };
  readonly fc2: { readonly weight: Float32Array; readonly bias: Float32Array };
}

/**
 * @returns the plugins from the first layer up
 * @throws CptError CPT_STATE where `source` lacks a neuron that the domain keeps
 */
export function prune(config: PluginConfig, source: NeuronSource, kept: Kept): PrunedPlugin[] {
  const { hidden } = config;
  return pluginPlaces(config).map((place) => {
    const { index1, index2 } = kept[place.name]!;
    const { fc1, bias, fc2 } = source.rows(place.name, index1);
    const outputBias = source.outputBias(place.name);
    const weight = new Float32Array(index2.length * index1.length);
    for (const [to, output] of index2.entries()) {
      for (let from = 0; from < index1.length; from++) {
        weight[to * index1.length + from] = fc2[from * hidden + output]!;
      }
    }
    return {
      place,
      index1: [...index1],
      index2: [...index2],
      fc1: { weight: fc1, bias },
      fc2: { weight, bias: Float32Array.from(index2, (output) => outputBias[output]!) },
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

/**
 * The inverse of `encodePlugins`.
 * @throws CptError CPT_SAFETENSORS where the file is malformed or does not fit `config`
 */
export function decodePlugins(config: PluginConfig, file: Uint8Array): PrunedPlugin[] {
  const { tensors } = decodeSafetensors(file);
  return pluginPlaces(config).map((place) => {
    const { name } = place;
    const tensor = (part: string) => stored(tensors, `${name}.${part}`);
    const index1 = readIndex(tensor('index1'), 2 ** 32, `${name}.index1`);
    const index2 = readIndex(tensor('index2'), config.hidden, `${name}.index2`);
    const [k1, k2] = [index1.length, index2.length];
    if (k1 > place.width) {
      const message = `${name} keeps ${k1} neurons, more than the ${place.width} that a plugin has.`;
      throw new CptError('CPT_SAFETENSORS', message);
    }
    const read = (part: string, ...shape: number[]) => floats(tensor(part), shape, `${name}.${part}`);
    return {
      place,
      index1,
      index2,
      fc1: { weight: read('fc1.weight', k1, config.hidden), bias: read('fc1.bias', k1) },
      fc2: { weight: read('fc2.weight', k2, k1), bias: read('fc2.bias', k2) },
    };
  });
}

/** Pruned plugins as weights and masks of the sizes that programs are compiled for, see `pluginShapes`. */
export interface SeatedPlugins {
  readonly weights: Readonly<Record<string, Float32Array>>;
  readonly masks: Masks;
}

/** The kept neurons on the first rows, in order; 0 in all others. */
export function seat(config: PluginConfig, pruned: readonly PrunedPlugin[]): SeatedPlugins {
  const masks = emptyMasks(config);
  const weights = Object.fromEntries(
    Object.entries(pluginShapes(config)).map(([name, shape]) => [name, new Float32Array(size(shape))]),
  );
  for (const { place, index1, index2, fc1, fc2 } of pruned) {
    const { name, width } = place;
    masks[name]!.mask1.fill(1, 0, index1.length);
    weights[`${name}.fc1.weight`]!.set(fc1.weight);
    weights[`${name}.fc1.bias`]!.set(fc1.bias);
    for (const [at, output] of index2.entries()) {
      masks[name]!.mask2[output] = 1;
      const row = fc2.weight.subarray(at * index1.length, (at + 1) * index1.length);
      weights[`${name}.fc2.weight`]!.set(row, output * width);
      weights[`${name}.fc2.bias`]![output] = fc2.bias[at]!;
    }
  }
  return { weights, masks };
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
