/**
 * Takes revisions back. A record of each stays, so that manifests that name it as a parent are still explained. What
 * points to them goes first, then their files, their manifests last: so what a crash leaves can be finished, and
 * nothing that is left ever points to what is gone.
 */
import { rm } from 'node:fs/promises';
import { canonicalJson, type Manifest } from '../../checkpoint/index.ts';
import { diskError } from '../disk.ts';
import { type At, syncFolder } from '../files.ts';
import type { Layout } from './layout.ts';
import { namesIn, RECORD_BYTES, readPlain } from './read.ts';

export interface Withdrawal {
  readonly domain: string;
  /** Such as `d1.2`. */
  readonly ref: string;
  readonly task: number;
  readonly revision: string;
}

/** What is done to the folder of a lineage. */
export interface Withdrawing {
  readonly layout: Layout;
  readonly at: At;
  readonly write: (path: string, content: string) => Promise<void>;
  readonly refs: () => Promise<Readonly<Record<string, string>>>;
  /** Null where it is not there. @throws CptError CPT_VERIFY where it is damaged */
  readonly manifest: (revision: string) => Promise<Manifest | null>;
}

/** @returns the revision that `main` points to now, or null where no revision is left */
export async function withdraw(
  withdrawals: readonly Withdrawal[],
  { layout, at, write, refs, manifest }: Withdrawing,
): Promise<string | null> {
  const gone = new Map<string, Manifest | null>();
  for (const { revision } of withdrawals) gone.set(revision, await manifest(revision));
  const left = new Map<string, Manifest>();
  for (const name of await namesIn(layout.revisions)) {
    const revision = name.replace(/\.json$/, '');
    const own = gone.has(revision) ? null : await manifest(revision);
    if (own !== null) left.set(revision, own);
  }

  async function remove(paths: readonly string[], folder: string): Promise<void> {
    for (const path of paths) {
      at('before-remove');
      await rm(path, { force: true }).catch((error: unknown) => {
        throw diskError(error, path, 'CPT_STATE');
      });
      at('after-remove');
    }
    if (paths.length > 0) await syncFolder(folder);
  }

  for (const { revision, ...what } of withdrawals) {
    const path = layout.withdrawal(revision);
    if ((await readPlain(path, RECORD_BYTES)) === null) await write(path, canonicalJson(what));
  }
  const known = await refs();
  const newest = [...left].sort(([, a], [, b]) => b.task - a.task)[0]?.[0] ?? null;
  const main = known.main === undefined || gone.has(known.main) ? newest : known.main;
  if (main !== null && main !== known.main) await write(layout.ref('main'), `${main}\n`);
  const stale = Object.keys(known).filter(
    (name) => gone.has(known[name]!) && (name !== 'main' || main === null),
  );
  await remove(
    stale.map((name) => layout.ref(name)),
    layout.refs,
  );
  const needed = new Set([...left.values()].flatMap(({ files }) => files.map((file) => file.sha256)));
  const own = [...gone.values()].flatMap((one) => one?.files.map((file) => file.sha256) ?? []);
  const blobs = [...new Set(own)].filter((sha256) => !needed.has(sha256));
  await remove(
    blobs.map((sha256) => layout.blob(sha256)),
    layout.blobs,
  );
  const manifests = [...gone]
    .filter(([, one]) => one !== null)
    .map(([revision]) => layout.manifest(revision));
  await remove(manifests, layout.revisions);
  return main;
}
