/** Layer normalisation over the last axis (Ba et al. 2016, arXiv 1607.06450). */
import * as tf from '@tensorflow/tfjs';
import { isTracing, type TraceBackend } from '../trace.ts';
import { type Op, runOp } from './op.ts';

/** ONNX gives the mean and 1/deviation of each row beside the result; the gradient wants them too. */
function nodes(
  trace: TraceBackend,
  x: tf.TensorInfo,
  scale: tf.TensorInfo,
  shift: tf.TensorInfo,
  epsilon: number,
) {
  const names = [x, scale, shift].map((info) => trace.name(info));
  return trace.graph.node('LayerNormalization', names, { axis: -1, epsilon: { float: epsilon } }, 3);
}

export const layerNormOp: Op = {
  name: 'CptLayerNorm',
  inputs: ['x', 'scale', 'shift'],
  trace: (trace, { x, scale, shift }, attributes) =>
    trace.bind(
      nodes(trace, x!, scale!, shift!, (attributes.epsilon as { float: number }).float)[0]!,
      x!.shape,
      'float32',
    ),
  compose: ({ x, scale, shift }, attributes) => {
    const { mean, inverse } = moments(x!, (attributes.epsilon as { float: number }).float);
    return tf.add(tf.mul(tf.mul(tf.sub(x!, mean), inverse), scale!), shift!);
  },
  gradient: (dy, { x, scale, shift }, attributes) => {
    const epsilon = (attributes.epsilon as { float: number }).float;
    const { mean, inverse } = savedMoments(x!, scale!, shift!, epsilon); // [rows, 1]
    return {
      x: () => {
        // dx = (g - mean(g) - normal · mean(g · normal)) / deviation, with g = dy · scale and normal =
        // (x - mean(x)) / deviation, sorted by g and x: few passes over [rows, hidden]
        const g = tf.mul(dy, scale!);
        const meanG = tf.mean(g, -1, true);
        const covariance = tf.sub(tf.mean(tf.mul(g, x!), -1, true), tf.mul(mean, meanG));
        const slope = tf.mul(covariance, tf.mul(inverse, tf.mul(inverse, inverse))); // [rows, 1]
        const level = tf.sub(tf.mul(slope, mean), tf.mul(inverse, meanG)); // [rows, 1]
        return tf.add(tf.sub(tf.mul(g, inverse), tf.mul(x!, slope)), level);
      },
      scale: () => tf.sum(tf.mul(dy, tf.mul(tf.sub(x!, mean), inverse)), 0),
      shift: () => tf.sum(dy, 0),
    };
  },
};

function moments(x: tf.Tensor, epsilon: number): { mean: tf.Tensor; inverse: tf.Tensor } {
  const mean = tf.mean(x, -1, true);
  const variance = tf.mean(tf.square(tf.sub(x, mean)), -1, true);
  return { mean, inverse: tf.rsqrt(tf.add(variance, epsilon)) };
}

/** Mean and 1/deviation of each row, [rows, 1]; ONNX's node gives them beside its result. */
function savedMoments(x: tf.Tensor, scale: tf.Tensor, shift: tf.Tensor, epsilon: number) {
  if (!isTracing()) return moments(x, epsilon);
  const trace = tf.backend() as TraceBackend;
  const [, mean, inverse] = nodes(trace, x, scale, shift, epsilon);
  const shape = [...x.shape.slice(0, -1), 1];
  const bound = (name: string) => tf.engine().makeTensorFromTensorInfo(trace.bind(name, shape, 'float32'));
  return { mean: bound(mean!), inverse: bound(inverse!) };
}

/**
 * @param x [rows, hidden]
 * @param scale [hidden]
 * @param shift [hidden]
 */
export function layerNorm(x: tf.Tensor, scale: tf.Tensor, shift: tf.Tensor, epsilon: number): tf.Tensor {
  return runOp(layerNormOp, { x, scale, shift }, { epsilon: { float: epsilon } });
}
