/** Cross-entropy of softmax(logits) against class indices, per row, in nats. */
import * as tf from '@tensorflow/tfjs';
import { type Op, runOp } from './op.ts';

export const crossEntropyOp: Op = {
  name: 'CptCrossEntropy',
  inputs: ['logits', 'labels'],
  compose: ({ logits, labels }) => {
    const hot = tf.oneHot(labels as tf.Tensor1D, logits!.shape[1]!, 1, 0, 'float32');
    return tf.neg(tf.sum(tf.mul(tf.logSoftmax(logits!), hot), -1));
  },
  gradient: (dy, { logits, labels }) => ({
    logits: () => {
      const hot = tf.oneHot(labels as tf.Tensor1D, logits!.shape[1]!, 1, 0, 'float32');
      return tf.mul(tf.expandDims(dy, -1), tf.sub(tf.softmax(logits!), hot));
    },
    labels: () => tf.zerosLike(labels!),
  }),
};

/**
 * @param logits [rows, classes]
 * @param labels [rows] int32
 * @returns [rows]
 */
export function crossEntropy(logits: tf.Tensor, labels: tf.Tensor): tf.Tensor {
  return runOp(crossEntropyOp, { logits, labels });
}
