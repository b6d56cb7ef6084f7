/**
 * Where a compiled step spends its time, by ONNX Runtime's own profiler.
 *
 *   node --import tsx bench/speed/profile.ts [--size base] [--precision fp32] [--steps 4] [--threads 2] [--write]
 *
 * `--write` renews the section in results.md; `--keep FOLDER` keeps the profile (for chrome://tracing).
 */
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import type { Precision } from '../../src/engine/index.ts';
import { machine, profileHeading, writeSection } from './report.ts';
import { SIZES, sizeOf } from './sizes.ts';
import { compileTask, makeTask } from './task.ts';
import { type Profile, type ProfileEvent, type Spent, summarise } from './trace-events.ts';

const { values: flags } = parseArgs({
  options: {
    size: { type: 'string', default: 'base' },
    precision: { type: 'string', default: 'fp32' },
    steps: { type: 'string', default: '4' },
    threads: { type: 'string', default: '2' },
    keep: { type: 'string' },
    write: { type: 'boolean', default: false },
  },
});

/** The first steps still allocate and lay out what the others reuse. */
const WARM = 2;
/** Rows of the tables by shape; the rest is summed up. */
const SHOWN = 24;

async function profile(precision: Precision): Promise<Profile> {
  const size = sizeOf(flags.size);
  const folder = flags.keep ?? mkdtempSync(join(tmpdir(), 'cpt-profile-'));
  try {
    const task = makeTask(size, size.batch, size.length);
    const options = { threads: Number(flags.threads), precision, profile: join(folder, 'step') };
    const { stepper, run } = await compileTask(task, options);
    for (let step = 1; step <= WARM + Number(flags.steps); step++) await run(step);
    await stepper.dispose();
    const file = readdirSync(folder)
      .filter((name) => name.startsWith('step'))
      .sort()
      .at(-1)!;
    return summarise(JSON.parse(readFileSync(join(folder, file), 'utf8')) as ProfileEvent[], WARM);
  } finally {
    if (flags.keep === undefined) rmSync(folder, { recursive: true });
  }
}

function tables({ ms, operators, products, others, runs }: Profile): string {
  const share = (part: number) => `${((100 * part) / ms).toFixed(1)} %`;
  const sum = (rows: readonly Spent[]) => rows.reduce((total, row) => total + row.ms, 0);
  const line = (row: Spent, rate: boolean) => {
    const cells = [row.name, row.count.toFixed(0), row.ms.toFixed(2), share(row.ms)];
    if (rate) cells.push(row.gflops?.toFixed(0) ?? '');
    return `| ${cells.join(' | ')} |`;
  };
  const most = (rows: readonly Spent[], rate: boolean) => {
    const rest = rows.slice(SHOWN);
    const lines = rows.slice(0, SHOWN).map((row) => line(row, rate));
    const last = `| ${rest.length} more | | ${sum(rest).toFixed(2)} | ${share(sum(rest))} |${rate ? ' |' : ''}`;
    return rest.length === 0 ? lines : [...lines, last];
  };
  const flops = products.reduce((total, row) => total + (row.gflops ?? 0) * row.ms, 0);
  const between = ms - sum(operators);
  return [
    `${machine(Number(flags.threads))}; means of ${runs} steps after ${WARM}; with the profiler a step takes ${ms.toFixed(1)} ms.`,
    '',
    '| operator | per step | ms | share |',
    '| --- | --- | --- | --- |',
    ...operators.map((row) => line(row, false)),
    `| between operators | | ${between.toFixed(2)} | ${share(between)} |`,
    '',
    `Matrix products, rows × inner × columns (ᵀ: the left one is read transposed): ${share(sum(products))} of the step at`,
    `${(flops / sum(products)).toFixed(0)} GFLOP/s.`,
    '',
    '| product | per step | ms | share | GFLOP/s |',
    '| --- | --- | --- | --- | --- |',
    ...most(products, true),
    '',
    'Everything else, by the shape of its result:',
    '',
    '| operator | per step | ms | share |',
    '| --- | --- | --- | --- |',
    ...most(others, false),
  ].join('\n');
}

const { precision } = flags;
if (!(flags.size in SIZES) || (precision !== 'fp32' && precision !== 'int8')) {
  process.stderr.write(`--size takes ${Object.keys(SIZES).join(', ')}; --precision fp32 or int8.\n`);
  process.exit(2);
}
const body = tables(await profile(precision));
process.stdout.write(`${body}\n`);
if (flags.write) writeSection(profileHeading(flags.size, precision), body);
process.exit(0);
