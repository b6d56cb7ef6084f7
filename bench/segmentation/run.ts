/**
 * Segmentation of spliced streams of real text:
 *
 *   node --import tsx bench/segmentation/run.ts DATA_DIR [--family NAME]… [--seed N]… [--every N] [--verbose]
 *   node --import tsx bench/segmentation/run.ts DATA_DIR --python PATH [--keep FOLDER] [--seed N]…
 *   node --import tsx bench/segmentation/run.ts DATA_DIR --calibration [--seed N]…
 *
 * Prints a table and, when all families ran, writes results.md; `--python`, a Python with `pip install river
 * ruptures`: other methods too, into baselines.md (`--keep` keeps what they found for another run); `--calibration`:
 * the number that a person chooses against what is measured, into calibration.md.
 */
import { writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { SEGMENTER_DEFAULTS } from '../../src/domains/index.ts';
import { makeRng } from '../../src/rng.ts';
import { METHODS, runBaselines } from './baselines.ts';
import { calibrate, reportCalibration } from './calibration.ts';
import { FAMILIES } from './families.ts';
import { OURS, reportBaselines, reportOurs, rowOf, type Tallies } from './report.ts';
import { type Segmented, segment } from './segment.ts';
import { dataFolder, Pools } from './sources.ts';
import { type Family, type Stream, streamOf } from './splice.ts';
import { CELLS, Tally } from './tally.ts';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    family: { type: 'string', multiple: true },
    seed: { type: 'string', multiple: true },
    every: { type: 'string', default: String(SEGMENTER_DEFAULTS.falseAlarmEvery) },
    python: { type: 'string' },
    keep: { type: 'string' },
    calibration: { type: 'boolean', default: false },
    verbose: { type: 'boolean', default: false },
  },
});

const dataDir = dataFolder(positionals[0], 'bench/segmentation/run.ts DATA_DIR [--family NAME]… [--seed N]…');
const pools = new Pools(dataDir);
const falseAlarmEvery = Number(values.every);
const seeds = values.seed ?? ['1'];

if (values.calibration) {
  const text = reportCalibration(calibrate(pools, seeds, console.error), seeds);
  write('calibration.md', text);
  console.log(text);
} else await measure();

async function measure(): Promise<void> {
  const chosen = FAMILIES.filter((family) => values.family?.includes(family.name) ?? true);
  const results = new Map<string, Tallies>();
  console.log(`| ${['family', ...CELLS].join(' | ')} |\n|${'---|'.repeat(CELLS.length + 1)}`);
  for (const family of chosen) {
    results.set(family.name, await measureFamily(family));
    for (const [method, tally] of results.get(family.name)!) {
      console.log(rowOf(method === OURS ? family.name : `${family.name}, ${method}`, tally));
    }
  }
  if (chosen.length < FAMILIES.length) return;
  const setting = { seeds, falseAlarmEvery };
  if (values.python === undefined) write('results.md', reportOurs(results, setting));
  else write('baselines.md', reportBaselines(results, setting));
}

async function measureFamily(family: Family): Promise<Tallies> {
  const tallies = new Map<string, Tally>();
  for (const seed of seeds) {
    for (let k = 0; k < family.streams; k++) {
      const stream = streamOf(family, pools, makeRng(seed), k);
      for (const [method, segmented] of await segmentations(stream)) {
        if (values.verbose) show(stream, method, segmented);
        const tally = tallies.get(method) ?? new Tally();
        tally.count(stream, segmented);
        tallies.set(method, tally);
      }
    }
  }
  return tallies;
}

async function segmentations(stream: Stream): Promise<Map<string, Segmented>> {
  const ours = segment(stream.texts, { falseAlarmEvery });
  if (values.python === undefined) return new Map([[OURS, ours]]);
  return new Map([
    [OURS, ours],
    ...(await runBaselines(values.python, METHODS, stream.texts, values.keep ?? null)),
  ]);
}

function show({ truth, domains }: Stream, method: string, { found, closed }: Segmented): void {
  const spans = truth.map(({ from, to }) => (from === to ? `${from}` : `${from}-${to}`));
  console.log(`  ${method} found ${found.map((f) => `${f.at}(+${f.detectedAt - f.at})`).join(' ')}`);
  console.log(`  true ${spans.join(' ')}`);
  if (closed.length > 0) console.log(`  ids ${closed.map((c) => `${c.first}:${c.label}`).join(' ')}`);
  console.log(`  are ${domains.map((d) => `${d.first}:${d.label}`).join(' ')}`);
}

function write(name: string, text: string): void {
  writeFileSync(new URL(name, import.meta.url), text);
}
