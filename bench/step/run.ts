/**
 * One training step of CPT, side by side and interleaved: compiled, PyTorch fp32 eager, and tfjs's `cpu` backend.
 *
 *   node --import tsx bench/step/run.ts --python PATH [--size small|base] [--threads 2] [--write]
 *
 * PATH is a Python with `pip install torch transformers`. `--write` puts the tables into results.md.
 */
import { spawn } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { SIZES, type Size } from './sizes.ts';

const { values: flags } = parseArgs({
  options: {
    python: { type: 'string', default: 'python3' },
    size: { type: 'string' },
    threads: { type: 'string', default: '2' },
    write: { type: 'boolean', default: false },
  },
});

interface Answer {
  readonly ready?: number;
  readonly tokens?: number;
  readonly version?: string;
  readonly seconds?: number;
  readonly peak?: number;
  readonly missing?: string;
}

interface Worker {
  readonly setUp: number;
  readonly tokens: number;
  readonly version: string;
  /** Tokens a second over some steps. */
  run(steps: number): Promise<number>;
  /** Peak memory in GiB. */
  end(): Promise<number>;
}

async function open(command: string, args: readonly string[]): Promise<Worker> {
  const child = spawn(command, args, { stdio: ['pipe', 'pipe', 'ignore'] });
  const failed = new Promise<never>((_, reject) => {
    child.once('error', reject);
    child.once('exit', (code) => reject(new Error(`${command} ended with status ${code}.`)));
  });
  failed.catch(() => {});
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const next = async (): Promise<Answer> => {
    const { value, done } = await Promise.race([lines.next(), failed]);
    return done ? {} : (JSON.parse(value) as Answer);
  };
  const { ready, tokens, version, missing } = await next();
  if (missing !== undefined) throw new Error(missing);
  if (ready === undefined || tokens === undefined) throw new Error(`${command} did not start.`);
  return {
    setUp: ready,
    tokens,
    version: version ?? '',
    async run(steps) {
      child.stdin.write(`${steps}\n`);
      return (tokens * steps) / (await next()).seconds!;
    },
    async end() {
      child.stdin.end();
      return (await next()).peak!;
    },
  };
}

const here = (file: string) => fileURLToPath(new URL(file, import.meta.url));
const node = (engine: string, size: string) =>
  open(process.execPath, ['--import', 'tsx', here('worker.ts'), engine, size, flags.threads]);

function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}

async function compare(name: string, size: Size): Promise<string> {
  process.stderr.write(`${size.title}\n`);
  const compiled = await node('compiled', name);
  const torch = await open(flags.python, [here('torch_step.py'), JSON.stringify(size), flags.threads]);
  for (const worker of [compiled, torch]) await worker.run(1); // both are warm
  const pairs: { own: number; other: number }[] = [];
  for (let at = 0; at < size.pairs; at++) {
    // each goes first in turn
    const order = at % 2 === 0 ? [compiled, torch] : [torch, compiled];
    const speeds = [await order[0]!.run(size.steps), await order[1]!.run(size.steps)];
    const [own, other] = at % 2 === 0 ? speeds : speeds.toReversed();
    pairs.push({ own: own!, other: other! });
    process.stderr.write(`  compiled ${own!.toFixed(0)}, PyTorch ${other!.toFixed(0)} tokens/s\n`);
  }
  const peaks = [await compiled.end(), await torch.end()];
  const tfjs = await node('tfjs-cpu', name);
  const slow = await tfjs.run(1);
  const slowPeak = await tfjs.end();
  const row = (title: string, speeds: number[], worker: Worker, peak: number) =>
    `| ${title} | ${round(median(speeds))} | ${round(Math.min(...speeds))} to ${round(Math.max(...speeds))} | ${worker.setUp.toFixed(1)} s | ${peak.toFixed(2)} GiB |`;
  const own = pairs.map((pair) => pair.own);
  const ratios = pairs.map((pair) => pair.own / pair.other);
  return [
    `## ${size.title}`,
    '',
    '| engine | tokens/s, median | range | set-up with the first step | peak memory |',
    '| --- | --- | --- | --- | --- |',
    row('compiled', own, compiled, peaks[0]!),
    row(
      `PyTorch ${torch.version}, fp32 eager`,
      pairs.map((pair) => pair.other),
      torch,
      peaks[1]!,
    ),
    row(`tfjs \`cpu\`, one step of ${size.tiny.batch}×${size.tiny.length}`, [slow], tfjs, slowPeak),
    '',
    `Compiled to PyTorch, median of the ratios of ${pairs.length} pairs: **${median(ratios).toFixed(2)}** (${Math.min(...ratios).toFixed(2)} to ${Math.max(...ratios).toFixed(2)}). Compiled to tfjs \`cpu\`: ${round(median(own) / slow)}.`,
    '',
  ].join('\n');
}

function round(value: number): string {
  return value < 10 ? value.toFixed(1) : Math.round(value).toLocaleString('en');
}

const NOTE = [
  "Where the time goes (ONNX Runtime's profiler): three quarters of the first step and four fifths of the second are",
  "fp32 matrix products. ONNX Runtime's reach 200 GFLOP/s here at their best (656×768×768, two threads), MKL's 275:",
  'the wider the model, the more that decides.',
  '',
];

const parts = [
  '# One training step',
  '',
  'The base is frozen, plugins and task embeddings train (Adam, compensation, clipping, protection); written by',
  `\`bench/step/run.ts\` on ${flags.threads} threads of ${cpus()[0]!.model.trim()}. Engines take turns, each in a process of its own.`,
  'All compute the masked-LM head at the masked positions only; compiled and tfjs also the last layer after its',
  'attention, which PyTorch, running the encoder as transformers has it, computes for all.',
  '',
];
for (const [name, size] of Object.entries(SIZES)) {
  if (flags.size === undefined || flags.size === name) parts.push(await compare(name, size));
}
parts.push(...NOTE);
process.stdout.write(`${parts.join('\n')}`);
if (flags.write) writeFileSync(here('results.md'), parts.join('\n'));
process.exit(0);
