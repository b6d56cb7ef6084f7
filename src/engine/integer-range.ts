/**
 * How large the integers of a frozen matrix may be. Processors without dot products of 8-bit integers (VNNI) add two
 * products in 16 bits, where 2 · 255 · 127 does not fit: sums of large values are then wrong without a word.
 */
import { GraphBuilder } from './graph.ts';
import { MOST } from './quantize.ts';
import { openSession } from './session.ts';

/** With this, 2 · 255 · 63 fits into 16 bits. */
const REDUCED = 63;
const LENGTH = 64;

let known: Promise<number> | undefined;

/** 127, or 63 where this processor adds up wrongly; found once, by the largest possible sum. */
export function largestInteger(): Promise<number> {
  known ??= sumsAreExact().then((exact) => (exact ? MOST : REDUCED));
  return known;
}

/** Whether 64 · 255 · 127 is what ONNX Runtime makes of it. */
async function sumsAreExact(): Promise<boolean> {
  const graph = new GraphBuilder();
  const matrix = new Uint8Array(new Int8Array(LENGTH * LENGTH).fill(MOST).buffer);
  const b = graph.constant('int8', [LENGTH, LENGTH], matrix);
  const [product] = graph.node('MatMulInteger', ['a', b]);
  graph.alias(product!, 'y');
  const program = await openSession(
    graph.finish(
      [{ name: 'a', type: 'uint8', shape: [LENGTH, LENGTH] }],
      [{ name: 'y', type: 'int32', shape: [LENGTH, LENGTH] }],
    ),
    { threads: 1 },
  );
  const { y } = await program.run({ a: new Uint8Array(LENGTH * LENGTH).fill(255) });
  await program.dispose();
  return (y as Int32Array).every((sum) => sum === LENGTH * 255 * MOST);
}
