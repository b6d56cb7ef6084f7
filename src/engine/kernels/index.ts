/** The kernel table: every tfjs kernel that can be compiled, and its registration for the tracing backend. */
import * as tf from '@tensorflow/tfjs';
import { TRACE_BACKEND, type TraceBackend } from '../trace.ts';
import { elementwise } from './elementwise.ts';
import type { Inputs, Kernel, KernelTable } from './kernel.ts';
import { products } from './products.ts';
import { reductions } from './reduce.ts';
import { shapes } from './shape.ts';

export const kernelTable: KernelTable = { ...elementwise, ...shapes, ...reductions, ...products };

/** Registers one kernel of the table with tfjs for the tracing backend. */
export function registerTraceKernel(kernelName: string, kernel: Kernel): void {
  tf.registerKernel({
    kernelName,
    backendName: TRACE_BACKEND,
    kernelFunc: ({ inputs, attrs, backend }) =>
      kernel(backend as TraceBackend, inputs as Inputs, (attrs ?? {}) as Readonly<Record<string, unknown>>),
  });
}

let registered = false;

export function registerKernelTable(): void {
  if (registered) return;
  registered = true;
  for (const [name, kernel] of Object.entries(kernelTable)) registerTraceKernel(name, kernel);
}
