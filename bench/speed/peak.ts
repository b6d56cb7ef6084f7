/**
 * What ONNX Runtime reaches in nothing but matrix products: `peak.ts SHAPES_JSON THREADS`. It speaks as worker.ts
 * does, but answers a number of repetitions with the best GFLOP/s of each shape [rows, inner, columns].
 */
import { createInterface } from 'node:readline';
import * as tf from '@tensorflow/tfjs';
import { compile } from '../../src/engine/index.ts';

type Shape = readonly [number, number, number];

const [shapes, threads] = process.argv.slice(2) as [string, string];
const say = (message: unknown) => process.stdout.write(`${JSON.stringify(message)}\n`);

/** A product with a constant on the right, which the runtime may lay out as it likes; the result's array is reused. */
async function product([rows, inner, columns]: Shape): Promise<() => Promise<number>> {
  const program = await compile(
    ({ a }, { b }) => ({ y: tf.matMul(a!, b!) }),
    { a: { shape: [rows, inner], dtype: 'float32' } },
    {
      weights: { b: { shape: [inner, columns], data: new Float32Array(inner * columns).fill(0.5) } },
      threads: Number(threads),
      spin: 2000,
    },
  );
  const feeds = { a: new Float32Array(rows * inner).fill(0.5) };
  const into = { y: new Float32Array(rows * columns) };
  return async () => {
    const began = performance.now();
    await program.run(feeds, into);
    return (2 * rows * inner * columns) / (performance.now() - began) / 1e6;
  };
}

const start = performance.now();
const products: (() => Promise<number>)[] = [];
for (const shape of JSON.parse(shapes) as Shape[]) products.push(await product(shape));
for (const run of products) await run();
say({ ready: (performance.now() - start) / 1000 });
for await (const line of createInterface({ input: process.stdin })) {
  const gflops: number[] = [];
  for (const run of products) {
    let best = 0;
    for (let left = Number(line); left > 0; left--) best = Math.max(best, await run());
    gflops.push(best);
  }
  say({ gflops });
}
say({ peak: 0 });
process.exit(0);
