/** Every kernel of the table, and its gradient, against tfjs's `cpu` backend. */
import assert from 'node:assert/strict';
import test from 'node:test';
import * as tf from '@tensorflow/tfjs';
import { trace } from '../../src/engine/index.ts';
import { kernelTable } from '../../src/engine/kernels/index.ts';
import { TRACE_BACKEND } from '../../src/engine/trace.ts';
import { cases } from './cases.ts';
import { assertClose, bothWays, feedsOf, gradientsOf, specsOf } from './compare.ts';

trace(({ x }) => ({ y: tf.neg(x!) }), { x: { shape: [1], dtype: 'float32' } }); // registers the table
const traced = new Set<string>();
for (const name of Object.keys(kernelTable)) {
  const config = tf.getKernel(name, TRACE_BACKEND);
  const inner = config.kernelFunc;
  config.kernelFunc = (params) => {
    traced.add(name);
    return inner(params);
  };
}

test('every kernel of the table has a case, and no case is of another kernel', () => {
  assert.deepEqual(Object.keys(cases).sort(), Object.keys(kernelTable).sort());
});

for (const [kernel, own] of Object.entries(cases)) {
  test(`${kernel} is what tfjs's cpu backend computes`, async () => {
    traced.clear();
    for (const { inputs, fn, tolerance } of own) {
      const both = await bothWays(
        (feeds) => Object.fromEntries([fn(feeds)].flat().map((result, at) => [`y${at}`, result])),
        specsOf(inputs),
        feedsOf(inputs),
      );
      assertClose(both.compiled, both.reference, tolerance);
    }
    assert.ok(traced.has(kernel), `no case runs ${kernel}`);
  });
  const differentiable = own.filter(({ gradient, inputs }) => gradient !== false && hasFloat(inputs));
  if (tf.getGradient(kernel) === undefined || differentiable.length === 0) continue;
  test(`the gradient of ${kernel} is that of tfjs's cpu backend`, async () => {
    for (const { inputs, fn, tolerance } of differentiable) {
      const both = await bothWays(gradientsOf(fn, inputs), specsOf(inputs), feedsOf(inputs));
      assertClose(both.compiled, both.reference, tolerance);
    }
  });
}

/** Whose gradient tfjs says to be zero, but whose result is not a float or does not depend on one. */
const WITHOUT_GRADIENT = ['GreaterEqual', 'ArgMax', 'ArgMin', 'Cast', 'OneHot', 'IsNan', 'IsInf', 'IsFinite'];

test('a kernel that tfjs can differentiate has a case for its gradient', () => {
  const missing = Object.entries(cases)
    .filter(([name]) => tf.getGradient(name) !== undefined && !WITHOUT_GRADIENT.includes(name))
    .filter(([, own]) => !own.some(({ gradient, inputs }) => gradient !== false && hasFloat(inputs)))
    .map(([name]) => name);
  assert.deepEqual(missing, []);
});

function hasFloat(inputs: (typeof cases)[string][number]['inputs']): boolean {
  return Object.values(inputs).some(({ dtype }) => dtype === 'float32');
}
