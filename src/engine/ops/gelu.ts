/** Gaussian error linear unit, exact form (Hendrycks & Gimpel 2016, arXiv 1606.08415): x · Φ(x). */
import * as tf from '@tensorflow/tfjs';
import { isTracing, type TraceBackend } from '../trace.ts';
import { type Op, runOp } from './op.ts';

export const geluOp: Op = {
  name: 'CptGelu',
  inputs: ['x'],
  trace: (trace, { x }) => {
    const emit = (op: string, ...operands: (tf.TensorInfo | string)[]) =>
      trace.emit(op, operands, x!.shape, 'float32');
    if (!trace.portable) return emit('Gelu', x!);
    // older runtimes have no such node
    const error = emit('Erf', emit('Mul', x!, trace.graph.float(Math.SQRT1_2)));
    return emit('Mul', emit('Mul', x!, emit('Add', error, trace.graph.float(1))), trace.graph.float(0.5));
  },
  compose: ({ x }) => tf.mul(x!, cumulative(tf.mul(x!, Math.SQRT1_2))),
  gradient: (dy, { x }) => ({
    x: () => {
      // dy · (Φ + x e^(-x²/2) / √(2π)), with x/√2 once for both: a pass less over [rows, intermediate]
      const scaled = tf.mul(x!, Math.SQRT1_2);
      const bell = tf.div(x!, tf.exp(tf.square(scaled)));
      return tf.mul(dy, tf.add(cumulative(scaled), tf.mul(bell, 1 / Math.sqrt(2 * Math.PI))));
    },
  }),
};

/** Φ(x) = (1 + erf(x/√2)) / 2 of x/√2 */
function cumulative(scaled: tf.Tensor): tf.Tensor {
  const error = tf.erf(scaled);
  return isTracing() ? halved(error) : tf.add(tf.mul(error, 0.5), 0.5);
}

/** (1 + x) / 2 of an x within ±1, in one node. */
function halved(x: tf.Tensor): tf.Tensor {
  const trace = tf.backend() as TraceBackend;
  const half = { alpha: { float: 0.5 }, beta: { float: 0.5 } };
  return tf.engine().makeTensorFromTensorInfo(trace.emit('HardSigmoid', [x], x.shape, 'float32', half));
}

export function gelu(x: tf.Tensor): tf.Tensor {
  return runOp(geluOp, { x });
}
