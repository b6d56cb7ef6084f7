/** A lineage as one safetensors file: weights, masks and held-out text as tensors, the rest as metadata. */
import {
  decodeSafetensors,
  encodeSafetensors,
  fromFloat32,
  type StoredTensor,
  toFloat32,
} from '../checkpoint/index.ts';
import { CptError } from '../errors.ts';
import { type PluginConfig, pluginPlaces, pluginShapes } from '../plugin/config.ts';
import type { Masks } from '../plugin/mask.ts';
import type { Lineage, Version } from './lineage.ts';

const FORMAT = '1';

export interface LineageFile {
  readonly lineage: Lineage;
  /** What the writer keeps beside it; any JSON value. */
  readonly note: unknown;
}

/** Equal lineages give equal bytes. */
export function encodeLineage({ lineage, note }: LineageFile): Uint8Array {
  const { plugin, weights, versions } = lineage;
  const tensors: Record<string, StoredTensor> = {};
  for (const [name, shape] of Object.entries(pluginShapes(plugin))) {
    tensors[`weights/${name}`] = fromFloat32(weights[name]!, shape);
  }
  const kept = versions.map(({ masks, heldOut, ...rest }) => {
    for (const [name, { mask1, mask2 }] of Object.entries(masks)) {
      tensors[`task-${rest.task}/${name}.mask1`] = bytesTensor(mask1);
      tensors[`task-${rest.task}/${name}.mask2`] = bytesTensor(mask2);
    }
    const length = heldOut[0]?.length ?? 0;
    const ids = Int32Array.from(heldOut.flatMap((block) => [...block]));
    const data = new Uint8Array(ids.buffer);
    tensors[`task-${rest.task}/held-out`] = { dtype: 'I32', shape: [heldOut.length, length], data };
    return rest;
  });
  return encodeSafetensors(tensors, {
    format: FORMAT,
    plugin: JSON.stringify(plugin),
    versions: JSON.stringify(kept),
    note: JSON.stringify(note ?? null),
  });
}

/**
 * @param place for error messages
 * @throws CptError CPT_SAFETENSORS, CPT_STATE_VERSION, CPT_STATE
 */
export function decodeLineage(bytes: Uint8Array, place: string): LineageFile {
  const { tensors, metadata } = decodeSafetensors(bytes);
  if (metadata.format !== FORMAT) {
    throw new CptError(
      'CPT_STATE_VERSION',
      `${place} has lineage format ${metadata.format}, not ${FORMAT}.`,
      {
        hint: 'Give this run another --state, or run the version that wrote it.',
      },
    );
  }
  try {
    const plugin = JSON.parse(metadata.plugin!) as PluginConfig;
    const weights: Record<string, Float32Array> = {};
    for (const name of Object.keys(pluginShapes(plugin)))
      weights[name] = toFloat32(tensors[`weights/${name}`]!);
    const kept = JSON.parse(metadata.versions!) as Omit<Version, 'masks' | 'heldOut'>[];
    const versions = kept.map((rest): Version => {
      const tensor = (name: string) => tensors[`task-${rest.task}/${name}`]!;
      const masks: Masks = Object.fromEntries(
        pluginPlaces(plugin).map(({ name }) => [
          name,
          {
            mask1: Uint8Array.from(tensor(`${name}.mask1`).data),
            mask2: Uint8Array.from(tensor(`${name}.mask2`).data),
          },
        ]),
      );
      return { ...rest, masks, heldOut: blocksOf(tensor('held-out')) };
    });
    return { lineage: { plugin, weights, versions }, note: JSON.parse(metadata.note ?? 'null') };
  } catch (cause) {
    throw new CptError('CPT_STATE', `${place} is not a lineage: ${(cause as Error).message}.`, { cause });
  }
}

function bytesTensor(data: Uint8Array): StoredTensor {
  return { dtype: 'U8', shape: [data.length], data };
}

function blocksOf({ shape, data }: StoredTensor): Int32Array[] {
  const [count, length] = shape as [number, number];
  const ids = new Int32Array(Uint8Array.from(data).buffer); // a copy: `data` may be a Buffer, which is not aligned
  return Array.from({ length: count }, (_, at) => ids.slice(at * length, (at + 1) * length));
}
