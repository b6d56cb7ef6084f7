/** One or more cases for every kernel of the table: what `kernels.test.ts` compares with tfjs's `cpu` backend. */
import * as tf from '@tensorflow/tfjs';

export interface Value {
  readonly shape: readonly number[];
  readonly dtype: 'float32' | 'int32' | 'bool';
  readonly values: readonly number[];
}

export interface Case {
  readonly inputs: Readonly<Record<string, Value>>;
  readonly fn: (t: Record<string, tf.Tensor>) => tf.Tensor | tf.Tensor[];
  /** The gradient is compared unless this is false: where it is not defined or nothing is differentiable. */
  readonly gradient?: boolean;
  /** Relative tolerance; 1e-5 by default. */
  readonly tolerance?: number;
}

const size = (shape: readonly number[]) => shape.reduce((product, axis) => product * axis, 1);

/** Irregular numbers within ±2, none of them at a kink or tie. */
export function real(...shape: number[]): Value {
  return {
    shape,
    dtype: 'float32',
    values: Array.from({ length: size(shape) }, (_, at) => 2 * Math.sin(1.7 * at + 0.6 + shape.length)),
  };
}

const mapped = (value: Value, f: (x: number, at: number) => number): Value => ({
  ...value,
  values: value.values.map(f),
});
const positive = (...shape: number[]) => mapped(real(...shape), (x) => Math.abs(x) + 0.1);
const shifted = (...shape: number[]) => mapped(real(...shape), (x, at) => Math.cos(x * 3 + at));
const given = (shape: number[], values: number[], dtype: Value['dtype'] = 'float32'): Value => ({
  shape,
  dtype,
  values,
});
const int = (shape: number[], values: number[]) => given(shape, values, 'int32');
const bool = (shape: number[], values: number[]) => given(shape, values, 'bool');

type Unary = (x: tf.Tensor) => tf.Tensor;
type Binary = (a: tf.Tensor, b: tf.Tensor) => tf.Tensor;

const one = (fn: Unary, x: Value, more: Partial<Case> = {}): Case => ({
  inputs: { x },
  fn: (t) => fn(t.x!),
  ...more,
});
const two = (fn: Binary, a: Value, b: Value, more: Partial<Case> = {}): Case => ({
  inputs: { a, b },
  fn: (t) => fn(t.a!, t.b!),
  ...more,
});

const unary = (fn: Unary, make: (...shape: number[]) => Value = real): Case[] => [
  one(fn, make(2, 3)),
  one(fn, make()),
  one(fn, make(2, 1, 2, 3)),
];

/** The ways in which two shapes meet. tfjs differentiates some kernels for equal shapes only. */
const arithmetic = (fn: Binary, make: typeof real = real, broadcastGradient = true): Case[] => [
  two(fn, real(2, 3), make(2, 3)),
  two(fn, real(2, 3), make(3), { gradient: broadcastGradient }),
  two(fn, real(2, 1, 3), make(4, 1), { gradient: broadcastGradient }),
  two(fn, real(), make(2, 2), { gradient: broadcastGradient }),
];
const integers = (fn: Binary): Case =>
  two(fn, int([2, 3], [7, -3, 2, 5, 0, -8]), int([3], [2, 3, 1]), { gradient: false });
const booleans = (fn: Binary): Case =>
  two(fn, bool([2, 2], [1, 0, 1, 0]), bool([2, 2], [1, 1, 0, 0]), { gradient: false });

const comparison = (fn: Binary): Case[] => [
  two(fn, given([2, 3], [1, 2, 3, 4, 5, 6]), given([3], [4, 2, 3]), { gradient: false }),
  integers(fn),
  booleans(fn),
];

const odd = given([5], [1, Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 0]);
const floats = { gradient: false } as const;

