/** The base's weights as one file, equal over all domains: laid out and hashed once, never copied. */
import type { RobertaConfig } from '../roberta/config.ts';
import { publishedNames, robertaShapes } from '../roberta/weights.ts';
import { fromFloat32 } from './dtype.ts';
import { sha256 } from './hash.ts';
import { type SafetensorsParts, safetensorsParts } from './safetensors.ts';

export interface BaseShard extends SafetensorsParts {
  readonly sha256: string;
}

type BaseWeights = Readonly<Record<string, Float32Array>>;

const known = new WeakMap<BaseWeights, BaseShard>();

/** `base.safetensors`, in single precision, under the names of the family. A base is frozen: the same object is the same file. */
export function baseShard(config: RobertaConfig, base: BaseWeights): BaseShard {
  const earlier = known.get(base);
  if (earlier !== undefined) return earlier;
  const shapes = robertaShapes(config);
  const tensors = Object.fromEntries(
    [...publishedNames(config)].map(([theirs, ours]) => [theirs, fromFloat32(base[ours]!, shapes[ours]!)]),
  );
  const parts = safetensorsParts(tensors, { format: 'pt' });
  const shard = { ...parts, sha256: sha256(parts.chunks) };
  known.set(base, shard);
  return shard;
}
