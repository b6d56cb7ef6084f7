/** The methods that ours is compared with, and how they are run. */
import { spawn } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { type Features, featurize } from '../../src/domains/index.ts';
import type { Segmented } from './segment.ts';

export interface Method {
  readonly name: string;
  readonly kind: 'adwin' | 'kswin' | 'page-hinkley' | 'kernel';
  /** As baselines.py reads them. */
  readonly [setting: string]: string | number;
}

/** Chosen on seed 1 of the shorter families, by F1 at ±25, out of a dozen settings for each. */
export const METHODS: readonly Method[] = [
  { name: 'ADWIN', kind: 'adwin', warm: 50, block: 1, delta: 0.1 },
  { name: 'KSWIN', kind: 'kswin', warm: 50, block: 4, window: 60, recent: 25, alpha: 0.001 },
  { name: 'PageHinkley', kind: 'page-hinkley', warm: 50, block: 4, delta: 0.01, threshold: 1 },
  { name: 'KernelCPD', kind: 'kernel', kernel: 'linear', block: 10, directions: 32, least: 3, penalty: 2.2 },
];

interface Line {
  readonly method: string;
  readonly found: readonly (readonly [number, number])[];
  readonly seconds: number;
}

/** What each method found in one stream, by its name. Throws where Python does not do its work. */
export async function runBaselines(
  python: string,
  methods: readonly Method[],
  texts: readonly string[],
): Promise<Map<string, Segmented>> {
  const folder = await mkdtemp(join(tmpdir(), 'cpt-segmentation-'));
  try {
    const stream = join(folder, 'stream');
    const job = join(folder, 'job.json');
    await writeFile(stream, packed(texts.map(featurize)));
    await writeFile(job, JSON.stringify({ stream, methods }));
    const found = new Map<string, Segmented>();
    for (const line of await linesOf(python, job)) {
      const boundaries = line.found.map(([at, detectedAt]) => ({ at, detectedAt }));
      found.set(line.method, { found: boundaries, closed: [], seconds: line.seconds });
    }
    return found;
  } finally {
    await rm(folder, { recursive: true });
  }
}

async function linesOf(python: string, job: string): Promise<Line[]> {
  const script = fileURLToPath(new URL('./baselines.py', import.meta.url));
  const env = { ...process.env, OMP_NUM_THREADS: '1', OPENBLAS_NUM_THREADS: '1' };
  const child = spawn(python, ['-B', script, job], { stdio: ['ignore', 'pipe', 'inherit'], env });
  const ended = new Promise<number>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) => resolve(code ?? -1));
  });
  const lines: Line[] = [];
  for await (const line of createInterface({ input: child.stdout })) lines.push(JSON.parse(line) as Line);
  const code = await ended;
  if (code !== 0)
    throw new Error(`baselines.py ended with ${code}, as said above. It needs: pip install river ruptures`);
  return lines;
}

/** The layout that baselines.py reads. */
export function packed(passages: readonly Features[]): Uint8Array {
  const starts = new Uint32Array(passages.length + 1);
  passages.forEach(({ bucket }, i) => {
    starts[i + 1] = starts[i]! + bucket.length;
  });
  const entries = starts.at(-1)!;
  const values = new Float32Array(entries);
  const buckets = new Uint16Array(entries);
  passages.forEach(({ value, bucket }, i) => {
    values.set(value, starts[i]);
    buckets.set(bucket, starts[i]);
  });
  const parts = [new Uint32Array([passages.length, entries]), starts, values, buckets];
  return Buffer.concat(parts.map(({ buffer }) => new Uint8Array(buffer)));
}
