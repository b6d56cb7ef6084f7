/** Runs one function compiled and eagerly on tfjs's `cpu` backend, and compares. */
import assert from 'node:assert/strict';
import * as tf from '@tensorflow/tfjs';
import {
  compile,
  eager,
  type FeedSpec,
  type Feeds,
  type Results,
  type TensorFunction,
} from '../../src/engine/index.ts';
import type { Value } from './cases.ts';

export function specsOf(inputs: Readonly<Record<string, Value>>): Record<string, FeedSpec> {
  return Object.fromEntries(
    Object.entries(inputs).map(([name, { shape, dtype }]) => [name, { shape, dtype }]),
  );
}

export function feedsOf(inputs: Readonly<Record<string, Value>>): Feeds {
  return Object.fromEntries(
    Object.entries(inputs).map(([name, { dtype, values }]) => [
      name,
      dtype === 'float32'
        ? Float32Array.from(values)
        : dtype === 'int32'
          ? Int32Array.from(values)
          : Uint8Array.from(values),
    ]),
  );
}

/** `d:<input>` for every float input: the gradient of a weighted sum over everything that `fn` gives. */
export function gradientsOf(
  fn: (t: Record<string, tf.Tensor>) => tf.Tensor | tf.Tensor[],
  inputs: Readonly<Record<string, Value>>,
): TensorFunction {
  const names = Object.keys(inputs).filter((name) => inputs[name]!.dtype === 'float32');
  return (feeds) => {
    const objective = (...values: tf.Tensor[]) => {
      const own = Object.fromEntries(names.map((name, at) => [name, values[at]!]));
      const results = [fn({ ...feeds, ...own })].flat();
      return tf.addN(results.map((result) => tf.sum(tf.mul(result, ramp(result.shape))))) as tf.Scalar;
    };
    const gradients = tf.grads(objective)(names.map((name) => feeds[name]!));
    return Object.fromEntries(names.map((name, at) => [`d:${name}`, gradients[at]!]));
  };
}

/** Weights that differ from value to value, so that no error in a gradient cancels. */
function ramp(shape: number[]): tf.Tensor {
  const size = shape.reduce((product, axis) => product * axis, 1);
  return tf.tensor(
    Float32Array.from({ length: size }, (_, at) => Math.cos(0.9 * at) + 0.3),
    shape,
  );
}

export async function bothWays(
  fn: TensorFunction,
  specs: Readonly<Record<string, FeedSpec>>,
  feeds: Feeds,
): Promise<{ compiled: Results; reference: Results }> {
  const program = await compile(fn, specs, { threads: 1 });
  const direct = await eager(fn, specs);
  const compiled = await program.run(feeds);
  const reference = await direct.run(feeds);
  for (const { name, shape } of program.graph.outputs) {
    assert.equal(
      compiled[name]!.length,
      (shape as number[]).reduce((a, b) => a * b, 1),
      `${name} has its shape`,
    );
  }
  await program.dispose();
  return { compiled, reference };
}

/** |a - b| within `tolerance` of the largest magnitude around, value by value; NaN and infinities as they are. */
export function assertClose(actual: Results, expected: Results, tolerance = 1e-5): void {
  assert.deepEqual(Object.keys(actual), Object.keys(expected));
  for (const [name, values] of Object.entries(expected)) {
    const got = actual[name]!;
    assert.equal(got.constructor, values.constructor, `${name} has its type`);
    assert.equal(got.length, values.length, `${name} has its size`);
    for (let at = 0; at < values.length; at++) {
      const a = Number(got[at]);
      const b = Number(values[at]);
      if (Object.is(a, b) || a === b) continue;
      const bound = tolerance * Math.max(1, Math.abs(b));
      assert.ok(Math.abs(a - b) <= bound, `${name}[${at}]: ${a}, not ${b}`);
    }
  }
}
