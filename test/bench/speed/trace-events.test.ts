import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type ProfileEvent, sizesOfProduct, summarise } from '../../../bench/speed/trace-events.ts';

function node(ts: number, dur: number, op: string, inputs: number[][], output: number[]): ProfileEvent {
  return {
    cat: 'Node',
    name: `${op}_kernel_time`,
    ts,
    dur,
    args: {
      op_name: op,
      input_type_shape: inputs.map((shape) => ({ float: shape })),
      output_type_shape: [{ float: output }],
    },
  };
}
const run = (ts: number, dur: number): ProfileEvent => ({ cat: 'Session', name: 'model_run', ts, dur });

test('the inner size of a product follows from its left operand, transposed, batched or with the right one unknown', () => {
  assert.deepEqual(sizesOfProduct(node(0, 1, 'Gemm', [[64, 32]], [64, 16])), {
    label: '64×32×16',
    flops: 65536,
  });
  assert.equal(sizesOfProduct(node(0, 1, 'Gemm', [[64, 32]], [32, 8]))?.label, '32ᵀ×64×8');
  const batched = node(0, 1, 'MatMul', [[2, 3, 5, 7]], [2, 3, 5, 11]);
  assert.deepEqual(sizesOfProduct(batched), { label: '6·5×7×11', flops: 2 * 6 * 5 * 7 * 11 });
  assert.equal(sizesOfProduct(node(0, 1, 'Gemm', [[4, 2]], [8])), null);
});

test('the runs at the start are left out, the others averaged', () => {
  const events = [
    run(0, 9000),
    node(1, 8000, 'Gemm', [[64, 32]], [64, 16]),
    run(10_000, 300),
    node(10_001, 100, 'Gemm', [[64, 32]], [64, 16]),
    node(10_150, 50, 'Mul', [[4]], [4]),
    run(20_000, 500),
    node(20_001, 300, 'Gemm', [[64, 32]], [64, 16]),
  ];
  const profile = summarise(events, 1);
  assert.equal(profile.runs, 2);
  assert.equal(profile.ms, 0.4);
  assert.deepEqual(profile.operators, [
    { name: 'Gemm', count: 1, ms: 0.2 },
    { name: 'Mul', count: 0.5, ms: 0.025 },
  ]);
  // 2 · 65,536 operations in 400 µs
  assert.deepEqual(profile.products, [{ name: 'Gemm 64×32×16', count: 1, ms: 0.2, gflops: 0.32768 }]);
  assert.deepEqual(profile.others, [{ name: 'Mul 4', count: 0.5, ms: 0.025 }]);
  assert.throws(() => summarise(events, 3), RangeError);
});
