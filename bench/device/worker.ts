/**
 * One device in a process of its own: `worker.ts DEVICE SIZE STEPS`. It trains so many steps on one batch and prints
 * `{"losses": [...], "setUp": seconds, "tokens": a second, "nodes": {provider: nodes a step}}`, or `{"missing": why}`.
 */
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Device, type OpenOptions, oneLine } from '../../src/engine/index.ts';
import { makeTask } from '../speed/task.ts';
import { sizeFor } from './sizes.ts';

const [name, sizeName, count] = process.argv.slice(2) as [string, string, string];
/** More than a task's, so that fifty steps go somewhere. */
const LEARNING_RATE = 1e-2;
const PROFILED = 2;

export interface Answer {
  readonly missing?: string;
  readonly losses: readonly number[];
  readonly setUp: number;
  readonly tokens: number;
  /** How many nodes of a step each of ONNX Runtime's providers executed; empty under tfjs. */
  readonly nodes: Readonly<Record<string, number>>;
}

const options: OpenOptions =
  name === 'tfjs-cpu' ? { device: 'tfjs', backend: 'cpu' } : { device: name as Device };
const say = (answer: Answer | { readonly missing: string }) =>
  process.stdout.write(`${JSON.stringify(answer)}\n`);

async function trained(steps: number, more: OpenOptions = {}) {
  const { Stepper } = await import('../../src/train/step.ts');
  const size = sizeFor(sizeName);
  const { definition, slots, feeds } = makeTask(size, size.batch, size.length);
  const began = performance.now();
  const stepper = await Stepper.compile(definition, slots, { ...options, ...more });
  const losses: number[] = [];
  let first = 0;
  for (let step = 1; step <= steps; step++) {
    losses.push((await stepper.run(feeds, step, LEARNING_RATE)).loss);
    if (step === 1) first = performance.now();
  }
  const seconds = (performance.now() - first) / 1000;
  await stepper.dispose();
  const tokens = (size.batch * size.length * (steps - 1)) / seconds;
  return { losses, setUp: (first - began) / 1000, tokens };
}

interface ProfileEvent {
  readonly cat: string;
  readonly name: string;
  readonly args?: { readonly provider?: string; readonly op_name?: string };
}

/** Counted by ONNX Runtime's profiler; copies between device and processor are not counted as nodes. */
async function nodesOfStep(): Promise<Record<string, number>> {
  if (options.device === 'tfjs') return {};
  const folder = mkdtempSync(join(tmpdir(), 'cpt-device-'));
  try {
    await trained(PROFILED, { profile: join(folder, 'profile') });
    const file = readdirSync(folder)[0]!;
    const events = JSON.parse(readFileSync(join(folder, file), 'utf8')) as readonly ProfileEvent[];
    const nodes: Record<string, number> = {};
    for (const { cat, name: event, args } of events) {
      if (cat !== 'Node' || !event.endsWith('_kernel_time') || args?.op_name?.startsWith('Memcpy')) continue;
      const provider = (args?.provider ?? '').replace('ExecutionProvider', '').toLowerCase();
      nodes[provider] = (nodes[provider] ?? 0) + 1 / PROFILED;
    }
    return nodes;
  } finally {
    rmSync(folder, { recursive: true });
  }
}

try {
  say({ ...(await trained(Number(count))), nodes: await nodesOfStep() });
} catch (error) {
  say({ missing: oneLine(error) });
}
process.exit(0);
