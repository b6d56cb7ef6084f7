/** Erases from a lineage's segments what only one domain used. */
import { onlyRead, readersOf } from '../../plugin/read.ts';
import { retiredSegment } from '../../train/retire.ts';
import type { LineageFolder } from '../trainer/lineage-folder.ts';
import { type Note, stillNeeded } from '../trainer/revision-of.ts';

/**
 * Rewrites the segments, each at once: afterwards the domain's versions are retired, and no segment has a number that no
 * version left reads. Doing it again completes what a crash left.
 * @throws CptError CPT_STATE, CPT_DISK_FULL
 */
export async function eraseDomain(folder: LineageFolder, domain: string): Promise<void> {
  const tasks = folder.tasks();
  const heads = tasks.map((task) => folder.segment(task)!.head);
  const left = heads.filter(({ retired, version }) => !retired && version.domain !== domain);
  const readers = readersOf(
    heads[0]!.plugin,
    left.map(({ version }) => version.kept),
  );
  for (const [at, task] of tasks.entries()) {
    const { plugin, retired, version } = heads[at]!;
    const whole = folder.segment(task)!.whole();
    const written = onlyRead(plugin, whole.written, readers);
    const retires = !retired && version.domain === domain;
    if (written === whole.written && !retires) continue;
    const segment = { ...whole, written };
    const next = retires ? retiredSegment(segment, stillNeeded(whole.note as Note)) : segment;
    await folder.write(task, next, retired || retires);
  }
}