type Reduce = (x: tf.Tensor, axis?: number | number[], keepDims?: boolean) => tf.Tensor;
const reducer = (fn: Reduce): Case[] => [
  one((x) => fn(x), real(2, 3, 4)),
  one((x) => fn(x, 1), real(2, 3, 4)),
  one((x) => fn(x, [0, -1], true), real(2, 3, 4)),
  one((x) => fn(x, 0), int([2, 3], [5, -2, 7, 1, 4, 9]), floats),
];
const verdicts = bool([2, 3], [1, 0, 1, 1, 1, 1]);
const verdict = (fn: Reduce): Case[] => [
  one((x) => fn(x), verdicts, floats),
  one((x) => fn(x, 1), verdicts, floats),
  one((x) => fn(x, 0, true), verdicts, floats),
];

const matrices = (shapeA: number[], shapeB: number[], transposeA: boolean, transposeB: boolean): Case =>
  two((a, b) => tf.matMul(a, b, transposeA, transposeB), real(...shapeA), shifted(...shapeB));

export const cases: Readonly<Record<string, readonly Case[]>> = {
  Abs: unary(tf.abs),
  Ceil: unary(tf.ceil),
  Cosh: unary(tf.cosh),
  Cos: unary(tf.cos),
  Erf: unary(tf.erf),
  Exp: unary(tf.exp),
  Floor: unary(tf.floor),
  Log: unary(tf.log, positive),
  Neg: unary(tf.neg),
  Reciprocal: unary(tf.reciprocal),
  Relu: unary(tf.relu),
  Round: [...unary(tf.round), one(tf.round, given([4], [0.5, 1.5, 2.5, -0.5]))],
  Sigmoid: [...unary(tf.sigmoid), one(tf.sigmoid, given([3], [-90, 0, 90]))],
  Sign: unary(tf.sign),
  Sin: unary(tf.sin),
  Sinh: unary(tf.sinh),
  Softplus: unary(tf.softplus),
  Sqrt: unary(tf.sqrt, positive),
  Tanh: unary(tf.tanh),
  Rsqrt: unary(tf.rsqrt, positive),
  Expm1: unary(tf.expm1),
  Log1p: unary(tf.log1p, positive),
  Square: [...unary(tf.square), one(tf.square, int([3], [3, -4, 5]), floats)],
  Step: [
    one((x) => tf.step(x), real(5)),
    one((x) => tf.step(x, 0.25), real(2, 3)),
    one((x) => tf.step(x, -1), given([3], [-1, 0, 1])),
  ],
  LeakyRelu: [one((x) => tf.leakyRelu(x, 0.3), real(2, 3))],
  ClipByValue: [
    one((x) => tf.clipByValue(x, -1, 0.5), real(3, 4)),
    one((x) => tf.clipByValue(x, -50, 50), given([3], [-1e9, 3, 1e9])),
  ],
  LogicalNot: [one(tf.logicalNot, verdicts, floats)],
  IsNan: [one(tf.isNaN, odd, floats)],
  IsInf: [one(tf.isInf, odd, floats)],
  IsFinite: [one(tf.isFinite, odd, floats)],
  Add: [...arithmetic(tf.add), integers(tf.add)],
  Sub: [...arithmetic(tf.sub), integers(tf.sub)],
  Multiply: [...arithmetic(tf.mul), integers(tf.mul)],
  RealDiv: arithmetic(tf.div, positive),
  Maximum: [...arithmetic(tf.maximum, shifted, false), integers(tf.maximum)],
  Minimum: [...arithmetic(tf.minimum, shifted, false), integers(tf.minimum)],
  Pow: [two(tf.pow, positive(2, 3), real(3)), two(tf.pow, positive(2, 3), real(2, 3))],
  SquaredDifference: arithmetic(tf.squaredDifference, shifted, false),
  Greater: comparison(tf.greater),
  GreaterEqual: comparison(tf.greaterEqual),
  Less: comparison(tf.less),
  LessEqual: comparison(tf.lessEqual),
  Equal: comparison(tf.equal),
  NotEqual: comparison(tf.notEqual),
  LogicalAnd: [
    booleans(tf.logicalAnd),
    two(tf.logicalAnd, bool([2, 1], [1, 0]), bool([3], [1, 0, 1]), floats),
  ],
  LogicalOr: [booleans(tf.logicalOr)],
  AddN: [
    { inputs: { a: real(2, 3), b: shifted(2, 3), c: positive(2, 3) }, fn: (t) => tf.addN(Object.values(t)) },
  ],
  Cast: [
    one((x) => tf.cast(x, 'int32'), given([4], [1.9, -1.9, 0.2, 7]), floats),
    one((x) => tf.cast(x, 'bool'), given([3], [0, 0.5, -2]), floats),
    one((x) => tf.cast(x, 'float32'), int([2], [3, -4]), floats),
    one((x) => tf.cast(x, 'float32'), verdicts, floats),
  ],
  Identity: [one((x) => tf.mul(tf.clone(x), 2), real(2, 3))],
  Select: [
    {
      inputs: { c: bool([2, 3], [1, 0, 1, 0, 0, 1]), a: real(2, 3), b: shifted(2, 3) },
      fn: (t) => tf.where(t.c!, t.a!, t.b!),
    },
    {
      inputs: { c: bool([2, 1], [1, 0]), a: real(2, 3), b: shifted(2, 3) },
      fn: (t) => tf.where(tf.broadcastTo(t.c!, [2, 3]), t.a!, t.b!),
    },
    {
      // a choice never multiplies: what is not chosen may be anything
      inputs: {
        c: bool([3], [1, 0, 1]),
        a: given([3], [1, Number.NaN, 3]),
        b: given([3], [Number.NaN, 5, Number.POSITIVE_INFINITY]),
      },
      fn: (t) => tf.where(t.c!, t.a!, t.b!),
      gradient: false,
    },
  ],
  Reshape: [one((x) => tf.reshape(x, [3, -1]), real(2, 3, 2)), one((x) => tf.reshape(x, [6]), real(2, 3))],
  ExpandDims: [one((x) => tf.expandDims(x, 0), real(2, 3)), one((x) => tf.expandDims(x, -1), real(2, 3))],
  Transpose: [
    one((x) => tf.transpose(x), real(2, 3)),
    one((x) => tf.transpose(x, [0, 2, 1, 3]), real(2, 3, 4, 2)),
  ],
  Slice: [
    one((x) => tf.slice(x, [0, 1], [2, -1]), real(3, 4)),
    one((x) => tf.slice(x, [1], [2]), real(3, 4)),
  ],
  SplitV: [
    one((x) => tf.concat(tf.split(x, 2, 1).reverse(), 1), real(3, 4)),
    one((x) => tf.concat(tf.split(x, [1, 2, -1], -1).reverse(), 1), real(2, 5)),
  ],
  Concat: [
    { inputs: { a: real(2, 3), b: shifted(2, 1) }, fn: (t) => tf.concat([t.a!, t.b!], 1) },
    { inputs: { a: real(2, 3), b: shifted(2, 2) }, fn: (t) => tf.concat([t.a!, t.b!], -1) },
    { inputs: { a: real(2, 3), b: shifted(4, 3) }, fn: (t) => tf.concat([t.a!, t.b!], 0) },
  ],
  Pack: [
    { inputs: { a: real(2, 3), b: shifted(2, 3) }, fn: (t) => tf.stack([t.a!, t.b!], 0) },
    { inputs: { a: real(2, 3), b: shifted(2, 3) }, fn: (t) => tf.stack([t.a!, t.b!], 2) },
    { inputs: { a: real(2, 3), b: shifted(2, 3) }, fn: (t) => tf.stack([t.a!, t.b!], -1) },
  ],
  Unpack: [one((x) => tf.add(tf.unstack(x, 1)[0]!, tf.unstack(x, -1)[2]!), real(2, 3))],
  PadV2: [
    one((x) => tf.pad(x, [[1, 0], [0, 2]]), real(2, 3)), // biome-ignore format: one case, one line
    one((x) => tf.pad(x, [[2, 1]], 5), real(3)),
  ],
  Tile: [
    // tf.broadcastTo is a tile
    one((x) => tf.broadcastTo(x, [2, 3]), real(3)),
    one((x) => tf.broadcastTo(x, [2, 2, 3]), real(2, 1, 3)),
    one((x) => tf.tile(x, [2, 3]), real(2, 2)),
    one((x) => tf.tile(x, [3]), real(4)),
  ],
  Reverse: [one((x) => tf.reverse(x, 1), real(2, 3)), one((x) => tf.reverse(x), real(2, 3, 2))],
  Fill: [
    one((x) => tf.add(x, tf.fill([2, 3], 1.5)), real(2, 3), floats),
    one((x) => tf.add(x, tf.fill([3], 2, 'int32')), int([3], [1, 2, 3]), floats),
  ],
  ZerosLike: [one((x) => tf.add(x, tf.zerosLike(x)), real(2, 3)), one(tf.zerosLike, verdicts, floats)],
  OnesLike: [one((x) => tf.add(x, tf.onesLike(x)), real(2, 3)), one(tf.onesLike, int([2], [5, 6]), floats)],
  GatherV2: [
    two((x, at) => tf.gather(x, at as tf.Tensor1D), real(4, 3), int([5], [3, 0, 3, 1, 3])),
    two((x, at) => tf.gather(x, at as tf.Tensor1D, 1), real(2, 4), int([3], [2, 2, 0])),
    two((x, at) => tf.gather(x, at as tf.Tensor1D, -1), real(2, 4), int([2], [1, 3])),
  ],
  OneHot: [
    one((x) => tf.oneHot(x as tf.Tensor1D, 4, 1, 0, 'float32'), int([3], [2, 0, 3]), floats),
    one((x) => tf.oneHot(x as tf.Tensor1D, 3, 5, -1, 'int32'), int([2], [1, 2]), floats),
  ],
  Sum: [...reducer(tf.sum), one((x) => tf.sum(x), verdicts, floats)],
  Mean: reducer(tf.mean),
  Max: reducer(tf.max),
  Min: reducer(tf.min),
  All: verdict(tf.all as Reduce),
  Any: verdict(tf.any as Reduce),
  ArgMax: [
    one((x) => tf.argMax(x, 1), real(3, 4), floats),
    one((x) => tf.argMax(x, -1), real(2, 3, 4), floats),
  ],
  ArgMin: [one((x) => tf.argMin(x, 0), real(3, 4), floats), one((x) => tf.argMin(x, -1), real(3, 4), floats)],
  Softmax: [
    one((x) => tf.softmax(x), real(3, 4)),
    one(
      (x) => tf.softmax(x),
      mapped(real(2, 3), (x) => 40 * x),
    ),
  ],
  Cumsum: [
    one((x) => tf.cumsum(x, 1), real(2, 4)),
    // tfjs differentiates it along the last axis only
    one((x) => tf.cumsum(x, 0, true), real(3, 2), floats),
    one((x) => tf.cumsum(x, 1, true, true), real(2, 4)),
  ],
  BatchMatMul: [
    matrices([2, 3], [3, 4], false, false),
    matrices([3, 2], [3, 4], true, false),
    matrices([2, 3], [4, 3], false, true),
    matrices([3, 2], [4, 3], true, true),
    matrices([2, 2, 3], [2, 3, 4], false, false),
    matrices([2, 3, 2], [2, 3, 4], true, false),
    matrices([2, 2, 3], [2, 4, 3], false, true),
    matrices([2, 2, 3, 2], [2, 2, 4, 3], true, true),
  ],
  UnsortedSegmentSum: [
    two((x, id) => tf.unsortedSegmentSum(x, id as tf.Tensor1D, 4), real(5, 2), int([5], [3, 0, 3, 1, 3])),
    two((x, id) => tf.unsortedSegmentSum(x, id as tf.Tensor1D, 2), real(3), int([3], [1, 1, 0])),
  ],
};

export { bool, int, shifted };
