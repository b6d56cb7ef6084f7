/** Writing to standard output without getting ahead of whoever reads it. */

export interface Writer {
  /** Resolves when there is room for more. */
  write(text: string): Promise<void>;
  /** Resolves when everything was handed on. */
  flushed(): Promise<void>;
}

export function writer(stream: NodeJS.WritableStream): Writer {
  return {
    write: (text) =>
      stream.write(text) ? Promise.resolve() : new Promise((resolve) => stream.once('drain', resolve)),
    flushed: () => new Promise((resolve) => stream.write('', () => resolve())),
  };
}
