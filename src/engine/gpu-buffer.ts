/**
 * Outputs of webgpu sessions that stay in the device's buffers. ONNX Runtime has this for webgpu alone in Node: under
 * `cuda` everything is copied. What it hands out cannot be read directly, so a session that copies does it.
 */
import * as ort from 'onnxruntime-node';
import type { DeviceValue } from './device-memory.ts';
import type { Graph } from './graph.ts';
import { encodeModel } from './onnx.ts';
import type { Values } from './session.ts';

/** A vector of any length, as it is. */
const COPY: Graph = {
  inputs: [{ name: 'device', type: 'float32', shape: ['n'] }],
  outputs: [{ name: 'host', type: 'float32', shape: ['n'] }],
  nodes: [{ op: 'Identity', domain: '', inputs: ['device'], outputs: ['host'], attributes: {} }],
  initializers: [],
};

let copy: Promise<ort.InferenceSession> | undefined;

/** Opened once, with the first value that is read. */
function copying(): Promise<ort.InferenceSession> {
  copy ??= ort.InferenceSession.create(encodeModel(COPY, new Map()), {
    executionProviders: ['webgpu'],
    logSeverityLevel: 3,
  });
  return copy;
}

/** @param tensor a float32 output whose location is `gpu-buffer` */
export function gpuValue(tensor: ort.Tensor): DeviceValue<ort.Tensor> {
  return {
    tensor,
    async download(into: Values) {
      const session = await copying();
      const dims = [tensor.dims.reduce((product, axis) => product * axis, 1)];
      const vector = ort.Tensor.fromGpuBuffer(tensor.gpuBuffer, { dataType: 'float32', dims });
      const { host } = await session.run({ device: vector });
      (into as Float32Array).set(host!.data as Float32Array);
      host!.dispose();
    },
    release: () => tensor.dispose(),
  };
}
