/** What ONNX Runtime's profiler wrote, summed by operator type and by the shape of matrix products. */

/** One entry of the profile's JSON, as far as it is read; times in microseconds. */
export interface ProfileEvent {
  readonly cat: string;
  readonly name: string;
  readonly ts: number;
  readonly dur: number;
  readonly args?: {
    readonly op_name?: string;
    readonly input_type_shape?: readonly Readonly<Record<string, readonly number[]>>[];
    readonly output_type_shape?: readonly Readonly<Record<string, readonly number[]>>[];
  };
}

export interface Spent {
  readonly name: string;
  /** Times per run. */
  readonly count: number;
  /** Milliseconds per run. */
  readonly ms: number;
  /** 10⁹ operations a second, for matrix products. */
  readonly gflops?: number;
}

export interface Profile {
  readonly runs: number;
  /** Milliseconds of one run, what lies between the operators included. */
  readonly ms: number;
  /** Most expensive first. */
  readonly operators: readonly Spent[];
  readonly products: readonly Spent[];
  /** What is no product, by operator and shape of the result. */
  readonly others: readonly Spent[];
}

const PRODUCTS =
  /^(Gemm|MatMul|FusedMatMul|FusedGemm|MatMulInteger|MatMulIntegerToFloat|DynamicQuantizeMatMul|QGemm|QLinearMatMul|MatMulNBits)$/;

/**
 * @param skip runs at the start that are not counted: the first ones still allocate
 * @throws RangeError where fewer runs were profiled
 */
export function summarise(events: readonly ProfileEvent[], skip: number): Profile {
  const runs = events
    .filter(({ name }) => name === 'model_run')
    .sort((a, b) => a.ts - b.ts)
    .slice(skip);
  if (runs.length === 0) throw new RangeError(`The profile has no more than ${skip} runs.`);
  const from = runs[0]!.ts;
  const operators = new Map<string, Sum>();
  const products = new Map<string, Sum>();
  const others = new Map<string, Sum>();
  for (const event of events) {
    if (event.cat !== 'Node' || event.ts < from || !event.name.endsWith('_kernel_time')) continue;
    const operator = event.args?.op_name ?? 'unknown';
    add(operators, operator, event.dur, 0);
    const product = PRODUCTS.test(operator) ? sizesOfProduct(event) : null;
    if (product !== null) add(products, `${operator} ${product.label}`, event.dur, product.flops);
    else
      add(
        others,
        `${operator} ${shapeAt(event.args?.output_type_shape?.[0])?.join('×') ?? ''}`,
        event.dur,
        0,
      );
  }
  const total = runs.reduce((sum, { dur }) => sum + dur, 0) / 1000 / runs.length;
  return {
    runs: runs.length,
    ms: total,
    operators: spent(operators, runs.length),
    products: spent(products, runs.length),
    others: spent(others, runs.length),
  };
}

/**
 * Rows × inner × columns of a product, `batch·` before them where it is one of many. The inner size follows from
 * the left operand's elements, whether it is transposed or not.
 */
export function sizesOfProduct(event: ProfileEvent): { label: string; flops: number } | null {
  const left = shapeAt(event.args?.input_type_shape?.[0]);
  const result = shapeAt(event.args?.output_type_shape?.[0]);
  if (left === undefined || result === undefined || result.length < 2) return null;
  const columns = result.at(-1)!;
  const rows = result.at(-2)!;
  const batch = count(result) / (rows * columns);
  const inner = count(left) / (rows * batch);
  const turned = left.at(-2) === inner && rows !== inner ? 'ᵀ' : '';
  const lead = batch === 1 ? '' : `${batch}·`;
  return { label: `${lead}${rows}${turned}×${inner}×${columns}`, flops: 2 * batch * rows * inner * columns };
}

interface Sum {
  count: number;
  us: number;
  flops: number;
}

function add(sums: Map<string, Sum>, name: string, us: number, flops: number): void {
  const sum = sums.get(name) ?? { count: 0, us: 0, flops: 0 };
  sums.set(name, { count: sum.count + 1, us: sum.us + us, flops: sum.flops + flops });
}

function spent(sums: ReadonlyMap<string, Sum>, runs: number): Spent[] {
  return [...sums]
    .map(([name, { count: times, us, flops }]) => ({
      name,
      count: times / runs,
      ms: us / 1000 / runs,
      ...(flops > 0 && us > 0 ? { gflops: flops / us / 1000 } : {}),
    }))
    .sort((a, b) => b.ms - a.ms);
}

function shapeAt(
  value: Readonly<Record<string, readonly number[]>> | undefined,
): readonly number[] | undefined {
  return value === undefined ? undefined : Object.values(value)[0];
}

function count(axes: readonly number[]): number {
  return axes.reduce((product, axis) => product * axis, 1);
}
