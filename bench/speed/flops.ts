/**
 * The matrix products that one training step of a task needs. They are counted by formula from the sizes, one way
 * for every engine, whatever an engine really does: so GFLOP/s compare.
 *
 * Counted: the products forward; of the frozen base the gradients towards its inputs, down to the first plugin and
 * no further; of the plugins the gradients of their weights and towards their inputs; attention's two products and
 * their four gradients; after the last layer's attention the masked positions alone, and so the head.
 * Not counted: anything that is no matrix product (softmax, normalisation, activations, embeddings, the optimiser),
 * and what is computed a second time.
 */
import type { Size } from './sizes.ts';

/** `times` products [rows, inner] · [inner, columns]. */
export interface Product {
  readonly what: string;
  readonly times: number;
  readonly rows: number;
  readonly inner: number;
  readonly columns: number;
}

/** @param positions masked positions of the batch */
export function stepProducts(
  { config, plugin }: Pick<Size, 'config' | 'plugin'>,
  batch: number,
  length: number,
  positions: number,
): Product[] {
  const { hidden, intermediate, layers, vocabSize } = config;
  const tokens = batch * length;
  const products: Product[] = [];
  const add = (what: string, rows: number, inner: number, columns: number, times = 1) =>
    products.push({ what, times, rows, inner, columns });
  /** A frozen dense layer, forward and, where something below trains, towards its input. */
  const frozen = (
    what: string,
    rows: number,
    inputs: number,
    outputs: number,
    towards: boolean,
    times = 1,
  ) => {
    add(what, rows, inputs, outputs, times);
    if (towards) add(`${what}, towards its input`, rows, outputs, inputs, times);
  };
  const trained = (what: string, rows: number, inputs: number, outputs: number, towards: boolean) => {
    frozen(what, rows, inputs, outputs, towards);
    add(`${what}, its weights`, outputs, rows, inputs);
  };
  const attention = (towards: boolean) => {
    const width = hidden / config.heads;
    const each = batch * config.heads; // one product per head and text
    // the scores; the gradient towards their softmax
    add('attention, length × length', length, width, length, (towards ? 2 : 1) * each);
    // the result; the gradients towards queries, keys and values
    add('attention, length × head', length, length, width, (towards ? 4 : 1) * each);
  };

  for (let layer = 0; layer < layers; layer++) {
    const below = layer > 0; // whether something trains below this layer
    const rows = layer === layers - 1 ? positions : tokens;
    frozen('query, key, value', tokens, hidden, hidden, below, 3);
    attention(below);
    frozen("attention's output", rows, hidden, hidden, below);
    const { attention: narrow, ffn: wide } = plugin.widths;
    trained("attention's plugin, fc1", rows, hidden, narrow, below);
    trained("attention's plugin, fc2", rows, narrow, hidden, true);
    frozen('feed-forward, up', rows, hidden, intermediate, true);
    frozen('feed-forward, down', rows, intermediate, hidden, true);
    trained("feed-forward's plugin, fc1", rows, hidden, wide, true);
    trained("feed-forward's plugin, fc2", rows, wide, hidden, true);
  }
  frozen("head's dense", positions, hidden, hidden, true);
  frozen('vocabulary', positions, hidden, vocabSize, true);
  return products;
}

/** Floating-point operations: a multiplication and an addition each. */
export function flops(products: readonly Product[]): number {
  return products.reduce(
    (sum, { times, rows, inner, columns }) => sum + 2 * times * rows * inner * columns,
    0,
  );
}

/** [rows, inner, columns] on which the most operations are spent, the first ones first. */
export function heaviest(products: readonly Product[], count: number): [number, number, number][] {
  const spent = new Map<string, { shape: [number, number, number]; flops: number }>();
  for (const product of products) {
    const shape: [number, number, number] = [product.rows, product.inner, product.columns];
    const key = shape.join('×');
    spent.set(key, { shape, flops: (spent.get(key)?.flops ?? 0) + flops([product]) });
  }
  return [...spent.values()]
    .sort((a, b) => b.flops - a.flops)
    .slice(0, count)
    .map(({ shape }) => shape);
}
