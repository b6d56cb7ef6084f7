/**
 * Nothing lost, nothing twice, whatever happens: `cpt run` on a topic of numbered passages, under faults.
 *
 *     node --import tsx bench/faults/run.ts --seed 1 --faults 100 --passages 100000
 *     node --import tsx bench/faults/run.ts --equal --faults 30 --passages 5000   # one partition: equal checkpoints
 *
 * `--equal` runs the same records calmly and under faults of two seeds, and compares what was published.
 * `--write` puts the result into `bench/faults/results.md`. `CPT_FAULTS_KEEP=FOLDER` keeps the log of a failure.
 */
import fs from 'node:fs';
import os from 'node:os';
import { parseArgs } from 'node:util';
import { KINDS } from './schedule.ts';
import { type Trial, trial } from './trial.ts';

const { values } = parseArgs({
  options: {
    seed: { type: 'string', default: '1' },
    faults: { type: 'string', default: '100' },
    passages: { type: 'string', default: '100000' },
    partitions: { type: 'string', default: '6' },
    equal: { type: 'boolean', default: false },
    write: { type: 'boolean', default: false },
  },
});
const say = (line: string): void => console.error(line);
const faults = Number(values.faults);
const common = { texts: '1', passages: Number(values.passages), say };

function counted(counts: Readonly<Record<string, number>>): string {
  const list = Object.entries(counts).map(([name, count]) => `${name} ${count}`);
  return list.length === 0 ? 'none' : list.join(', ');
}

function lines({ verdict, happened, exits, starts, seconds, disk, clock }: Trial, seed: string): string[] {
  const { passages, tasks, letters, repeatedLetters, lost, twice, events, repeatedEvents } = verdict;
  const total = Object.values(happened).reduce((sum, count) => sum + count, 0);
  return [
    `| seed | ${seed} |`,
    `| faults | ${total}: ${counted(Object.fromEntries(KINDS.flatMap((kind) => (happened[kind] ? [[kind, happened[kind]]] : []))))} |`,
    `| starts of the program | ${starts}; exits of its own: ${counted(exits)} |`,
    `| passages, tasks | ${passages.toLocaleString('en')} in ${tasks} |`,
    `| dead letters | ${letters}, and ${repeatedLetters} repeats told by their id |`,
    `| checkpoint events | ${events}, and ${repeatedEvents} repeats |`,
    `| **lost, twice** | **${lost.length}, ${twice.length}** |`,
    `| published (hash of the revisions) | \`${verdict.published.slice(0, 16)}\` |`,
    `| time | ${Math.round(seconds)} s; disk: ${disk}; clock: ${clock} |`,
    '',
  ];
}

const out: string[] = [];
let failed = false;
const report = (title: string, result: Trial, seed: string): void => {
  out.push(`## ${title}`, '| | |', '|---|---|', ...lines(result, seed));
  failed ||= result.verdict.lost.length + result.verdict.twice.length > 0;
};

if (values.equal) {
  const one = { ...common, partitions: 1 };
  const calm = await trial({ ...one, seed: 'calm', faults: 0 });
  report('One partition, calm', calm, 'none');
  for (const seed of [values.seed, `${values.seed}-other`]) {
    const result = await trial({ ...one, seed, faults });
    report('One partition, with faults', result, seed);
    failed ||= result.verdict.published !== calm.verdict.published;
  }
} else {
  say(`seed ${values.seed}`);
  const result = await trial({ ...common, seed: values.seed, faults, partitions: Number(values.partitions) });
  report(`${values.partitions} partitions`, result, values.seed);
}
console.log(out.join('\n'));
if (values.write) {
  const file = new URL('results.md', import.meta.url);
  const head = `# Faults\n\n\`node --import tsx bench/faults/run.ts\` on ${os.cpus().length} cores.\n`;
  const before = fs.existsSync(file) ? fs.readFileSync(file, 'utf8') : head;
  fs.writeFileSync(file, `${before}\n${out.join('\n')}`);
}
process.exitCode = failed ? 1 : 0;
