/** What the benchmark of segmentation writes down. */
import { cpus } from 'node:os';
import { METHODS } from './baselines.ts';
import { FAMILIES } from './families.ts';
import { aligned } from './markdown.ts';
import { CELLS, shown, Tally } from './tally.ts';

/** Method → its scores. */
export type Tallies = ReadonlyMap<string, Tally>;
/** Family → method → scores. */
export type Results = ReadonlyMap<string, Tallies>;

interface Setting {
  readonly seeds: readonly string[];
  readonly falseAlarmEvery: number;
}

/** The name of this project's method among the others. */
export const OURS = 'cpt';
/** Families whose passages are not independent of their neighbours. */
const LOCAL = ['correlated', 'neighbours', 'echoes', 'events'];

const MEASURES = `Precision and recall at ±25 passages; a span (ramp, short interleaving) counts as found within ±25 of it. Delay from the
true boundary (a span's end) to the decision. False alarms are found boundaries that are no true one's at ±100.
Passages per second of processor time, one core, on a busy machine. Not the default seed, 1,
on which the other methods were set; all seeds draw on the same passages.`;

/** results.md: this project's segmenter, family by family. */
export function reportOurs(results: Results, setting: Setting): string {
  const rows = [...results].map(([name, tallies]) => [name, ...tallies.get(OURS)!.cells()]);
  rows.push(['all', ...sum(results, OURS, []).cells()]);
  rows.push(['all but local correlation', ...sum(results, OURS, LOCAL).cells()]);
  const mixtures = ['interleaved', 'mixed'].map((name) => {
    return `${name} ${shown(results.get(name)!.get(OURS)!.recallOfMixtures, 3)}`;
  });
  return `# Segmentation of spliced streams

${commandOf(setting, '')}

${MEASURES}
Returns: part of the closed domains that were rightly named as new or as an earlier one.

${aligned(['family', ...CELLS], rows)}

Part of the mixtures' beginnings and ends that were found: ${mixtures.join(', ')}.

${FAMILIES.map(({ name, about }) => `- ${name}: ${about}`).join('\n')}
`;
}

/** baselines.md: all methods on the same streams. */
export function reportBaselines(results: Results, setting: Setting): string {
  const methods = [OURS, ...METHODS.map(({ name }) => name)];
  const byFamily = (value: (tally: Tally) => string): string[][] =>
    [...results].map(([family, tallies]) => [family, ...methods.map((name) => value(tallies.get(name)!))]);
  return `# Segmentation beside other methods

${commandOf(setting, ' --python PATH')}

River's ADWIN, KSWIN and PageHinkley, online, and ruptures' KernelCPD, which sees the whole stream before it says
anything (its delay is no delay), on the same streams and the same hashed words, scored alike. What they read of them
stands in [baselines.py](baselines.py), how they are set in [baselines.ts](baselines.ts): lightly, on seed 1.

${MEASURES}

${aligned(
  ['method', ...CELLS],
  methods.map((name) => [name, ...sum(results, name, []).cells()]),
)}

F1 at ±25 (of a stream without a boundary 1, or 0 where one was found):

${aligned(
  ['family', ...methods],
  byFamily((tally) => shown(tally.f1, 3)),
)}

False alarms per 10,000 passages:

${aligned(
  ['family', ...methods],
  byFamily((tally) => shown(tally.falseAlarmRate, 2)),
)}
`;
}

/** One line of the table that is printed while it is measured. */
export function rowOf(name: string, tally: Tally): string {
  return `| ${[name, ...tally.cells()].join(' | ')} |`;
}

function commandOf({ seeds, falseAlarmEvery }: Setting, more: string): string {
  const chosen = [...seeds.map((seed) => `--seed ${seed}`), `--every ${falseAlarmEvery}`].join(' ');
  return `\`node --import tsx bench/segmentation/run.ts DATA_DIR ${chosen}${more}\`, ${cpus()[0]?.model.trim()},
Node ${process.versions.node}.`;
}

function sum(results: Results, method: string, without: readonly string[]): Tally {
  const total = new Tally();
  for (const [family, tallies] of results) if (!without.includes(family)) total.add(tallies.get(method)!);
  return total;
}
