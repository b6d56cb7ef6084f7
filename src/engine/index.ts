/** The compiled engine: one definition in tfjs ops, traced to ONNX, run by ONNX Runtime. */
export {
  type CompileOptions,
  compile,
  externalBytes,
  type FeedSpec,
  type OnnxModel,
  type Precision,
  type TensorFunction,
  type Tensors,
  toOnnx,
  trace,
  type Weight,
  type Weights,
} from './compile.ts';
export {
  ACCELERATORS,
  DEVICE_SETTINGS,
  type Device,
  type DeviceProbe,
  type DeviceSetting,
  notUsable,
  oneLine,
  refusal,
  type Settled,
  settle,
} from './device.ts';
export { DeviceMemory } from './device-memory.ts';
export { type EagerOptions, eager } from './eager.ts';
export type { Graph } from './graph.ts';
export { largestInteger } from './integer-range.ts';
export { LEAST_ELEMENTS } from './kernels/int8.ts';
export { type OpenOptions, open } from './open.ts';
export { attention } from './ops/attention.ts';
export { crossEntropy } from './ops/cross-entropy.ts';
export { gelu } from './ops/gelu.ts';
export { keep } from './ops/keep.ts';
export { layerNorm } from './ops/layer-norm.ts';
export { linear } from './ops/linear.ts';
export { relu } from './ops/relu.ts';
export { sumOfSquares } from './ops/sum-of-squares.ts';
export { prober } from './probe.ts';
export { dequantizeRows, quantizeRows } from './quantize.ts';
export {
  type Axes,
  type Feeds,
  openSession,
  type Program,
  type Resident,
  type Results,
  type SessionOptions,
  type Values,
} from './session.ts';
