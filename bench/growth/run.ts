/**
 * A hundred domains in one lineage on the bundled base: whether the last task costs what the second did.
 *
 *   node --import tsx bench/growth/run.ts DATA_DIR [--domains 100] [--passages 120] [--steps 12] [--write]
 *
 * Twelve kinds of real text in turn, each time passages that were not used before, each run a domain of its own; every
 * task has the same number of steps, so that what grows would show. `--write` puts results.md and the plots in place.
 */
import { writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { makeRng } from '../../src/rng.ts';
import { TASK_DEFAULTS } from '../../src/train/options.ts';
import { chart } from '../chart.ts';
import { Dealer, dataFolder, Pools, type Source } from '../segmentation/sources.ts';
import { runLineage, type TaskCost } from './lineage.ts';

const { values: flags, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    domains: { type: 'string', default: '100' },
    passages: { type: 'string', default: '120' },
    steps: { type: 'string', default: '12' },
    write: { type: 'boolean', default: false },
  },
});
const dataDir = dataFolder(positionals[0], 'bench/growth/run.ts DATA_DIR');

const KINDS: readonly Source[] = [
  'restaurants',
  'ai',
  'sports',
  'novels',
  'acl',
  'business',
  'wikipedia',
  'world',
  'textbooks',
  'yelp',
  'science',
  'encyclopedia',
];
const count = Number(flags.domains);
const dealer = new Dealer(new Pools(dataDir), makeRng('growth'));
const domains = Array.from({ length: count }, (_, at) => {
  const kind = KINDS[at % KINDS.length]!;
  return {
    name: `${kind}-${Math.floor(at / KINDS.length) + 1}`,
    texts: dealer.deals(Number(flags.passages), () => kind),
  };
});
const steps = Number(flags.steps);
const options = { ...TASK_DEFAULTS, device: 'cpu', minSteps: steps, maxSteps: steps } as const;
const { costs, same } = await runLineage(domains, options, (cost) => {
  const { domain, seconds, processorSeconds, proofSeconds, memory, state } = cost;
  const mebibytes = (bytes: number) => `${Math.round(bytes / 2 ** 20)} MiB`;
  process.stderr.write(
    `${domain}: ${seconds.toFixed(1)} s, ${processorSeconds.toFixed(1)} s of processor, proof ${proofSeconds.toFixed(2)} s, ${mebibytes(memory)}, state ${mebibytes(state)}\n`,
  );
});

/** The middle of some tasks: single ones vary with what else the machine does. */
function median(of: readonly TaskCost[], value: (cost: TaskCost) => number): number {
  return of.map(value).sort((a, b) => a - b)[Math.floor(of.length / 2)]!;
}
const [early, late] = [costs.slice(1, 12), costs.slice(-11)];
const row = (name: string, value: (cost: TaskCost) => number, shown: (value: number) => string): string => {
  const [first, second, last] = [median(early, value), value(costs[1]!), value(costs.at(-1)!)];
  const end = median(late, value);
  const cells = [name, shown(second), shown(last), (last / second).toFixed(2), shown(first), shown(end)];
  return `| ${[...cells, (end / first).toFixed(2)].join(' | ')} |`;
};
const seconds = (value: number) => `${value.toFixed(2)} s`;
const mib = (value: number) => `${(value / 2 ** 20).toFixed(0)} MiB`;
const perDomain = (value: (cost: TaskCost) => number) =>
  `${Math.round((value(costs.at(-1)!) - value(costs[1]!)) / (costs.length - 2) / 1024).toLocaleString('en')} KiB`;
const shareOfProof = median(costs.slice(1), ({ proofSeconds, seconds }) => proofSeconds / seconds);
const report = `# ${count} domains in one lineage

\`node --import tsx bench/growth/run.ts DATA_DIR --domains ${count} --passages ${flags.passages} --steps ${steps}\`, ${cpus()[0]!.model.trim()},
${cpus().length} threads, Node ${process.versions.node}, the bundled base (4 layers of 256). A task is that of the trainer: training, measuring,
proofs, state and publishing. Processor time is over all threads; memory is the largest resident size seen while the task ran.

| of a task | task 2 | task ${count} | ratio | median of tasks 2 to 12 | of the last 11 | ratio |
| --- | --- | --- | --- | --- | --- | --- |
${row('time', (cost) => cost.seconds, seconds)}
${row('processor time', (cost) => cost.processorSeconds, seconds)}
${row('peak memory', (cost) => cost.memory, mib)}
${row('proofs', (cost) => cost.proofSeconds, seconds)}

- Made again at the end, with the hash that it was first published with: ${same} of ${count}.
- State on disk: ${perDomain((cost) => cost.state)} a domain; published: ${perDomain((cost) => cost.published)} a domain.
- Proofs: ${(100 * shareOfProof).toFixed(1)} % of a task's time (median; tasks of ${steps} steps, the default is at least ${TASK_DEFAULTS.minSteps}).
- First-layer neurons of all plugins: ${costs[0]!.width.toLocaleString('en')} after task 1, ${costs.at(-1)!.width.toLocaleString('en')} after task ${count}.

![time](time.svg)
![memory](memory.svg)
![state](state.svg)
`;
process.stdout.write(report);
if (flags.write) {
  const write = (name: string, content: string) =>
    writeFileSync(fileURLToPath(new URL(name, import.meta.url)), content);
  write('results.md', report);
  const of = (name: string, value: (cost: TaskCost) => number) => ({ name, values: costs.map(value) });
  const time = [
    of('processor time', (cost) => cost.processorSeconds),
    of('by the clock', (cost) => cost.seconds),
    of('proofs', (cost) => cost.proofSeconds),
  ];
  write('time.svg', chart('Time of a task', 'seconds', time));
  const memory = of('peak while it ran', (cost) => cost.memory / 2 ** 20);
  write('memory.svg', chart('Resident memory', 'MiB', [memory]));
  const state = of('after the task', (cost) => cost.state / 2 ** 20);
  write('state.svg', chart('State of the lineage on disk', 'MiB', [state]));
}
