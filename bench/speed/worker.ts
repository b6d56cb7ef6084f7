/**
 * One engine in a process of its own: `worker.ts compiled|tfjs SIZE THREADS [PRECISION] [PROVIDER]`. It prints
 * `{"ready": seconds, …}`, then answers each number of steps on standard input with the seconds that they took; at
 * the end it prints its peak memory. An engine that cannot be had is answered with `{"missing": why}`.
 */
import { readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import type { Device, Precision } from '../../src/engine/index.ts';
import { sizeOf } from './sizes.ts';
import { compileTask, eagerTask, makeTask, type Run } from './task.ts';

const [engine, sizeName, threads, precision = 'fp32', provider = 'cpu'] = process.argv.slice(2) as [
  'compiled' | 'tfjs',
  string,
  string,
  Precision?,
  Device?,
];
const say = (message: unknown) => process.stdout.write(`${JSON.stringify(message)}\n`);

/** The operators of products in 8-bit integers. */
const INTEGER = /MatMulInteger|DynamicQuantizeMatMul|QGemm|QLinearMatMul/;

/** The step, and when it began to be made; nothing else of what it is made of is kept. */
async function open(): Promise<{ readonly step: Run; readonly start: number }> {
  const size = sizeOf(sizeName);
  const { batch, length } = engine === 'tfjs' ? size.tiny : size;
  const task = makeTask(size, batch, length);
  const start = performance.now();
  if (engine === 'tfjs') return { step: await eagerTask(task), start };
  const options = { threads: Number(threads), precision, device: provider };
  const { run, stepper } = await compileTask(task, options);
  if (precision === 'int8' && !stepper.program.graph.nodes.some(({ op }) => INTEGER.test(op))) {
    throw new Error('the graph has no product in 8-bit integers');
  }
  return { step: run, start };
}

try {
  const { step, start } = await open();
  let count = 0;
  await step(++count);
  say({ ready: (performance.now() - start) / 1000 });
  for await (const line of createInterface({ input: process.stdin })) {
    const began = performance.now();
    for (let left = Number(line); left > 0; left--) await step(++count);
    say({ seconds: (performance.now() - began) / 1000 });
  }
  const status = readFileSync('/proc/self/status', 'utf8');
  say({ peak: Number(/VmHWM:\s+(\d+)/.exec(status)![1]) / 1024 ** 2 });
} catch (error) {
  say({ missing: error instanceof Error ? error.message : String(error) });
}
process.exit(0);
