/** Keeps values where a condition holds, 0 elsewhere: a selection, so that what is left out may be NaN. */
import * as tf from '@tensorflow/tfjs';
import { type Op, runOp } from './op.ts';

export const keepOp: Op = {
  name: 'CptKeep',
  inputs: ['x', 'condition'],
  trace: (trace, { x, condition }) =>
    trace.emit('Where', [condition!, x!, trace.graph.float(0)], x!.shape, 'float32'),
  compose: ({ x, condition }) =>
    tf.where(tf.broadcastTo(tf.cast(condition!, 'bool'), x!.shape), x!, tf.zerosLike(x!)),
  gradient: (dy, { condition }) => ({
    x: () => keep(dy, condition!),
    condition: () => tf.zerosLike(condition!),
  }),
};

/**
 * @param x of any shape
 * @param condition bool, broadcast to the shape of `x`
 */
export function keep(x: tf.Tensor, condition: tf.Tensor): tf.Tensor {
  return runOp(keepOp, { x, condition });
}
