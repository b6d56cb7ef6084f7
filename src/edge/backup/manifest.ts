/**
 * `backup.json`: every file of a backup with its size and SHA-256. A backup may come from anywhere, so only the paths
 * that a backup of ours has are taken, and the manifest itself has a hash.
 */
import {
  canonicalJson,
  isHex,
  isRecord,
  isRefName,
  parseStrictJson,
  sha256,
} from '../../checkpoint/index.ts';
import { CptError } from '../../errors.ts';
import { readPlain } from '../store/read.ts';

export const MANIFEST = 'backup.json';
const FORMAT = 1;
const MANIFEST_MOST = 256 * 1024 * 1024;

export interface BackupFile {
  /** Below the backup: `state/…` or `out/…`. */
  readonly path: string;
  readonly size: number;
  readonly sha256: string;
}

export interface BackupManifest {
  readonly format: number;
  readonly lineage: string;
  /** Tasks that the state counts as trained. */
  readonly trained: number;
  readonly files: readonly BackupFile[];
}

const PATHS = [
  /^state\/(state\.lmdb|base\.json|dead-letters\.jsonl)$/,
  /^state\/lineage\/(\d{6,16}|running)\.safetensors$/,
  /^out\/blobs\/sha256\/[0-9a-f]{64}$/,
  /^out\/(revisions|withdrawn)\/[0-9a-f]{40}\.json$/,
];
const REF = /^out\/refs\/([^/]+)$/;

export function encodeBackup(content: Omit<BackupManifest, 'format'>): Uint8Array {
  const manifest = { ...content, format: FORMAT };
  return encoded({ ...manifest, sha256: digestOf(manifest) });
}

/** @throws CptError CPT_VERIFY where there is none, or it is damaged, of another format or hostile */
export async function readBackup(folder: string): Promise<BackupManifest> {
  const place = `${folder}/${MANIFEST}`;
  try {
    const bytes = await readPlain(place, MANIFEST_MOST);
    if (bytes === null) throw new Error('it is not there');
    const json = parseStrictJson(bytes);
    if (!isRecord(json)) throw new Error('it is not an object');
    const { sha256: digest, ...manifest } = json;
    if (manifest.format !== FORMAT)
      throw new Error(`it has format ${String(manifest.format)}, not ${FORMAT}`);
    if (digest !== digestOf(manifest) || !Buffer.from(bytes).equals(encoded(json))) {
      throw new Error('its content does not have its hash');
    }
    return checked(manifest);
  } catch (error) {
    throw new CptError(
      'CPT_VERIFY',
      `${place} is not the manifest of a backup: ${(error as Error).message}.`,
      {
        hint: 'Give the folder that cpt backup made, or another backup.',
      },
    );
  }
}

function checked({ lineage, trained, files }: Readonly<Record<string, unknown>>): BackupManifest {
  if (typeof lineage !== 'string' || !isRefName(lineage)) throw new Error('its lineage has no name');
  if (typeof trained !== 'number' || !Array.isArray(files)) throw new Error('it lacks its files');
  const seen = new Set<string>();
  for (const file of files as unknown[]) {
    const { path, size, sha256 } = isRecord(file) ? file : {};
    if (typeof path !== 'string' || !isPath(path) || seen.has(path)) {
      throw new Error(`${JSON.stringify(path)?.slice(0, 200)} is no file of a backup`);
    }
    if (
      !Number.isSafeInteger(size) ||
      (size as number) < 0 ||
      typeof sha256 !== 'string' ||
      !isHex(sha256, 64)
    ) {
      throw new Error(`${path} has no size or hash`);
    }
    seen.add(path);
  }
  if (!seen.has('state/state.lmdb')) throw new Error('it lacks state/state.lmdb');
  return { format: FORMAT, lineage, trained, files: files as BackupFile[] };
}

function isPath(path: string): boolean {
  const ref = REF.exec(path)?.[1];
  return ref === undefined ? PATHS.some((known) => known.test(path)) : isRefName(ref);
}

function digestOf(manifest: Readonly<Record<string, unknown>> | Omit<BackupManifest, never>): string {
  return sha256(Buffer.from(canonicalJson(manifest)));
}

function encoded(json: object): Buffer {
  return Buffer.from(`${canonicalJson(json)}\n`);
}
