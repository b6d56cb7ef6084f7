/** Layer normalisation over the last axis (Ba et al. 2016, arXiv 1607.06450). */
import * as tf from '@tensorflow/tfjs';
import type { TraceBackend } from '../trace.ts';
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
    const { normal } = moments(x!, (attributes.epsilon as { float: number }).float);
    return tf.add(tf.mul(normal, scale!), shift!);
  },
  gradient: (dy, { x, scale, shift }, attributes) => {
    const epsilon = (attributes.epsilon as { float: number }).float;
    const { normal, inverse } = savedMoments(x!, scale!, shift!, epsilon);
    return {
      x: () => {
        // dx = (g - mean(g) - normal · mean(g · normal)) / deviation, with g = dy · scale
        const g = tf.mul(dy, scale!);
        const centred = tf.sub(g, tf.mean(g, -1, true));
        const along = tf.mul(normal, tf.mean(tf.mul(g, normal), -1, true));
        return tf.mul(tf.sub(centred, along), inverse);
      },
      scale: () => tf.sum(tf.mul(dy, normal), 0),
      shift: () => tf.sum(dy, 0),
    };
  },
};

function moments(x: tf.Tensor, epsilon: number): { normal: tf.Tensor; inverse: tf.Tensor } {
  const centred = tf.sub(x, tf.mean(x, -1, true));
  const inverse = tf.rsqrt(tf.add(tf.mean(tf.square(centred), -1, true), epsilon));
  return { normal: tf.mul(centred, inverse), inverse };
}

function savedMoments(x: tf.Tensor, scale: tf.Tensor, shift: tf.Tensor, epsilon: number) {
  if (!isTracing()) return moments(x, epsilon);
  const trace = tf.backend() as TraceBackend;
  const [, mean, inverse] = nodes(trace, x, scale, shift, epsilon);
  const shape = [...x.shape.slice(0, -1), 1];
  const bound = (name: string) => tf.engine().makeTensorFromTensorInfo(trace.bind(name, shape, 'float32'));
  const deviation = bound(inverse!);
  return { normal: tf.mul(tf.sub(x, bound(mean!)), deviation), inverse: deviation };
}

function isTracing(): boolean {
  return tf.getBackend() === 'cpt-trace';
}

/**
 * @param x [rows, hidden]
 * @param scale [hidden]
 * @param shift [hidden]
 */
export function layerNorm(x: tf.Tensor, scale: tf.Tensor, shift: tf.Tensor, epsilon: number): tf.Tensor {
  return runOp(layerNormOp, { x, scale, shift }, { epsilon: { float: epsilon } });
}
