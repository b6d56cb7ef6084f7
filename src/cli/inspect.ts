/** `cpt inspect DIR`: what a published lineage holds, or a state folder, or a folder of these. */
import path from 'node:path';
import { CptError } from '../errors.ts';
import type { Command } from './command.ts';
import { inspectionLines, type LineageInspection, type RevisionRow } from './inspection.ts';
import { stateLines } from './state-inspection.ts';
import { harmless } from './width.ts';
import { writer } from './write.ts';

export const command: Command = {
  name: 'inspect',
  summary: 'what a published lineage or a state folder holds',
  usage: 'inspect DIR [flags]',
  positionals: 1,
  flags: [],
  settings: ['output'],

  async run({ args, config, io }) {
    const [dir] = args.positionals;
    if (dir === undefined) {
      throw new CptError('CPT_USAGE', 'cpt inspect needs the folder of a lineage or of its state.', {
        hint: 'Usage: cpt inspect OUT/LINEAGE, or cpt inspect STATE',
      });
    }
    const out = writer(io.stdout);
    const tell = async (found: object, lines: readonly string[]): Promise<void> => {
      const text = config.json ? JSON.stringify(found) : lines.map(harmless).join('\n');
      await out.write(`${text}\n`);
    };
    const { inspectState, stateFolders } = await import('../edge/inspect/state.ts');
    const states = stateFolders(dir);
    if (states.length === 0) {
      const inspection = await inspectLineage(dir);
      await tell(inspection, inspectionLines(inspection));
    }
    for (const [at, folder] of states.entries()) {
      const state = await inspectState(folder);
      await tell(state, [...(at > 0 ? [''] : []), ...stateLines(state)]);
    }
    await out.flushed();
    return 0;
  },
};

/** @throws CptError CPT_VERIFY where it is not a lineage or a manifest is damaged */
async function inspectLineage(dir: string): Promise<LineageInspection> {
  const { openLineage } = await import('../edge/store/index.ts');
  const { store, refs } = await openLineage(dir);
  const rows: RevisionRow[] = [];
  const distinct = new Map<string, number>();
  for (const revision of new Set(Object.values(refs))) {
    const manifest = await store.readManifest(revision);
    const names = Object.keys(refs).filter((name) => refs[name] === revision);
    const {
      domain,
      label = null,
      version,
      task,
      parents,
      base,
      occupancy,
      losses,
      passages,
      tokens,
      files,
    } = manifest;
    const sizes = new Map(files.map(({ sha256, size }) => [sha256, size]));
    for (const [sha256, size] of sizes) distinct.set(sha256, size);
    rows.push({
      revision,
      refs: names,
      domain,
      label,
      version,
      task,
      parents,
      base,
      occupancy,
      losses,
      passages,
      tokens,
      bytes: sum(sizes.values()),
      ownBytes: sum([...sizes].filter(([sha256]) => sha256 !== base).map(([, size]) => size)),
    });
  }
  rows.sort((a, b) => a.task - b.task);
  const lineage = path.basename(path.resolve(dir));
  return { lineage, folder: dir, bytes: sum(distinct.values()), revisions: rows };
}

function sum(values: Iterable<number>): number {
  let total = 0;
  for (const value of values) total += value;
  return total;
}
