/** Bars at the foot of a terminal, lines of what happened above them. */
import type { CptEvent } from '../events.ts';
import { linesOf } from './lines.ts';
import { ProgressState } from './progress-state.ts';
import { barLines } from './progress-view.ts';
import { harmless, textWidth } from './width.ts';

export interface Terminal {
  write(text: string): void;
  /** Width now; it may change. */
  columns(): number;
  readonly colour: boolean;
  /** Seconds from any zero. */
  now(): number;
}

const REDRAW_SECONDS = 0.1;
const HIDE = '\x1b[?25l';
const SHOW = '\x1b[?25h';

/** Shows events as they come; draws at most ten times a second. */
export class Progress {
  readonly #terminal: Terminal;
  readonly #state: ProgressState;
  readonly #lines: (event: CptEvent) => string[];
  #drawn: readonly string[] = [];
  #drawnAt = Number.NEGATIVE_INFINITY;
  #hidden = false;

  constructor(terminal: Terminal) {
    this.#terminal = terminal;
    this.#state = new ProgressState(terminal.now);
    this.#lines = linesOf({ steps: false }, terminal.now);
  }

  show(event: CptEvent): void {
    this.#state.add(event);
    const lines = this.#lines(event);
    if (lines.length > 0) this.print(lines);
    else if (this.#terminal.now() - this.#drawnAt >= REDRAW_SECONDS) this.#draw('');
  }

  /** Lines that stay, above the bars. */
  print(lines: readonly string[]): void {
    this.#draw(lines.map((line) => `${harmless(line)}\n`).join(''));
  }

  /** Draws again so that rates and times move on while nothing happens. */
  tick(): void {
    if (this.#terminal.now() - this.#drawnAt >= REDRAW_SECONDS) this.#draw('');
  }

  /** Takes the bars away and gives the cursor back; may be called twice. */
  end(): void {
    const gone = this.#erase();
    this.#drawn = [];
    if (gone !== '' || this.#hidden) this.#terminal.write(gone + (this.#hidden ? SHOW : ''));
    this.#hidden = false;
  }

  #draw(above: string): void {
    const { columns, colour } = this.#terminal;
    const bars = barLines(this.#state.view, { columns: columns(), colour });
    const text = `${this.#erase()}${above}${bars.join('\n')}\n`;
    this.#terminal.write(this.#hidden ? text : HIDE + text);
    this.#hidden = true;
    this.#drawn = bars;
    this.#drawnAt = this.#terminal.now();
  }

  /** Back to the first line of the bars, which take more rows where the terminal has become narrower. */
  #erase(): string {
    const columns = Math.max(1, this.#terminal.columns());
    const rows = this.#drawn.reduce(
      (sum, line) => sum + Math.max(1, Math.ceil(textWidth(line) / columns)),
      0,
    );
    return rows === 0 ? '' : `\x1b[${rows}A\r\x1b[J`;
  }
}
