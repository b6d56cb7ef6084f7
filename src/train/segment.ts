/**
 * What one task adds to a lineage, as one safetensors file that is never changed afterwards: the neurons that it wrote,
 * its version's masks and hashes, its held-out text. A lineage is its segments; of a neuron that several have written
 * the newest counts. So what a task writes does not grow with the lineage.
 *
 * By plugin: `<plugin>/neurons` [n], `/fc1` [n, hidden], `/bias` [n], `/fc2` [n, hidden], `/output-bias` [hidden];
 * `/kept1` [k1], `/kept2` [k2], `/hashes` [k1, 32]. And `held-out` [blocks, length]. The rest is metadata.
 */
import {
  bytesOf,
  type Dtype,
  fromFloat32,
  HASH_BYTES,
  type SafetensorsParts,
  type StoredTensor,
  safetensorsParts,
} from '../checkpoint/index.ts';
import { CptError } from '../errors.ts';
import { type PluginConfig, pluginPlaces } from '../plugin/config.ts';
import type { Kept, Widths } from '../plugin/kept.ts';
import type { Written } from '../plugin/written.ts';
import type { VersionDetail } from './archive.ts';
import type { Version } from './lineage.ts';

const FORMAT = '2';

export interface Segment {
  readonly plugin: PluginConfig;
  readonly widths: Widths;
  readonly version: Version;
  readonly detail: VersionDetail;
  readonly written: Written;
  /** What the writer keeps beside it; any JSON value. */
  readonly note: unknown;
}

/** What is read of a segment when it is opened. */
export interface SegmentHead {
  readonly plugin: PluginConfig;
  readonly widths: Widths;
  readonly version: Version;
  /** Numbers of the neurons whose rows are in it, ascending, by plugin name. */
  readonly neurons: Readonly<Record<string, Uint32Array>>;
  /** Whether its domain was retired: what it still holds belongs to others. */
  readonly retired: boolean;
  readonly note: unknown;
}

/** One tensor of a segment. @throws CptError CPT_SAFETENSORS where it is missing */
export type TensorOf = (name: string) => StoredTensor;

/** Equal segments give equal bytes. */
export function encodeSegment(segment: Segment, retired = false): SafetensorsParts {
  const { plugin, widths, version, detail, written, note } = segment;
  const { kept, ...rest } = version;
  const tensors: Record<string, StoredTensor> = { 'held-out': blocksTensor(detail.heldOut) };
  for (const { name } of pluginPlaces(plugin)) {
    const { rows, outputBias } = written[name]!;
    const n = rows.index.length;
    const { index1, index2 } = kept[name]!;
    const hashes = detail.hashes[name] ?? new Uint8Array(0);
    Object.assign(tensors, {
      [`${name}/neurons`]: numbersTensor(rows.index),
      [`${name}/fc1`]: fromFloat32(rows.fc1, [n, plugin.hidden]),
      [`${name}/bias`]: fromFloat32(rows.bias, [n]),
      [`${name}/fc2`]: fromFloat32(rows.fc2, [n, plugin.hidden]),
      [`${name}/output-bias`]: fromFloat32(outputBias, [plugin.hidden]),
      [`${name}/kept1`]: numbersTensor(index1),
      [`${name}/kept2`]: numbersTensor(index2),
      [`${name}/hashes`]: { dtype: 'U8', shape: [hashes.length / HASH_BYTES, HASH_BYTES], data: hashes },
    });
  }
  return safetensorsParts(tensors, {
    format: FORMAT,
    plugin: JSON.stringify(plugin),
    widths: JSON.stringify(widths),
    version: JSON.stringify(rest),
    retired: String(retired),
    note: JSON.stringify(note ?? null),
  });
}

/**
 * @param place for error messages
 * @throws CptError CPT_SAFETENSORS, CPT_STATE_VERSION, CPT_STATE
 */
export function decodeHead(
  metadata: Readonly<Record<string, string>>,
  tensor: TensorOf,
  place: string,
): SegmentHead {
  if (metadata.format !== FORMAT) {
    const message = `${place} has lineage format ${metadata.format}, not ${FORMAT}.`;
    throw new CptError('CPT_STATE_VERSION', message, {
      hint: 'Give this run another --state, or run the version that wrote it.',
    });
  }
  try {
    const plugin = JSON.parse(metadata.plugin!) as PluginConfig;
    const places = pluginPlaces(plugin);
    const numbers = (part: string) =>
      places.map(({ name }) => [name, numbersOf(tensor(`${name}/${part}`))] as const);
    const index2 = Object.fromEntries(numbers('kept2'));
    const kept: Kept = Object.fromEntries(
      numbers('kept1').map(([name, index1]) => [name, { index1, index2: index2[name]! }]),
    );
    return {
      plugin,
      widths: JSON.parse(metadata.widths!) as Widths,
      version: { ...(JSON.parse(metadata.version!) as Omit<Version, 'kept'>), kept },
      neurons: Object.fromEntries(numbers('neurons')),
      retired: metadata.retired === 'true',
      note: JSON.parse(metadata.note ?? 'null'),
    };
  } catch (cause) {
    throw new CptError('CPT_STATE', `${place} is not part of a lineage: ${(cause as Error).message}.`, {
      cause,
    });
  }
}

export function decodeDetail(plugin: PluginConfig, tensor: TensorOf): VersionDetail {
  const hashes = pluginPlaces(plugin).map(({ name }) => [name, tensor(`${name}/hashes`).data] as const);
  return { heldOut: blocksOf(tensor('held-out')), hashes: Object.fromEntries(hashes) };
}

const U32: Dtype = 'U32';

function numbersTensor(numbers: Uint32Array): StoredTensor {
  return { dtype: U32, shape: [numbers.length], data: bytesOf(numbers) };
}

/** A copy: the bytes need not be aligned. */
function numbersOf({ data }: StoredTensor): Uint32Array {
  return new Uint32Array(Uint8Array.from(data).buffer);
}

function blocksTensor(blocks: readonly Int32Array[]): StoredTensor {
  const ids = Int32Array.from(blocks.flatMap((block) => [...block]));
  return { dtype: 'I32', shape: [blocks.length, blocks[0]?.length ?? 0], data: bytesOf(ids) };
}

function blocksOf({ shape, data }: StoredTensor): Int32Array[] {
  const [count, length] = shape as [number, number];
  const ids = new Int32Array(Uint8Array.from(data).buffer);
  return Array.from({ length: count }, (_, at) => ids.slice(at * length, (at + 1) * length));
}
