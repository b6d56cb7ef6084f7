/** The lineage's state on disk: one file a task, each whole or absent, none changed by a later task. */
import fs from 'node:fs';
import path from 'node:path';
import { CptError } from '../../errors.ts';
import type { PluginConfig } from '../../plugin/config.ts';
import { type Archive, emptyArchive, mergedRows, missing } from '../../train/archive.ts';
import { freshLineage, type Lineage } from '../../train/lineage.ts';
import { encodeSegment, type Segment } from '../../train/segment.ts';
import { diskError } from '../disk.ts';
import { type At, writeAtomic } from '../files.ts';
import { SegmentFile } from './segment-file.ts';

/** The file of a task in the folder. */
export function segmentName(task: number): string {
  return `${String(task).padStart(6, '0')}.safetensors`;
}

const NAME = /^(\d{6,})\.safetensors$/;

export class LineageFolder {
  readonly #folder: string;
  readonly #at: At;
  readonly #open = new Map<number, SegmentFile>();

  constructor(folder: string, at: At = () => {}) {
    this.#folder = folder;
    this.#at = at;
  }

  /** What task number `task` wrote, or null. @throws CptError CPT_STATE, CPT_STATE_VERSION, CPT_SAFETENSORS */
  segment(task: number): SegmentFile | null {
    const known = this.#open.get(task);
    if (known !== undefined) return known;
    const file = this.#file(task);
    try {
      const segment = SegmentFile.open(file);
      this.#open.set(task, segment);
      return segment;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
      throw diskError(error, file, 'CPT_STATE');
    }
  }

  /**
   * The lineage as task number `task` left it; 0 is one without tasks.
   * @throws CptError CPT_STATE where the file of a task is missing or damaged
   */
  read(task: number, plugin: PluginConfig): Lineage {
    const segments = Array.from({ length: task }, (_, k) => {
      const segment = this.segment(k + 1);
      if (segment === null) {
        throw new CptError(
          'CPT_STATE',
          `The state lacks the lineage of task ${k + 1}: ${this.#file(k + 1)}.`,
          {
            hint: 'Restore it from a backup, or give this run another --state and --out.',
          },
        );
      }
      return segment;
    });
    const newest = segments.at(-1);
    if (newest === undefined) return freshLineage(plugin);
    const { head } = newest;
    return {
      plugin: head.plugin,
      tasks: task,
      widths: head.widths,
      versions: segments.filter(({ head }) => !head.retired).map(({ head }) => head.version),
      retired: segments
        .filter(({ head }) => head.retired)
        .map(({ head: { version } }) => ({
          task: version.task,
          domain: version.domain,
          version: version.version,
        })),
      archive: archiveOf(newest, segments),
    };
  }

  /** @throws CptError CPT_DISK_FULL, CPT_STATE */
  async write(task: number, segment: Segment, retired = false): Promise<void> {
    const { chunks } = encodeSegment(segment, retired);
    await writeAtomic(this.#file(task), chunks, { at: this.#at });
    this.#open.delete(task);
  }

  /** Numbers of the tasks whose files are there, ascending. */
  tasks(): number[] {
    const names = fs.existsSync(this.#folder) ? fs.readdirSync(this.#folder) : [];
    return names.flatMap((name) => NAME.exec(name)?.slice(1).map(Number) ?? []).sort((a, b) => a - b);
  }

  #file(task: number): string {
    return path.join(this.#folder, segmentName(task));
  }
}

/** Of each neuron the newest rows. */
function archiveOf(newest: SegmentFile, segments: readonly SegmentFile[]): Archive {
  const { plugin, widths } = newest.head;
  const empty = emptyArchive(plugin);
  const writers = Object.fromEntries(
    Object.entries(widths).map(([name, width]) => {
      const writer = new Int32Array(width).fill(-1);
      for (const [at, { head }] of segments.entries()) {
        for (const neuron of head.neurons[name]!) writer[neuron] = at;
      }
      return [name, writer];
    }),
  );
  return {
    rows(name, index) {
      if (index.length === 0) return empty.rows(name, index);
      const bySegment = new Map<number, number[]>();
      for (const neuron of index) {
        const writer = writers[name]![neuron] ?? -1;
        if (writer < 0) throw missing(name, neuron);
        const own = bySegment.get(writer);
        if (own === undefined) bySegment.set(writer, [neuron]);
        else own.push(neuron);
      }
      const parts = [...bySegment].map(([at, own]) => segments[at]!.rows(name, Uint32Array.from(own)));
      return mergedRows(index, plugin.hidden, parts);
    },
    outputBias: (name) => newest.outputBias(name),
    detail(task) {
      const segment = segments[task - 1];
      return segment === undefined ? empty.detail(task) : segment.detail();
    },
  };
}
