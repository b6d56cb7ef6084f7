/** Everything that is wrong with a command line, told together. */
import { CptError } from '../../errors.ts';

export class Problems {
  readonly #lines: string[] = [];

  add(line: string): void {
    this.#lines.push(line);
  }

  /** What `read` gives; undefined where it throws wrong usage, which is noted. */
  attempt<T>(read: () => T): T | undefined {
    try {
      return read();
    } catch (error) {
      if (!(error instanceof CptError) || error.code !== 'CPT_USAGE') throw error;
      this.add(error.message);
      return undefined;
    }
  }

  /** @throws CptError CPT_USAGE where there is any */
  check(): void {
    if (this.#lines.length === 0) return;
    const lines = this.#lines.map((line) => `  ${line}`).join('\n');
    const message =
      this.#lines.length === 1 ? this.#lines[0]! : `${this.#lines.length} flags are wrong:\n${lines}\n`;
    throw new CptError('CPT_USAGE', message, { hint: 'See cpt pretrain --help.' });
  }
}
