/** Many domains in one lineage, through the trainer's own worker: what a task costs, and what it leaves on disk. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { encodePlugins, sha256 } from '../../src/checkpoint/index.ts';
import { routerJson, Segmenter } from '../../src/domains/index.ts';
import { BUNDLED_BASE } from '../../src/edge/bundled.ts';
import { sizeBelow } from '../../src/edge/size.ts';
import { storeAt } from '../../src/edge/store/index.ts';
import { LineageFolder } from '../../src/edge/trainer/lineage-folder.ts';
import { TRAINER_DEFAULTS } from '../../src/edge/trainer/options.ts';
import type { TrainerSetup } from '../../src/edge/trainer/protocol.ts';
import { openWorker } from '../../src/edge/trainer/worker.ts';
import type { CptEvent, TaskTrained } from '../../src/events.ts';
import { prunedVersion } from '../../src/train/lineage.ts';
import type { TaskOptions } from '../../src/train/options.ts';

export interface NamedDomain {
  readonly name: string;
  readonly texts: readonly string[];
}

export interface TaskCost {
  readonly domain: string;
  /** Of the whole task, publishing included: by the clock, and of processor time over all threads. */
  readonly seconds: number;
  readonly processorSeconds: number;
  /** Of `seconds`. */
  readonly proofSeconds: number;
  /** Largest resident memory seen while it ran, bytes. */
  readonly memory: number;
  /** Bytes of the lineage's state and of all that is published, after it. */
  readonly state: number;
  readonly published: number;
  readonly trained: TaskTrained;
  /** First-layer neurons of all plugins together. */
  readonly width: number;
}

export interface LineageRun {
  readonly costs: readonly TaskCost[];
  /** Versions whose `plugin.safetensors`, made again at the end, has the hash that it was published with. */
  readonly same: number;
}

/** Looks at memory this often, milliseconds. */
const LOOK_EVERY = 50;

export async function runLineage(
  domains: readonly NamedDomain[],
  options: TaskOptions,
  onTask: (cost: TaskCost) => void = () => {},
): Promise<LineageRun> {
  const place = mkdtempSync(join(tmpdir(), 'cpt-growth-'));
  try {
    return await inFolder(place, domains, options, onTask);
  } finally {
    rmSync(place, { recursive: true });
  }
}

async function inFolder(
  place: string,
  domains: readonly NamedDomain[],
  options: TaskOptions,
  onTask: (cost: TaskCost) => void,
): Promise<LineageRun> {
  const [folder, out] = [join(place, 'state'), join(place, 'out')];
  const setup: TrainerSetup = {
    lineage: 'growth',
    base: BUNDLED_BASE,
    baseName: 'bundled',
    folder,
    out,
    options,
    trainer: TRAINER_DEFAULTS,
    version: '0',
  };
  const events: CptEvent[] = [];
  const worker = await openWorker(setup, (event) => events.push(event), { alive: () => {}, at: () => {} });
  const segmenter = new Segmenter();
  const costs: TaskCost[] = [];
  for (const [at, { name, texts }] of domains.entries()) {
    for (const text of texts) segmenter.push({ text, domain: name });
    const closed = segmenter.end().find((verdict) => verdict.kind === 'closed')!;
    const near = closed.nearest.map(({ domain }) => domain);
    const signatures = routerJson(segmenter.signatures());
    let memory = process.memoryUsage.rss();
    const looking = setInterval(() => {
      memory = Math.max(memory, process.memoryUsage.rss());
    }, LOOK_EVERY);
    const [since, spent] = [performance.now(), process.cpuUsage()];
    const { events: done } = await worker.run({ task: at + 1, domain: name, texts, near, signatures });
    const { user, system } = process.cpuUsage(spent);
    clearInterval(looking);
    const trained = done.find((event) => event.event === 'TaskTrained')!;
    const { head } = new LineageFolder(folder).segment(at + 1)!;
    const cost: TaskCost = {
      domain: name,
      seconds: (performance.now() - since) / 1000,
      processorSeconds: (user + system) / 1e6,
      proofSeconds: trained.proofSeconds,
      memory,
      state: sizeBelow(folder),
      published: sizeBelow(out),
      trained,
      width: Object.values(head.widths).reduce((sum, width) => sum + width, 0),
    };
    costs.push(cost);
    onTask(cost);
  }
  await worker.dispose();
  return { costs, same: await unchanged(folder, out, domains.length) };
}

async function unchanged(folder: string, out: string, tasks: number): Promise<number> {
  const files = new LineageFolder(folder);
  const plugin = files.segment(1)!.head.plugin;
  const lineage = files.read(tasks, plugin);
  const store = storeAt(join(out, 'growth'));
  let same = 0;
  for (const version of lineage.versions) {
    const revision = await store.resolve(`${version.domain}.${version.version}`);
    const { proof } = await store.readManifest(revision!);
    if (sha256(encodePlugins(plugin, prunedVersion(lineage, version))) === proof) same++;
  }
  return same;
}
