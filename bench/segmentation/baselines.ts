/** The methods that ours is compared with, and how they are run. */
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
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

/**
 * What each method found in one stream, by its name. `keep`: a folder in which it is kept, to be read where the same
 * methods meet the same stream again. Throws where Python does not do its work.
 */
export async function runBaselines(
  python: string,
  methods: readonly Method[],
  texts: readonly string[],
  keep: string | null,
): Promise<Map<string, Segmented>> {
  const stream = packed(texts.map(featurize));
  const kept = keep === null ? null : join(keep, `${digest([JSON.stringify(methods), stream])}.json`);
  if (kept !== null && existsSync(kept))
    return segmentedBy(JSON.parse(await readFile(kept, 'utf8')) as Line[]);
  const folder = await mkdtemp(join(tmpdir(), 'cpt-segmentation-'));
  try {
    const path = join(folder, 'stream');
    const job = join(folder, 'job.json');
    await writeFile(path, stream);
    await writeFile(job, JSON.stringify({ stream: path, methods }));
    const lines = await linesOf(python, job);
    if (kept !== null) await writeFile(kept, JSON.stringify(lines));
    return segmentedBy(lines);
  } finally {
    await rm(folder, { recursive: true });
  }
}

function segmentedBy(lines: readonly Line[]): Map<string, Segmented> {
  return new Map(
    lines.map(({ method, found, seconds }) => {
      return [method, { found: found.map(([at, detectedAt]) => ({ at, detectedAt })), closed: [], seconds }];
    }),
  );
}

function digest(parts: readonly (string | Uint8Array)[]): string {
  const hash = createHash('sha256');
  for (const part of parts) hash.update(part);
  return hash.digest('hex').slice(0, 16);
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
