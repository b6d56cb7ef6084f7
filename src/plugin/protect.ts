/**
 * Protection: a parameter whose both ends are claimed by earlier domains keeps its bits, whatever the optimiser
 * made of it. It selects and never multiplies: 0·NaN is NaN.
 */
import * as tf from '@tensorflow/tfjs';
import type { Tensors } from '../engine/index.ts';

/**
 * What a plugin parameter becomes after a step.
 * @param name such as `cpt.layer.0.ffn.fc2.weight`
 * @param claims `<plugin>.claim1` [width] and `<plugin>.claim2` [hidden], 1 where claimed
 */
export function protect(name: string, old: tf.Tensor, updated: tf.Tensor, claims: Tensors): tf.Tensor {
  const at = name.lastIndexOf('.fc');
  const plugin = name.slice(0, at);
  const part = name.slice(at + 1);
  const claimed1 = tf.greater(claims[`${plugin}.claim1`]!, 0.5);
  const claimed2 = tf.greater(claims[`${plugin}.claim2`]!, 0.5);
  return tf.where(tf.broadcastTo(protectedPart(part, claimed1, claimed2), old.shape), old, updated);
}

function protectedPart(part: string, claimed1: tf.Tensor, claimed2: tf.Tensor): tf.Tensor {
  switch (part) {
    case 'fc1.weight':
      return tf.expandDims(claimed1, 1); // rows of [width, hidden]
    case 'fc1.bias':
      return claimed1;
    case 'fc2.weight':
      return tf.logicalAnd(tf.expandDims(claimed2, 1), tf.expandDims(claimed1, 0)); // [hidden, width]
    default:
      return claimed2;
  }
}
