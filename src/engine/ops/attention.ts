/** Scaled dot-product attention (Vaswani et al. 2017, arXiv 1706.03762), with the gradient written out. */
import * as tf from '@tensorflow/tfjs';
import { matMul } from '../kernels/products.ts';
import { isTracing, type TraceBackend } from '../trace.ts';
import { type Op, type OpAttributes, type OpTensors, runOp } from './op.ts';

interface Sizes {
  readonly batch: number;
  readonly length: number;
  readonly heads: number;
}

function sizesOf(attributes: OpAttributes): Sizes {
  return attributes as unknown as Sizes;
}

/** [batch·length, hidden] → [batch, heads, length, hidden/heads] */
function split(x: tf.Tensor, { batch, length, heads }: Sizes): tf.Tensor {
  return tf.transpose(tf.reshape(x, [batch, length, heads, x.shape[1]! / heads]), [0, 2, 1, 3]);
}

/** [batch, heads, length, width] → [batch·length, heads·width] */
function merge(x: tf.Tensor): tf.Tensor {
  const [batch, heads, length, width] = x.shape as [number, number, number, number];
  return tf.reshape(tf.transpose(x, [0, 2, 1, 3]), [batch * length, heads * width]);
}

/** a · b · factor over the last two axes; the factor costs nothing where the product takes one. */
function product(
  a: tf.Tensor,
  b: tf.Tensor,
  transposeA: boolean,
  transposeB: boolean,
  factor: number,
): tf.Tensor {
  if (!isTracing()) return tf.mul(tf.matMul(a, b, transposeA, transposeB), factor);
  const result = matMul(tf.backend() as TraceBackend, a, b, { transposeA, transposeB, alpha: factor });
  return tf.engine().makeTensorFromTensorInfo(result);
}

/** Softmax(q kᵀ / sqrt(width) + bias): [batch, heads, length, length] */
function weights({ q, k, bias }: OpTensors, sizes: Sizes): tf.Tensor {
  const scores = product(split(q!, sizes), split(k!, sizes), false, true, scaleOf(q!, sizes));
  return tf.softmax(tf.add(scores, bias!));
}

function scaleOf(q: tf.Tensor, { heads }: Sizes): number {
  return 1 / Math.sqrt(q.shape[1]! / heads);
}

export const attentionOp: Op = {
  name: 'CptAttention',
  inputs: ['q', 'k', 'v', 'bias'],
  compose: (inputs, attributes) => {
    const sizes = sizesOf(attributes);
    return merge(tf.matMul(weights(inputs, sizes), split(inputs.v!, sizes)));
  },
  gradient: (dy, inputs, attributes) => {
    const sizes = sizesOf(attributes);
    const { q, k, v } = inputs;
    const scale = scaleOf(q!, sizes);
    const p = weights(inputs, sizes);
    const dOut = split(dy, sizes);
    const dScores = () => {
      const dp = tf.matMul(dOut, split(v!, sizes), false, true);
      // sum(dp · p) over keys is sum(dOut · out) over the head's width: the smaller of the two
      const out = tf.matMul(p, split(v!, sizes));
      return tf.mul(p, tf.sub(dp, tf.sum(tf.mul(dOut, out), -1, true)));
    };
    return {
      q: () => merge(product(dScores(), split(k!, sizes), false, false, scale)),
      k: () => merge(product(dScores(), split(q!, sizes), true, false, scale)),
      v: () => merge(tf.matMul(p, dOut, true, false)),
      bias: () => tf.zerosLike(inputs.bias!),
    };
  },
};

/**
 * @param q [batch·length, hidden], as `k` and `v`
 * @param bias [batch, 1, 1, length], added to the scores; large and negative hides a key. Not differentiated.
 * @returns [batch·length, hidden]
 */
export function attention(
  q: tf.Tensor,
  k: tf.Tensor,
  v: tf.Tensor,
  bias: tf.Tensor,
  heads: number,
): tf.Tensor {
  const batch = bias.shape[0]!;
  const length = bias.shape[3]!;
  return runOp(attentionOp, { q, k, v, bias }, { batch, length, heads });
}
