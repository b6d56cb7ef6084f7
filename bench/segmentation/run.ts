/**
 * Segmentation of spliced streams of real text: `node --import tsx bench/segmentation/run.ts DATA_DIR
 * [--family NAME]… [--seed N] [--every N]`. Prints a table and, when all families ran, writes results.md.
 */
import { writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { parseArgs } from 'node:util';
import { SEGMENTER_DEFAULTS, Segmenter, type Verdict } from '../../src/domains/index.ts';
import { quantile, returnsAccuracy, scoreBoundaries } from '../../src/measure/boundaries.ts';
import { makeRng } from '../../src/rng.ts';
import { FAMILIES } from './families.ts';
import { missing, Pools } from './sources.ts';
import { type Family, streamOf } from './splice.ts';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    family: { type: 'string', multiple: true },
    seed: { type: 'string', default: '1' },
    every: { type: 'string', default: String(SEGMENTER_DEFAULTS.falseAlarmEvery) },
    verbose: { type: 'boolean', default: false },
  },
});

interface Tally {
  passages: number;
  seconds: number;
  matched: number;
  matchedWide: number;
  wanted: number;
  found: number;
  delays: number[];
  errors: number[];
  returns: number[];
}

const dataDir = positionals[0];
if (dataDir === undefined) {
  console.error('Usage: node --import tsx bench/segmentation/run.ts DATA_DIR [--family NAME]… [--seed N]');
  process.exit(2);
}
const absent = missing(dataDir);
if (absent.length > 0) {
  console.error(`The data for this benchmark is absent: ${absent.join(', ')}`);
  process.exit(1);
}
const pools = new Pools(dataDir);
const chosen = FAMILIES.filter((family) => values.family?.includes(family.name) ?? true);
const head = [
  '| family | streams | passages | boundaries | found | precision | recall | F1 ±25 | F1 ±100 | median delay | 95th | median error | 95th | false alarms /10,000 | returns | passages/s |',
  '|---|---|---|---|---|---|---|---|---|---|---|---|---|---|---|---|',
];
console.log(head.join('\n'));
const rows: string[] = [];
const total = emptyTally();
for (const family of chosen) {
  const tally = emptyTally();
  for (let k = 0; k < family.streams; k++) measure(family, k, tally);
  add(total, tally);
  rows.push(row(family.name, family.streams, tally));
  console.log(rows.at(-1));
}
const streams = chosen.reduce((sum, family) => sum + family.streams, 0);
if (chosen.length > 1) rows.push(row('all', streams, total));
if (chosen.length > 1) console.log(rows.at(-1));
if (chosen.length === FAMILIES.length) {
  writeFileSync(new URL('./results.md', import.meta.url), report(rows));
}

function measure(family: Family, k: number, tally: Tally): void {
  const stream = streamOf(family, pools, makeRng(values.seed), k);
  const segmenter = new Segmenter({ falseAlarmEvery: Number(values.every) });
  const verdicts: Verdict[] = [];
  const began = process.cpuUsage().user;
  for (const text of stream.texts) verdicts.push(...segmenter.push({ text }));
  verdicts.push(...segmenter.end());
  tally.seconds += (process.cpuUsage().user - began) / 1e6;
  const found = verdicts.flatMap((v) =>
    v.kind === 'drift' ? [{ at: v.boundary, detectedAt: v.detectedAt }] : [],
  );
  const closed = verdicts.flatMap((v) =>
    v.kind === 'closed' ? [{ first: v.first, last: v.last, label: v.domain }] : [],
  );
  const score = scoreBoundaries(stream.truth, found, 25);
  const wide = scoreBoundaries(stream.truth, found, 100);
  tally.passages += stream.texts.length;
  tally.matched += score.matched;
  tally.matchedWide += wide.matched;
  tally.wanted += stream.truth.length;
  tally.found += found.length;
  tally.delays.push(...wide.delays);
  tally.errors.push(...wide.errors);
  tally.returns.push(returnsAccuracy(stream.domains, closed));
  if (values.verbose) {
    console.log(
      `  true ${stream.truth.map((t) => (t.from === t.to ? t.from : `${t.from}-${t.to}`)).join(' ')}`,
    );
    console.log(`  found ${found.map((f) => `${f.at}(+${f.detectedAt - f.at})`).join(' ')}`);
    console.log(`  ids ${closed.map((c) => `${c.first}:${c.label}`).join(' ')}`);
    console.log(
      `  are ${stream.domains
        .map((c) => `${c.first}:${c.label}`)
        .slice(0, 20)
        .join(' ')}`,
    );
  }
}

function row(name: string, streams: number, t: Tally): string {
  const precision = t.found === 0 ? 1 : t.matched / t.found;
  const recall = t.wanted === 0 ? 1 : t.matched / t.wanted;
  const f1 = (matched: number): number =>
    t.found + t.wanted === 0 ? 1 : (2 * matched) / (t.found + t.wanted);
  const returns = t.returns.reduce((sum, value) => sum + value, 0) / t.returns.length;
  const cells = [
    name,
    streams,
    t.passages,
    t.wanted,
    t.found,
    precision.toFixed(3),
    recall.toFixed(3),
    f1(t.matched).toFixed(3),
    f1(t.matchedWide).toFixed(3),
    ...[quantile(t.delays, 0.5), quantile(t.delays, 0.95), quantile(t.errors, 0.5), quantile(t.errors, 0.95)],
    (((t.found - t.matchedWide) / t.passages) * 10_000).toFixed(2),
    returns.toFixed(3),
    Math.round(t.passages / t.seconds),
  ];
  return `| ${cells.map((cell) => (Number.isNaN(cell) ? '–' : cell)).join(' | ')} |`;
}

function add(sum: Tally, t: Tally): void {
  for (const key of ['passages', 'seconds', 'matched', 'matchedWide', 'wanted', 'found'] as const)
    sum[key] += t[key];
  for (const key of ['delays', 'errors', 'returns'] as const) sum[key].push(...t[key]);
}

function emptyTally(): Tally {
  const counts = { passages: 0, seconds: 0, matched: 0, matchedWide: 0, wanted: 0, found: 0 };
  return { ...counts, delays: [], errors: [], returns: [] };
}

function report(lines: readonly string[]): string {
  const families = FAMILIES.map((family) => `- ${family.name}: ${family.about}`).join('\n');
  return `# Segmentation of spliced streams

\`node --import tsx bench/segmentation/run.ts DATA_DIR --seed ${values.seed} --every ${values.every}\`, ${cpus()[0]?.model.trim()},
Node ${process.versions.node}. Precision and recall at ±25 passages; a ramp counts as found within ±25 of its span. Delay from
the true boundary (a ramp's end) to the decision. False alarms are found boundaries that are no true one's at ±100.
Returns: part of the closed domains that were rightly named as new or as an earlier one. Passages per second of
processor time, one core. Smoothing and windows were chosen on seeds 1 to 3.

${aligned([...head, ...lines]).join('\n')}

${families}
`;
}

/** A Markdown table with columns as wide as their widest cell, the way the formatter wants it. */
function aligned(table: readonly string[]): string[] {
  const cells = table.map((line) =>
    line
      .split('|')
      .slice(1, -1)
      .map((cell) => cell.trim()),
  );
  const widths = cells[0]!.map((_, k) => Math.max(...cells.map((line) => line[k]!.length)));
  return cells.map((line, n) => {
    const padded = line.map((cell, k) => cell.padEnd(widths[k]!, n === 1 ? '-' : ' '));
    return `| ${padded.join(' | ')} |`;
  });
}
