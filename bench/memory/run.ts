/**
 * Memory and speed of a training step at RoBERTa-base sizes, the published batch of 48×164 and blocks of 512, in one
 * pass and in parts. It takes minutes.
 *
 *   node --import tsx bench/memory/run.ts [--steps 1] [--threads 2] [--only 48x164] [--write]
 *
 * `--write` puts the table into results.md.
 */
import { execFile } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { fileURLToPath } from 'node:url';
import { parseArgs, promisify } from 'node:util';

const { values: flags } = parseArgs({
  options: {
    steps: { type: 'string', default: '1' },
    threads: { type: 'string', default: '2' },
    only: { type: 'string' },
    write: { type: 'boolean', default: false },
  },
});

/** Batch, length, and blocks in a pass; 0 is what the program chooses. */
const CASES: readonly (readonly [number, number, number])[] = [
  [48, 164, 48],
  [48, 164, 0],
  [4, 512, 4],
  [4, 512, 0],
];

interface Measured {
  readonly microBatch: number;
  readonly setUp: number;
  readonly seconds: readonly number[];
  readonly losses: readonly number[];
  /** Bytes: before the first step, at most up to the last one, at most with an evaluation behind it. */
  readonly before: number;
  readonly stepped: number;
  readonly peak: number;
}

const here = (file: string) => fileURLToPath(new URL(file, import.meta.url));
const gigabytes = (bytes: number) => (bytes / 1e9).toFixed(2);

async function measure(batch: number, length: number, micro: number): Promise<string> {
  const args = ['--import', 'tsx', here('worker.ts'), ...[batch, length, micro].map(String)];
  const { stdout } = await promisify(execFile)(process.execPath, [...args, flags.steps, flags.threads]);
  const { microBatch, setUp, seconds, losses, before, stepped, peak } = JSON.parse(stdout) as Measured;
  const quickest = Math.min(...seconds);
  const chosen = micro === 0 ? ' (chosen)' : '';
  return [
    `| ${batch}×${length}`,
    `${microBatch}${chosen}`,
    gigabytes(before),
    gigabytes(stepped),
    gigabytes(peak),
    ((batch * length) / quickest).toFixed(0),
    losses.at(-1)!.toFixed(5),
    `${setUp.toFixed(0)} s |`,
  ].join(' | ');
}

const NOTE = [
  'Parts are the same products in more pieces, and the update is one in any case: what they cost in time was less than',
  'the noise of a busy machine.',
  '',
  'Activation checkpointing (keeping only what goes into each layer and computing the rest again for the gradients) would',
  'cost another forward pass, about a third more time. It is not built: with one block of 512 in a pass a step stays far',
  'under 6 GB, and of that the intermediate values, all that checkpointing could save of, are under 0.8 GB. The rest is the',
  "base, the plugins' values, moments and sums, and the evaluator.",
];

const rows: string[] = [];
for (const [batch, length, micro] of CASES) {
  if (flags.only !== undefined && flags.only !== `${batch}x${length}`) continue;
  const row = await measure(batch, length, micro);
  process.stderr.write(`${row}\n`);
  rows.push(row);
}
const text = [
  '# Memory of a training step',
  '',
  'RoBERTa-base with plugins 768/768, random weights: resident memory of the process that also holds the evaluator,',
  `as a trainer does. Written by \`bench/memory/run.ts --steps ${flags.steps}\` on ${flags.threads} threads of`,
  `${cpus()[0]!.model.trim()}. Steps of one batch have the same masks, so their losses say whether parts add up to it.`,
  'Other programs ran beside it: of the times only those of one batch compare.',
  '',
  '| batch | blocks in a pass | GB before the first step | GB at most in a step | GB at most with an evaluation | tokens/s | loss | set-up |',
  '|---|---|---|---|---|---|---|---|',
  ...rows,
  '',
  ...NOTE,
  '',
].join('\n');
process.stdout.write(text);
if (flags.write) writeFileSync(here('results.md'), text);
