/**
 * Protection: a parameter whose both ends are claimed by earlier domains keeps its bits, whatever the optimiser
 * makes of it. What is selected is the change, not the value: ONNX Runtime's selection makes +0 of -0, while
 * w - 0 is w for every w. And nothing is multiplied: 0·NaN is NaN.
 */
import * as tf from '@tensorflow/tfjs';
import { keep, type Tensors } from '../engine/index.ts';

/**
 * The part of a change that a plugin parameter may make.
 * @param name such as `cpt.layer.0.ffn.fc2.weight`
 * @param change what the optimiser would subtract
 * @param claims `<plugin>.claim1` [width] and `<plugin>.claim2` [hidden], 1 where claimed
 */
export function protect(name: string, change: tf.Tensor, claims: Tensors): tf.Tensor {
  const at = name.lastIndexOf('.fc');
  const plugin = name.slice(0, at);
  const part = name.slice(at + 1);
  const free1 = tf.lessEqual(claims[`${plugin}.claim1`]!, 0.5);
  const free2 = tf.lessEqual(claims[`${plugin}.claim2`]!, 0.5);
  return keep(change, freePart(part, free1, free2));
}

function freePart(part: string, free1: tf.Tensor, free2: tf.Tensor): tf.Tensor {
  switch (part) {
    case 'fc1.weight':
      return tf.expandDims(free1, 1); // rows of [width, hidden]
    case 'fc1.bias':
      return free1;
    case 'fc2.weight':
      return tf.logicalOr(tf.expandDims(free2, 1), tf.expandDims(free1, 0)); // [hidden, width]
    default:
      return free2;
  }
}
