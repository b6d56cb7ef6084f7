/**
 * Whether every device learns the same: one model is trained on each that is present, from equal parameters on equal
 * batches, and the losses are compared with the processor's.
 *
 *   node --import tsx bench/device/run.ts [--device webgpu]... [--size tiny|small|minilm|base] [--steps 50] [--note TEXT] [--write]
 *
 * Without `--device` all are tried. It ends with status 1 where a loss is further off than 1e-3, or where a device that
 * is named is not here. `--write` puts the table into results.md, with `--note`
 * beside it: which adapter it was, since ONNX Runtime does not tell.
 */
import { spawn } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { ACCELERATORS } from '../../src/engine/device.ts';
import { sizeFor } from './sizes.ts';
import type { Answer } from './worker.ts';

const MOST = 1e-3;

const { values: flags } = parseArgs({
  options: {
    device: { type: 'string', multiple: true },
    size: { type: 'string', default: 'tiny' },
    steps: { type: 'string', default: '50' },
    note: { type: 'string', default: '' },
    write: { type: 'boolean', default: false },
  },
});

const size = sizeFor(flags.size);

async function ask(device: string): Promise<Answer> {
  const worker = fileURLToPath(new URL('worker.ts', import.meta.url));
  const child = spawn(process.execPath, ['--import', 'tsx', worker, device, flags.size, flags.steps], {
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  let output = '';
  child.stdout.on('data', (chunk) => {
    output += String(chunk);
  });
  const ended = await new Promise<string>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code, signal) => resolve(signal ?? `status ${code}`));
  });
  const line = output.trim().split('\n').at(-1)!;
  const nothing = { losses: [], setUp: 0, tokens: 0, nodes: {} };
  if (line === '') return { ...nothing, missing: `its process ended with ${ended}` };
  return { ...nothing, ...(JSON.parse(line) as Partial<Answer>) };
}

const reference = await ask('cpu');
if (reference.missing !== undefined) throw new Error(reference.missing);

/** The largest difference from the processor's losses. */
function furthest({ losses }: Answer): number {
  return losses.reduce((most, loss, at) => {
    const off = Math.abs(loss - reference.losses[at]!);
    return Number.isNaN(off) ? Number.POSITIVE_INFINITY : Math.max(most, off);
  }, 0);
}

const rows: string[] = [];
let failed = false;
for (const device of ['cpu', ...(flags.device ?? [...ACCELERATORS, 'tfjs-cpu'])]) {
  process.stderr.write(`${device}\n`);
  const answer = device === 'cpu' ? reference : await ask(device);
  const { missing, losses, nodes, setUp, tokens } = answer;
  if (missing !== undefined) {
    rows.push(`| ${device} | not here: ${missing} | | | | |`);
    failed ||= flags.device !== undefined;
    continue;
  }
  const off = furthest(answer);
  failed ||= !(off <= MOST);
  const placed = Object.entries(nodes).map(([provider, count]) => `${provider} ${count}`);
  rows.push(
    `| ${device} | ${losses[0]!.toFixed(4)} → ${losses.at(-1)!.toFixed(4)} | ${off.toExponential(1)} ` +
      `| ${placed.join(', ') || 'all tfjs'} | ${Math.round(tokens).toLocaleString('en')} | ${setUp.toFixed(1)} s |`,
  );
}

const table = [
  `${size.title}; ${flags.steps} steps. ${cpus().length} threads of ${cpus()[0]?.model.trim() ?? 'a processor'}.`,
  ...(flags.note === '' ? [] : ['', flags.note]),
  '',
  '| device | loss, first → last | furthest from cpu | nodes of a step, by provider | tokens/s | set-up |',
  '|---|---|---|---|---|---|',
  ...rows,
].join('\n');
process.stdout.write(`${table}\n`);
if (flags.write) {
  const title = '# Devices\n\nWritten by `bench/device/run.ts`: losses of each device against the processor.';
  writeFileSync(new URL('results.md', import.meta.url), `${title}\n\n${table}\n`);
}
process.exitCode = failed ? 1 : 0;
