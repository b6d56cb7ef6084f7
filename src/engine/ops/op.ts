/**
 * Ops of this project that are one kernel to tfjs: a graph node where ONNX has one, tfjs ops elsewhere, and a
 * gradient of their own.
 */
import * as tf from '@tensorflow/tfjs';
import type { Attribute } from '../graph.ts';
import { registerTraceKernel } from '../kernels/index.ts';
import type { Kernel } from '../kernels/kernel.ts';
import { TRACE_BACKEND } from '../trace.ts';

export type OpTensors = Readonly<Record<string, tf.Tensor>>;
export type OpAttributes = Readonly<Record<string, Attribute>>;

export interface Op {
  readonly name: string;
  /** The kernel as ONNX nodes. Left out where `compose` is as good. */
  readonly trace?: Kernel;
  /** The same in tfjs ops. */
  readonly compose: (inputs: OpTensors, attributes: OpAttributes) => tf.Tensor;
  /** Gradients by input name, each computed only where it is asked for. */
  readonly gradient: (
    dy: tf.Tensor,
    inputs: OpTensors,
    attributes: OpAttributes,
  ) => Readonly<Record<string, () => tf.Tensor>>;
  /** Input names, in the order in which they are saved for the gradient. */
  readonly inputs: readonly string[];
}

export function registerOp(op: Op, backendName: string): void {
  if (tf.getKernel(op.name, backendName) === undefined) {
    if (backendName === TRACE_BACKEND && op.trace !== undefined) registerTraceKernel(op.name, op.trace);
    else {
      tf.registerKernel({
        kernelName: op.name,
        backendName,
        kernelFunc: ({ inputs, attrs }) =>
          tf.tidy(() => op.compose(inputs as OpTensors, (attrs ?? {}) as OpAttributes)),
      });
    }
  }
  if (tf.getGradient(op.name) === undefined) {
    tf.registerGradient({
      kernelName: op.name,
      inputsToSave: [...op.inputs],
      gradFunc: (dy, saved, attrs) => {
        const inputs = Object.fromEntries(op.inputs.map((name, at) => [name, saved[at]!]));
        return { ...op.gradient(dy as tf.Tensor, inputs, attrs as OpAttributes) };
      },
    });
  }
}

export function runOp(op: Op, inputs: OpTensors, attributes: OpAttributes = {}): tf.Tensor {
  return tf.engine().runKernel(op.name, { ...inputs }, { ...attributes }) as tf.Tensor;
}
