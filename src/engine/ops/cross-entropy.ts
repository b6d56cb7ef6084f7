/** Cross-entropy of softmax(logits) against class indices, per row, in nats. */
import * as tf from '@tensorflow/tfjs';
import { toInt64 } from '../kernels/kernel.ts';
import { isTracing, type TraceBackend } from '../trace.ts';
import { type Op, runOp } from './op.ts';

export const crossEntropyOp: Op = {
  name: 'CptCrossEntropy',
  inputs: ['logits', 'labels'],
  trace: (trace, { logits, labels }) => {
    // log(sum(exp(x))) is max(x) - log(max(softmax(x))): the softmax is there for the gradient anyway, and its
    // largest value cannot underflow
    const rows = [logits!.shape[0]!];
    const column = [rows[0]!, 1];
    const emit = (op: string, operands: (tf.TensorInfo | string)[], shape = column, attributes = {}) =>
      trace.emit(op, operands, shape, 'float32', attributes);
    const p = emit('Softmax', [logits!], logits!.shape, { axis: 1 }); // the same node as tf.softmax's
    const last = trace.graph.int64([-1]);
    const largest = emit('ReduceMax', [logits!, last], column, { keepdims: 1 });
    const share = emit('Log', [emit('ReduceMax', [p, last], column, { keepdims: 1 })]);
    const own = emit('GatherElements', [logits!, indices(trace, labels!)], column, { axis: 1 });
    const loss = emit('Sub', [emit('Sub', [largest, share]), own]);
    return emit('Reshape', [loss, trace.shape(rows)], rows);
  },
  compose: ({ logits, labels }) => tf.neg(tf.sum(tf.mul(tf.logSoftmax(logits!), hot(logits!, labels!)), -1)),
  gradient: (dy, { logits, labels }) => ({
    logits: () => {
      const weighted = tf.mul(tf.expandDims(dy, -1), tf.softmax(logits!));
      return isTracing()
        ? lessOwn(weighted, labels!, dy)
        : tf.sub(weighted, tf.mul(tf.expandDims(dy, -1), hot(logits!, labels!)));
    },
    labels: () => tf.zerosLike(labels!),
  }),
};

function hot(logits: tf.Tensor, labels: tf.Tensor): tf.Tensor {
  return tf.oneHot(labels as tf.Tensor1D, logits.shape[1]!, 1, 0, 'float32');
}

/** The labels as [rows, 1] int64, to find one value in each row. */
function indices(trace: TraceBackend, labels: tf.TensorInfo): string {
  return trace.graph.node('Reshape', [toInt64(trace, labels), trace.shape([labels.shape[0]!, 1])])[0]!;
}

/** `x` [rows, classes] less `dy` [rows] at each row's label. */
function lessOwn(x: tf.Tensor, labels: tf.Tensor, dy: tf.Tensor): tf.Tensor {
  const trace = tf.backend() as TraceBackend;
  const updates = tf.neg(tf.expandDims(dy, -1));
  const result = trace.emit('ScatterElements', [x, indices(trace, labels), updates], x.shape, 'float32', {
    axis: 1,
    reduction: 'add',
  });
  return tf.engine().makeTensorFromTensorInfo(result);
}

/**
 * @param logits [rows, classes]
 * @param labels [rows] int32
 * @returns [rows]
 */
export function crossEntropy(logits: tf.Tensor, labels: tf.Tensor): tf.Tensor {
  return runOp(crossEntropyOp, { logits, labels });
}
