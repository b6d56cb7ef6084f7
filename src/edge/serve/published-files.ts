/** What is served: lineages as they were published, wherever they lie. */
import type { Readable } from 'node:stream';
import type { Manifest, ManifestFile } from '../../checkpoint/index.ts';
import { CptError } from '../../errors.ts';
import type { ByteRange } from '../objects/object-store.ts';

export interface PublishedFiles {
  /** Names of the lineages that have something published, sorted. */
  lineages(): Promise<string[]>;
  /** The revision that a ref or an id names, or null. */
  resolve(lineage: string, rev: string): Promise<string | null>;
  /** @throws CptError CPT_VERIFY where it is damaged */
  manifest(lineage: string, revision: string): Promise<Manifest>;
  /**
   * A part of a file.
   * @throws CptError CPT_VERIFY where it is missing or not of the size that the manifest says
   */
  read(lineage: string, file: Pick<ManifestFile, 'sha256' | 'size'>, range: ByteRange): Promise<Readable>;
}

const MOST_KEPT = 64;

/** Manifests by lineage and revision: one never changes, so the newest that were read are kept. */
export function keepingManifests(read: PublishedFiles['manifest']): PublishedFiles['manifest'] {
  const kept = new Map<string, Manifest>();
  return async (lineage, revision) => {
    const key = `${lineage}/${revision}`;
    const known = kept.get(key);
    if (known !== undefined) return known;
    const manifest = await read(lineage, revision);
    if (kept.size >= MOST_KEPT) kept.delete(kept.keys().next().value!);
    kept.set(key, manifest);
    return manifest;
  };
}

export function missingBlob(sha256: string): CptError {
  return new CptError('CPT_VERIFY', `The blob ${sha256} is missing or has another size.`, {
    hint: 'Run verify on the lineage.',
  });
}
