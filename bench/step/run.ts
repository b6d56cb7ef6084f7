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
import { SIZES, type Size } from '../speed/sizes.ts';

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
  const torch = (kind: string) =>
    open(flags.python, [here('torch_step.py'), JSON.stringify(size), flags.threads, kind]);
  const workers = [await node('compiled', name), await torch('full'), await torch('trimmed')];
  for (const worker of workers) await worker.run(1); // all are warm
  const speeds: number[][] = workers.map(() => []);
  for (let round = 0; round < size.rounds; round++) {
    for (let at = 0; at < workers.length; at++) {
      const turn = (round + at) % workers.length; // each goes first in turn
      speeds[turn]!.push(await workers[turn]!.run(size.steps));
    }
    process.stderr.write(`  ${speeds.map((own) => own.at(-1)!.toFixed(0)).join(', ')} tokens/s\n`);
  }
  const peaks: number[] = [];
  for (const worker of workers) peaks.push(await worker.end());
  const tfjs = await node('tfjs-cpu', name);
  const slow = await tfjs.run(1);
  const slowPeak = await tfjs.end();
  const row = (title: string, own: number[], worker: Worker, peak: number) =>
    `| ${title} | ${shown(median(own))} | ${shown(Math.min(...own))} to ${shown(Math.max(...own))} | ${worker.setUp.toFixed(1)} s | ${peak.toFixed(2)} GiB |`;
  const against = (other: number[]) => {
    const ratios = speeds[0]!.map((own, at) => own / other[at]!);
    return `**${median(ratios).toFixed(2)}** (${Math.min(...ratios).toFixed(2)} to ${Math.max(...ratios).toFixed(2)})`;
  };
  const titles = ['compiled', 'as transformers has it', 'trimmed alike'].map((title, at) =>
    at === 0 ? title : `PyTorch ${workers[at]!.version}, fp32 eager, ${title}`,
  );
  return [
    `## ${size.title}`,
    '',
    '| engine | tokens/s, median | range | set-up with the first step | peak memory |',
    '| --- | --- | --- | --- | --- |',
    ...workers.map((worker, at) => row(titles[at]!, speeds[at]!, worker, peaks[at]!)),
    row(`tfjs \`cpu\`, one step of ${size.tiny.batch}×${size.tiny.length}`, [slow], tfjs, slowPeak),
    '',
    `Compiled to PyTorch as it is, median of the ratios of ${size.rounds} rounds: ${against(speeds[1]!)}; to PyTorch trimmed`,
    `alike: ${against(speeds[2]!)}. Compiled to tfjs \`cpu\`: ${shown(median(speeds[0]!) / slow)}.`,
    '',
  ].join('\n');
}

function shown(value: number): string {
  return value < 10 ? value.toFixed(1) : Math.round(value).toLocaleString('en');
}

const NOTE = [
  "Where the time goes (ONNX Runtime's profiler): seven tenths of the first step and three quarters of the second are",
  "fp32 matrix products. ONNX Runtime's reach about 200 GFLOP/s here at their best (656×768×768, two threads), MKL's",
  '275: the wider the model, the more that decides.',
  '',
];

const parts = [
  '# One training step',
  '',
  'The base is frozen, plugins and task embeddings train (Adam, compensation, clipping, protection); written by',
  `\`bench/step/run.ts\` on ${flags.threads} threads of ${cpus()[0]!.model.trim()}. Engines take turns, each in a process of its own.`,
  'All compute the masked-LM head at the masked positions only. Compiled also goes on with those alone after the last',
  "layer's attention; PyTorch is timed as transformers has the encoder, and trimmed alike.",
  '',
];
for (const [name, size] of Object.entries(SIZES)) {
  if (flags.size === undefined || flags.size === name) parts.push(await compare(name, size));
}
parts.push(...NOTE);
process.stdout.write(`${parts.join('\n')}`);
if (flags.write) writeFileSync(here('results.md'), parts.join('\n'));
process.exit(0);
