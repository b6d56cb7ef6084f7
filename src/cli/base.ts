/** What the setting `base` means: a folder as it is, what comes with the package, or a model fetched from a hub. */
import { existsSync } from 'node:fs';
import path from 'node:path';
import { BUNDLED, type Config } from '../config/config-type.ts';
import { BUNDLED_BASE, packageVersion } from '../edge/bundled.ts';
import { type HubId, parseHubId } from '../edge/hub/id.ts';
import type { Pin } from '../edge/hub/pin.ts';
import type { BaseFetching, BaseReady } from '../events.ts';
import type { CommandContext } from './command.ts';

export interface OpenedBase {
  readonly folder: string;
  /** For a person: what was named, with the commit where a hub decided. */
  readonly name: string;
  /** What to remember in a lineage's state; null for a folder. */
  readonly pin: Pin | null;
}

export interface OpenBase extends Pick<CommandContext, 'env' | 'signal'> {
  readonly config: Pick<Config, 'base' | 'offline' | 'lineage'>;
  /** State of the lineage that the base is for, which may be bound to a commit. */
  readonly state?: string;
  readonly show: (event: BaseFetching | BaseReady) => void;
  readonly say: (lines: readonly string[]) => void;
}

const PROGRESS_EVERY_MS = 200;

/** @throws CptError CPT_HUB, CPT_BASE, CPT_DISK_FULL, CPT_CONFIG, CPT_INTERRUPTED */
export async function openBase({ config, env, signal, state, show, say }: OpenBase): Promise<OpenedBase> {
  const { base, lineage, offline } = config;
  const id = hubIdOf(base);
  if (id === null) return { folder: base === BUNDLED ? BUNDLED_BASE : base, name: base, pin: null };
  const { fetchBase, hubAccess, pinnedCommit } = await import('../edge/hub/index.ts');
  const access = hubAccess({ env, offline, version: packageVersion() });
  const pinned = state === undefined ? null : pinnedCommit(state, base);
  let told = Number.NEGATIVE_INFINITY;
  const { folder, commit, fetched, note } = await fetchBase(id, access, {
    pinned,
    signal,
    onProgress: ({ file, bytes, total }) => {
      const now = performance.now();
      if (now - told < PROGRESS_EVERY_MS && bytes < total) return;
      told = now;
      show({ event: 'BaseFetching', lineage, base, file, bytes, total });
    },
    onNote: (text) => say([text]),
  });
  show({ event: 'BaseReady', lineage, base, commit, fetched, pinned: pinned !== null, note });
  return { folder, name: `${base} (commit ${commit})`, pin: { base, commit } };
}

/** A folder that is there is never taken for a model on a hub. */
export function hubIdOf(base: string): HubId | null {
  return base === BUNDLED || existsSync(path.resolve(base)) ? null : parseHubId(base);
}
