/** Cuts bytes into lines in bounded memory. Pure: bytes in, lines out. */

export interface Line {
  /** The line without its ending, or its first `keepBytes` bytes where it is longer. */
  readonly bytes: Uint8Array;
  /** Bytes of the whole line without its ending. */
  readonly size: number;
  /** 1-based number among all lines, empty ones too. */
  readonly number: number;
  /** Bytes of the content up to and with this line's ending: where the next line begins. */
  readonly end: number;
}

const LF = 0x0a;
const CR = 0x0d;

/**
 * Lines end with LF or CR LF; the last one may have no ending. Empty lines are counted and left out. Whatever
 * the length of a line, no more than `keepBytes` of it (and the chunk in hand) are held.
 */
export class LineSplitter {
  readonly #keepBytes: number;
  #at: number;
  #number: number;
  #held: Uint8Array[] = []; // beginning of the line that is not complete yet
  #heldBytes = 0;
  #size = 0; // of that line so far, held or not
  #last = 0; // its last byte

  /**
   * @param keepBytes at most so much of a line is given
   * @param start where to go on: bytes and lines that lie before the first chunk
   */
  constructor(keepBytes: number, start: { readonly bytes: number; readonly line: number }) {
    this.#keepBytes = keepBytes;
    this.#at = start.bytes;
    this.#number = start.line;
  }

  /** The lines that this chunk completes. They may share its memory. */
  push(chunk: Uint8Array): Line[] {
    const lines: Line[] = [];
    let from = 0;
    for (let to = chunk.indexOf(LF); to >= 0; to = chunk.indexOf(LF, from)) {
      this.#hold(chunk.subarray(from, to));
      this.#at += to + 1 - from;
      this.#complete(lines);
      from = to + 1;
    }
    this.#hold(chunk.subarray(from));
    this.#at += chunk.length - from;
    return lines;
  }

  /** The last line, where the content ends without a line ending. */
  end(): Line[] {
    const lines: Line[] = [];
    if (this.#size > 0) this.#complete(lines);
    return lines;
  }

  /** Lines completed so far, empty ones too. */
  get number(): number {
    return this.#number;
  }

  #hold(part: Uint8Array): void {
    if (part.length === 0) return;
    this.#size += part.length;
    this.#last = part[part.length - 1]!;
    const room = this.#keepBytes - this.#heldBytes;
    if (room <= 0) return;
    const kept = part.length > room ? part.subarray(0, room) : part;
    this.#held.push(kept);
    this.#heldBytes += kept.length;
  }

  #complete(lines: Line[]): void {
    this.#number++;
    const size = this.#size > 0 && this.#last === CR ? this.#size - 1 : this.#size;
    if (size > 0) {
      const held = this.#held.length === 1 ? this.#held[0]! : Buffer.concat(this.#held, this.#heldBytes);
      lines.push({ bytes: held.subarray(0, size), size, number: this.#number, end: this.#at });
    }
    this.#held = [];
    this.#heldBytes = 0;
    this.#size = 0;
    this.#last = 0;
  }
}
