/** The manifest of a revision: what it consists of and how it came about. Its hash is the revision's name. */
import { isLabel } from '../domains/index.ts';
import { CptError } from '../errors.ts';
import { canonicalJson } from './canonical-json.ts';
import { sha256 } from './hash.ts';
import { checkPaths, checkSafeName } from './names.ts';
import { isRecord, JsonFault, parseStrictJson } from './strict-json.ts';

export const MANIFEST_FORMAT = 1;
/** No manifest is longer; what is longer is not read. */
export const MAX_MANIFEST_BYTES = 4_000_000;

export interface ManifestFile {
  /** Relative, with `/` between its parts. */
  readonly path: string;
  readonly sha256: string;
  /** Bytes. */
  readonly size: number;
}

export interface Manifest {
  readonly format: typeof MANIFEST_FORMAT;
  readonly lineage: string;
  readonly domain: string;
  /** The domain's most distinctive words, where it has any. */
  readonly label?: string;
  /** Counted from 1 over the tasks of this domain. */
  readonly version: number;
  /** Counted from 1 over the lineage. */
  readonly task: number;
  /** Revisions that this one was trained after. */
  readonly parents: readonly string[];
  /** SHA-256 of `base.safetensors`. */
  readonly base: string;
  /** SHA-256 of `plugin.safetensors`: the domain's proof. */
  readonly proof: string;
  /** Neurons of all plugins, both layers, and how many of them the domain uses. */
  readonly occupancy: { readonly kept: number; readonly neurons: number };
  /** Held-out masked-LM losses on the domain, nats per masked token: of the base and of this revision. */
  readonly losses: { readonly base: number; readonly own: number };
  readonly passages: number;
  readonly tokens: number;
  readonly provenance: {
    readonly version: string;
    readonly seed: string;
    readonly provider: string;
    /**
     * SHA-256 over the passages that it was trained on, in order, each as `<bytes>:<text>`. Absent in early manifests.
     */
    readonly texts?: string;
    /** Of products with the base's matrices while training. Absent in early manifests: `fp32`. */
    readonly precision?: string;
    /** Blocks in one pass of a step, where that was not the whole batch. */
    readonly microBatch?: number;
  };
  /** In the order of their paths. */
  readonly files: readonly ManifestFile[];
}

/** @returns the manifest's bytes and the revision's id: the first 40 hex digits of their SHA-256 */
export function encodeManifest(manifest: Manifest): { bytes: Uint8Array; revision: string } {
  const bytes = new TextEncoder().encode(canonicalJson(manifest));
  return { bytes, revision: revisionOf(bytes) };
}

export function revisionOf(manifestBytes: Uint8Array): string {
  return sha256(manifestBytes).slice(0, 40);
}

/**
 * Reads a manifest that anybody may have written. Entries that this version does not know are left alone, but the
 * spelling must be canonical: two texts never say the same.
 * @throws CptError CPT_VERIFY
 */
export function parseManifest(bytes: Uint8Array): Manifest {
  if (bytes.byteLength > MAX_MANIFEST_BYTES) throw fault(`it has ${bytes.byteLength} bytes`);
  const json = readJson(bytes);
  if (json.format !== MANIFEST_FORMAT) throw fault(`its format is ${show(json.format)}`);
  for (const key of ['lineage', 'domain'] as const) checkSafeName(json[key], `its ${key}`);
  if (json.label !== undefined && !isLabel(json.label)) throw fault(`its label is ${show(json.label)}`);
  for (const key of ['version', 'task'] as const) checkCount(json[key], key, 1);
  for (const key of ['passages', 'tokens'] as const) checkCount(json[key], key, 0);
  const { parents, base, proof } = json;
  if (!Array.isArray(parents) || !parents.every((parent) => isHex(parent, 40))) {
    throw fault('its parents are not revisions');
  }
  checkNumbers(json.occupancy, 'occupancy', ['kept', 'neurons']);
  checkNumbers(json.losses, 'losses', ['base', 'own']);
  const { provenance } = json;
  const notes = isRecord(provenance) ? provenance : {};
  for (const key of ['version', 'seed', 'provider']) {
    if (typeof notes[key] !== 'string') throw fault(`its provenance has no ${key}`);
  }
  const files = checkFiles(json.files);
  const digestOf = (path: string) => files.find((file) => file.path === path)?.sha256;
  if (base === undefined || base !== digestOf('base.safetensors')) throw fault('its base is not its file');
  if (proof === undefined || proof !== digestOf('plugin.safetensors'))
    throw fault('its proof is not its file');
  return json as unknown as Manifest;
}

function readJson(bytes: Uint8Array): Readonly<Record<string, unknown>> {
  let value: unknown;
  try {
    value = parseStrictJson(bytes);
  } catch (error) {
    if (error instanceof JsonFault) throw fault(error.message);
    throw error;
  }
  if (!isRecord(value)) throw fault('it is not an object');
  if (nesting(value) > 8) throw fault('it is nested too deeply');
  if (canonicalJson(value) !== new TextDecoder().decode(bytes)) throw fault('its JSON is not canonical');
  return value;
}

/** Depth of a JSON value, without recursion: the text may be hostile. */
function nesting(value: unknown): number {
  let depth = 0;
  let level: unknown[] = [value];
  while (level.length > 0 && depth <= 8) {
    level = level.flatMap((item) =>
      typeof item === 'object' && item !== null ? (Object.values(item) as unknown[]) : [],
    );
    depth++;
  }
  return depth;
}

function checkFiles(value: unknown): readonly ManifestFile[] {
  if (!Array.isArray(value)) throw fault('it lists no files');
  for (const file of value as unknown[]) {
    if (!isRecord(file) || typeof file.path !== 'string') throw fault('a file has no path');
    if (!isHex(file.sha256, 64)) throw fault(`the file ${show(file.path)} has no sha256`);
    checkCount(file.size, `size of ${show(file.path)}`, 0);
  }
  const files = value as readonly ManifestFile[];
  checkPaths(files.map((file) => file.path));
  return files;
}

function checkNumbers(value: unknown, name: string, keys: readonly string[]): void {
  if (!isRecord(value) || !keys.every((key) => typeof value[key] === 'number')) {
    throw fault(`its ${name} are not numbers`);
  }
}

function checkCount(value: unknown, name: string, least: number): void {
  if (!Number.isSafeInteger(value) || (value as number) < least) throw fault(`its ${name} is ${show(value)}`);
}

/** Lowercase hexadecimal of a certain length. */
export function isHex(value: unknown, length: number): value is string {
  return typeof value === 'string' && value.length === length && /^[0-9a-f]*$/.test(value);
}

function show(value: unknown): string {
  return (JSON.stringify(value) ?? 'missing').slice(0, 100);
}

function fault(why: string): CptError {
  return new CptError('CPT_VERIFY', `A manifest is wrong: ${why}.`, {
    hint: 'The published folder is damaged or was not written by cpt-stream.',
  });
}
