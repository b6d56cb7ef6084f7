/** Recomputes every hash of a published lineage. The folder may be hostile: names are checked, links not followed. */
import { createHash } from 'node:crypto';
import { stat } from 'node:fs/promises';
import { basename, join, resolve } from 'node:path';
import {
  isHex,
  isRecord,
  isRefName,
  JsonFault,
  type Manifest,
  parseStrictJson,
} from '../../checkpoint/index.ts';
import { CptError } from '../../errors.ts';
import { layoutOf } from './layout.ts';
import { namesIn, openPlain, parseRef, RECORD_BYTES, REF_BYTES, readPlain } from './read.ts';
import { readManifestAt } from './store.ts';

/** The result for one file of the lineage. */
export interface Finding {
  /** Within the lineage's folder. */
  readonly path: string;
  /** Bytes that were hashed. */
  readonly bytes: number;
  /** What is wrong, or null. */
  readonly fault: string | null;
}

/**
 * Blobs first, then records of withdrawn revisions, then revisions, then refs; each as soon as it is known. A lineage is
 * sound when no finding has a fault. Blobs that no revision names are no fault: a crash may leave them, and publishing
 * again uses them. A parent may be missing where it was withdrawn.
 * @param dir `OUT/<lineage>`
 * @throws CptError CPT_VERIFY where `dir` is not a published lineage
 */
export async function* verifyLineage(dir: string): AsyncGenerator<Finding, void, undefined> {
  const layout = layoutOf(dir);
  const isFolder = await stat(layout.revisions).then(
    (at) => at.isDirectory(),
    () => false,
  );
  if (!isFolder) {
    throw new CptError('CPT_VERIFY', `${dir} is not a published lineage: it has no folder revisions.`, {
      hint: 'Give the folder OUT/<lineage>.',
    });
  }
  const sizes = new Map<string, number>();
  for (const name of await namesIn(layout.blobs)) {
    const path = join('blobs', 'sha256', name);
    const { fault, bytes } = isHex(name, 64)
      ? await checkBlob(layout.blob(name), name)
      : { fault: 'its name is not a hash', bytes: 0 };
    if (fault === null) sizes.set(name, bytes);
    yield { path, bytes, fault };
  }
  const manifests = new Map<string, Manifest>();
  const withdrawn = new Set<string>();
  for (const name of await namesIn(layout.withdrawn)) {
    const revision = revisionIn(name);
    const record = await readPlain(join(layout.withdrawn, name), RECORD_BYTES).catch(() => null);
    const fault = checkRecord(revision, record);
    if (fault === null) withdrawn.add(revision!);
    yield { path: join('withdrawn', name), bytes: record?.byteLength ?? 0, fault };
  }
  const names = await namesIn(layout.revisions);
  const known = new Set([...names.map(revisionIn), ...withdrawn]);
  for (const name of names) {
    const path = join('revisions', name);
    const revision = revisionIn(name);
    if (revision === null) {
      yield { path, bytes: 0, fault: 'its name is not that of a revision' };
      continue;
    }
    if (withdrawn.has(revision)) {
      yield { path, bytes: 0, fault: 'it was withdrawn and is still there: run cpt retire again' };
      continue;
    }
    try {
      const manifest = await readManifestAt(layout, revision);
      manifests.set(revision, manifest);
      yield { path, bytes: 0, fault: checkRevision(manifest, basename(resolve(dir)), sizes, known) };
    } catch (error) {
      yield { path, bytes: 0, fault: (error as Error).message };
    }
  }
  yield* verifyRefs(layout.refs, manifests);
}

async function* verifyRefs(
  folder: string,
  manifests: ReadonlyMap<string, Manifest>,
): AsyncGenerator<Finding, void, undefined> {
  const names = await namesIn(folder);
  for (const name of names) {
    const path = join('refs', name);
    const bytes = await readPlain(join(folder, name), REF_BYTES).catch(() => null);
    const revision = bytes === null ? null : parseRef(bytes);
    yield { path, bytes: bytes?.byteLength ?? 0, fault: checkRef(name, revision, manifests) };
  }
  if (manifests.size > 0 && !names.includes('main')) {
    yield { path: join('refs', 'main'), bytes: 0, fault: 'it is missing' };
  }
}

async function checkBlob(path: string, sha256: string): Promise<{ fault: string | null; bytes: number }> {
  let bytes = 0;
  try {
    const handle = await openPlain(path);
    if (handle === null) return { fault: 'it is gone', bytes };
    const hash = createHash('sha256');
    for await (const chunk of handle.createReadStream({ highWaterMark: 1 << 20 })) {
      hash.update(chunk as Uint8Array);
      bytes += (chunk as Uint8Array).byteLength;
    }
    const fault =
      hash.digest('hex') === sha256 ? null : 'its content does not have the hash that its name says';
    return { fault, bytes };
  } catch (error) {
    return { fault: (error as Error).message, bytes };
  }
}

/** The revision whose file has a name, or null where it is none's. */
function revisionIn(name: string): string | null {
  const revision = name.replace(/\.json$/, '');
  return isHex(revision, 40) && revision !== name ? revision : null;
}

function checkRecord(revision: string | null, record: Uint8Array | null): string | null {
  if (revision === null) return 'its name is not that of a revision';
  if (record === null) return 'it is not the record of a withdrawn revision';
  try {
    const known = parseStrictJson(record);
    if (isRecord(known) && typeof known.domain === 'string' && typeof known.ref === 'string') return null;
  } catch (error) {
    if (!(error instanceof JsonFault)) throw error;
  }
  return 'it is not the record of a withdrawn revision';
}

function checkRevision(
  manifest: Manifest,
  lineage: string,
  sizes: ReadonlyMap<string, number>,
  revisions: ReadonlySet<string | null>,
): string | null {
  if (manifest.lineage !== lineage) return `it belongs to the lineage ${manifest.lineage}`;
  for (const parent of manifest.parents) {
    if (!revisions.has(parent)) return `its parent ${parent} is missing`;
  }
  for (const { path, sha256, size } of manifest.files) {
    const actual = sizes.get(sha256);
    if (actual === undefined) return `the blob of its file ${path} is missing or damaged`;
    if (actual !== size) return `its file ${path} has ${actual} bytes, not ${size}`;
  }
  return null;
}

function checkRef(
  name: string,
  revision: string | null,
  manifests: ReadonlyMap<string, Manifest>,
): string | null {
  if (!isRefName(name)) return 'its name is not that of a ref';
  if (revision === null) return 'it does not hold a revision';
  const manifest = manifests.get(revision);
  if (manifest === undefined) return `the revision ${revision} is missing or damaged`;
  const { domain, version } = manifest;
  if (![domain, `${domain}.${version}`, 'main'].includes(name)) {
    return `it points to version ${version} of ${domain}`;
  }
  return null;
}
