/** The counters of a state, one row. */
import type { Progress } from './types.ts';

export type Meta = Omit<Progress, 'segmenter'> & { readonly sequence: number };

export const FRESH: Meta = {
  offsets: null,
  accepted: 0,
  tasks: 0,
  trained: 0,
  waitingPassages: 0,
  waitingBytes: 0,
  begunAt: null,
  deadLetters: 0,
  deadLetterBytes: 0,
  ended: false,
  sequence: 0,
};
