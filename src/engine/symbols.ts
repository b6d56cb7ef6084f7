/**
 * Dynamic axes for export. A function is traced with large primes for its dynamic axes; every shape constant
 * that they divide is then a product of them, and is computed from the inputs when the graph runs.
 */
import { CptError } from '../errors.ts';
import type { GraphBuilder } from './graph.ts';

/** Where the size of a dynamic axis is found at run time. */
export interface SymbolSource {
  /** The prime that the axis is traced with. */
  readonly prime: number;
  readonly input: string;
  readonly axis: number;
}

export class Symbols {
  readonly #sources: Readonly<Record<string, SymbolSource>>;

  constructor(sources: Readonly<Record<string, SymbolSource>>) {
    this.#sources = sources;
  }

  /** `factor · product(symbols)` of one axis size. */
  factor(size: number): { factor: number; symbols: string[] } {
    let factor = size;
    const symbols: string[] = [];
    for (const [name, source] of Object.entries(this.#sources)) {
      while (factor > 0 && factor % source.prime === 0) {
        factor /= source.prime;
        symbols.push(name);
      }
    }
    return { factor, symbols };
  }

  /** The axis sizes as a graph declares them: numbers, or names of dynamic axes. */
  declared(shape: readonly number[]): (number | string)[] {
    return shape.map((size) => {
      const { factor, symbols } = this.factor(size);
      if (symbols.length === 0) return size;
      return factor === 1 ? symbols.join('*') : `${symbols.join('*')}*${factor}`;
    });
  }

  /** The name of an int64 vector value that holds `shape` at run time. */
  shape(graph: GraphBuilder, shape: readonly number[]): string {
    const parts = shape.map((size) => ({ size, ...this.factor(size) }));
    if (parts.every((part) => part.symbols.length === 0)) return graph.int64(shape);
    const names = parts.map((part) => {
      if (part.symbols.length === 0) return graph.int64([part.size]);
      const sizes = part.symbols.map((symbol) => this.#size(graph, symbol));
      const first = part.factor === 1 ? sizes.shift()! : graph.int64([part.factor]);
      return sizes.reduce((product, size) => graph.node('Mul', [product, size])[0]!, first);
    });
    return graph.node('Concat', names, { axis: 0 })[0]!;
  }

  #size(graph: GraphBuilder, symbol: string): string {
    const source = this.#sources[symbol];
    if (source === undefined) throw new CptError('CPT_ENGINE', `Unknown dynamic axis ${symbol}.`);
    const shape = graph.node('Shape', [source.input])[0]!;
    return graph.node('Gather', [shape, graph.int64([source.axis])], { axis: 0 })[0]!;
  }
}
