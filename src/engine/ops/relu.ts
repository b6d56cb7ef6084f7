/**
 * max(x, 0). Its gradient looks at the result, not at the input, so that the runtime can fold it into the product
 * before it.
 */
import * as tf from '@tensorflow/tfjs';
import { isTracing, type TraceBackend } from '../trace.ts';
import { type Op, runOp } from './op.ts';

export const reluOp: Op = {
  name: 'CptRelu',
  inputs: ['x'],
  compose: ({ x }) => tf.relu(x!),
  gradient: (dy, { x }) => ({ x: () => tf.mul(dy, positive(tf.relu(x!))) }),
};

/** 1 where x > 0, else 0, of an x that is not negative; the runtime's HardSigmoid is faster than its Sign. */
function positive(x: tf.Tensor): tf.Tensor {
  if (!isTracing()) return tf.sign(x);
  const steep = { alpha: { float: 3e38 }, beta: { float: 0 } };
  const trace = tf.backend() as TraceBackend;
  return tf.engine().makeTensorFromTensorInfo(trace.emit('HardSigmoid', [x], x.shape, 'float32', steep));
}

export function relu(x: tf.Tensor): tf.Tensor {
  return runOp(reluOp, { x });
}
