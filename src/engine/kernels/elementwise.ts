/** Kernels that work value by value. */
import type * as tf from '@tensorflow/tfjs';
import type { TraceBackend } from '../trace.ts';
import { broadcast, cast, type Inputs, type Kernel, type KernelTable } from './kernel.ts';

const unary =
  (op: string, dtype?: tf.DataType): Kernel =>
  (trace, inputs) => {
    const x = inputs.x!;
    return trace.emit(op, [x], x.shape, dtype ?? x.dtype);
  };

/** A unary kernel whose result is always float. */
const floating =
  (op: string): Kernel =>
  (trace, inputs) => {
    const x = cast(trace, inputs.x!, 'float32');
    return trace.emit(op, [x], x.shape, 'float32');
  };

const binary =
  (op: string): Kernel =>
  (trace, inputs) => {
    const a = inputs.a!;
    const b = inputs.b!;
    // ONNX has no arithmetic on booleans; tfjs counts them as 0 and 1.
    const dtype = a.dtype === 'bool' ? 'int32' : a.dtype;
    return trace.emit(op, [cast(trace, a, dtype), cast(trace, b, dtype)], broadcast(a, b), dtype);
  };

const compare =
  (op: string, negate = false): Kernel =>
  (trace, inputs) => {
    const a = inputs.a!;
    const b = inputs.b!;
    const numeric = a.dtype === 'bool' && /^(Greater|Less)/.test(op);
    const operands = numeric ? [cast(trace, a, 'int32'), cast(trace, b, 'int32')] : [a, b];
    const result = trace.emit(op, operands, broadcast(a, b), 'bool');
    return negate ? trace.emit('Not', [result], result.shape, 'bool') : result;
  };

const composed =
  (build: (trace: TraceBackend, x: tf.TensorInfo, unaryOf: Emitter) => tf.TensorInfo): Kernel =>
  (trace, inputs) => {
    const x = cast(trace, inputs.x!, 'float32');
    return build(trace, x, (op, ...operands) => trace.emit(op, operands, x.shape, 'float32'));
  };

type Emitter = (op: string, ...operands: (tf.TensorInfo | string)[]) => tf.TensorInfo;

function step(trace: TraceBackend, inputs: Inputs, alpha: number): tf.TensorInfo {
  const x = inputs.x!;
  const positive = trace.emit('Greater', [x, trace.graph.float(0)], x.shape, 'bool');
  const one = trace.graph.float(1);
  return trace.emit('Where', [positive, one, trace.graph.float(alpha)], x.shape, 'float32');
}

export const elementwise: KernelTable = {
  Abs: unary('Abs'),
  Ceil: unary('Ceil'),
  Cosh: floating('Cosh'),
  Cos: floating('Cos'),
  Erf: floating('Erf'),
  Exp: floating('Exp'),
  Floor: unary('Floor'),
  Log: floating('Log'),
  Neg: unary('Neg'),
  Reciprocal: floating('Reciprocal'),
  Relu: unary('Relu'),
  Round: unary('Round'),
  Sigmoid: floating('Sigmoid'),
  Sign: unary('Sign'),
  Sin: floating('Sin'),
  Sinh: floating('Sinh'),
  Softplus: floating('Softplus'),
  Sqrt: floating('Sqrt'),
  Tanh: floating('Tanh'),
  LogicalNot: unary('Not', 'bool'),
  IsNan: unary('IsNaN', 'bool'),
  IsInf: unary('IsInf', 'bool'),
  Add: binary('Add'),
  Sub: binary('Sub'),
  Multiply: binary('Mul'),
  Maximum: binary('Max'),
  Minimum: binary('Min'),
  Pow: binary('Pow'),
  Greater: compare('Greater'),
  GreaterEqual: compare('GreaterOrEqual'),
  Less: compare('Less'),
  LessEqual: compare('LessOrEqual'),
  Equal: compare('Equal'),
  NotEqual: compare('Equal', true),
  LogicalAnd: compare('And'),
  LogicalOr: compare('Or'),
  RealDiv: (trace, { a, b }) =>
    trace.emit('Div', [cast(trace, a!, 'float32'), cast(trace, b!, 'float32')], broadcast(a!, b!), 'float32'),
  SquaredDifference: (trace, { a, b }) => {
    const shape = broadcast(a!, b!);
    const difference = trace.emit('Sub', [a!, b!], shape, a!.dtype);
    return trace.emit('Mul', [difference, difference], shape, a!.dtype);
  },
  Square: (trace, { x }) => trace.emit('Mul', [x!, x!], x!.shape, x!.dtype),
  Rsqrt: composed((_, x, emit) => emit('Reciprocal', emit('Sqrt', x))),
  Expm1: composed((trace, x, emit) => emit('Sub', emit('Exp', x), trace.graph.float(1))),
  Log1p: composed((trace, x, emit) => emit('Log', emit('Add', x, trace.graph.float(1)))),
  IsFinite: (trace, { x }) => {
    const zero = trace.emit('Sub', [x!, x!], x!.shape, x!.dtype);
    return trace.emit('Equal', [zero, trace.graph.float(0)], x!.shape, 'bool');
  },
  Step: (trace, inputs, attributes) => step(trace, inputs, attributes.alpha as number),
  LeakyRelu: (trace, { x }, attributes) =>
    trace.emit('LeakyRelu', [x!], x!.shape, 'float32', { alpha: { float: attributes.alpha as number } }),
  ClipByValue: (trace, { x }, attributes) => {
    const low = trace.graph.float(attributes.clipValueMin as number);
    const high = trace.graph.float(attributes.clipValueMax as number);
    return trace.emit('Clip', [x!, low, high], x!.shape, x!.dtype);
  },
  AddN: (trace, inputs) => {
    const terms = Object.values(inputs);
    return trace.emit('Sum', terms, terms[0]!.shape, terms[0]!.dtype);
  },
  Cast: (trace, { x }, attributes) => cast(trace, x!, attributes.dtype as tf.DataType),
  Identity: (trace, { x }) => trace.bind(trace.name(x!), x!.shape, x!.dtype),
  Select: (trace, { condition, t, e }) => {
    // tfjs lets a vector condition choose whole rows.
    const rows = condition!.shape.length === 1 && t!.shape.length > 1;
    const shape = rows ? [condition!.shape[0]!, ...t!.shape.slice(1).map(() => 1)] : condition!.shape;
    const chosen = rows ? trace.emit('Reshape', [condition!, trace.shape(shape)], shape, 'bool') : condition!;
    return trace.emit('Where', [chosen, t!, e!], t!.shape, t!.dtype);
  },
};
