/**
 * The proof that nothing of a domain was lost: a hash of each neuron as the domain uses it, and one over those. What
 * did not change need not be hashed again: the proof after a task costs what the task changed.
 */
import { createHash } from 'node:crypto';
import { bytesOf } from './dtype.ts';
import type { PrunedPlugin } from './prune.ts';

/** Bytes of a neuron's hash. */
export const HASH_BYTES = 32;

/** The hashes of each plugin's first-layer neurons one behind the other [kept neurons · 32], by plugin name. */
export type NeuronHashes = Readonly<Record<string, Uint8Array>>;

/**
 * SHA-256 of each kept first-layer neuron: its row of fc1.weight, its bias, its column of the kept rows of fc2.weight;
 * 32-bit floats, little-endian.
 * @returns [k1 · 32]
 */
export function neuronHashes({ index1, index2, fc1, fc2 }: PrunedPlugin): Uint8Array {
  const [k1, k2] = [index1.length, index2.length];
  const hidden = k1 === 0 ? 0 : fc1.weight.length / k1;
  const hashes = new Uint8Array(k1 * HASH_BYTES);
  const neuron = new Float32Array(hidden + 1 + k2);
  for (let at = 0; at < k1; at++) {
    neuron.set(fc1.weight.subarray(at * hidden, (at + 1) * hidden));
    neuron[hidden] = fc1.bias[at]!;
    for (let row = 0; row < k2; row++) neuron[hidden + 1 + row] = fc2.weight[row * k1 + at]!;
    hashes.set(createHash('sha256').update(bytesOf(neuron)).digest(), at * HASH_BYTES);
  }
  return hashes;
}

export function hashesOf(plugins: readonly PrunedPlugin[]): NeuronHashes {
  return Object.fromEntries(plugins.map((plugin) => [plugin.place.name, neuronHashes(plugin)]));
}

/** SHA-256, in hex, over the domain's masks, its neurons' hashes and its second layers' biases. */
export function domainProof(plugins: readonly PrunedPlugin[], hashes: NeuronHashes): string {
  const hash = createHash('sha256');
  for (const { place, index1, index2, fc2 } of plugins) {
    hash.update(`${place.name} ${index1.length} ${index2.length}\n`);
    hash.update(bytesOf(Uint32Array.from([...index1, ...index2])));
    hash.update(hashes[place.name]!).update(bytesOf(fc2.bias));
  }
  return hash.digest('hex');
}
