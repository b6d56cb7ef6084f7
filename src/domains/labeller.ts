/**
 * Labels of domains, while reading. Only some passages are looked at, and those of the detector's tail wait with their
 * words until it is known to which domain they belong.
 */
import { chooseWords, labelOf } from './label.ts';
import { WordCounts } from './word-counts.ts';
import { wordsOf } from './words.ts';

/** Passages counted before the open domain has a label; it is chosen anew each time that they have doubled. */
const FIRST_LABEL = 32;
/** Every so many passages of a domain one is looked at; the first column is its age in passages. */
const STRIDES = [
  [64, 2],
  [512, 8],
  [Number.POSITIVE_INFINITY, 16],
] as const;

export interface WaitingWords {
  /** Of the passage, over all accepted ones. */
  readonly index: number;
  readonly words: readonly string[];
}

export class Labeller {
  /** All closed domains. */
  others = new WordCounts();
  /** The open domain without the detector's tail. */
  own = new WordCounts();
  /** The tail. */
  readonly waiting: WaitingWords[] = [];
  /** The open domain's label, and the passages that it was chosen from. */
  words: readonly string[] = [];
  chosenAt = 0;

  /** @param age of the open domain, in passages */
  see(index: number, age: number, text: string): void {
    const [, stride] = STRIDES.find(([below]) => age < below)!;
    if (age % stride === 0) this.waiting.push({ index, words: wordsOf(text) });
  }

  /** The passages before `end` are the open domain's. */
  settle(end: number): void {
    let settled = 0;
    for (const { index, words } of this.waiting) {
      if (index >= end) break;
      this.own.add(words);
      settled++;
    }
    this.waiting.splice(0, settled);
    if (this.own.passages < Math.max(FIRST_LABEL, 2 * this.chosenAt)) return;
    this.words = chooseWords(this.own, this.others, this.words);
    this.chosenAt = this.own.passages;
  }

  /** Of the open domain; null while it is too short to have one. */
  get label(): string | null {
    return labelOf(this.words);
  }

  /** Counts words of earlier passages of the open domain. */
  recall(passages: readonly (readonly string[])[]): void {
    for (const words of passages) this.own.add(words);
  }

  /** The open domain is held. @returns the words of its passages that wait; they are not counted any more */
  leave(): (readonly string[])[] {
    const words = this.waiting.splice(0).map((passage) => passage.words);
    this.#begin();
    return words;
  }

  /** The label of a domain that was held, from the words of its passages. */
  closeHeld(passages: readonly (readonly string[])[]): string | null {
    const own = new WordCounts();
    for (const words of passages) own.add(words);
    const label = labelOf(chooseWords(own, this.others));
    this.others.merge(own);
    return label;
  }

  /** The label of the open domain if it ended before `end`; what comes behind is another's. */
  labelUntil(end: number): string | null {
    const own = new WordCounts();
    const others = new WordCounts();
    own.merge(this.own);
    others.merge(this.others);
    for (const { index, words } of this.waiting) (index < end ? own : others).add(words);
    return labelOf(chooseWords(own, others, this.words));
  }

  /** The label of the open domain, which ended before `end`; what comes behind is the next one's. */
  close(end: number): string | null {
    const label = this.labelUntil(end);
    this.settle(end);
    this.others.merge(this.own);
    this.#begin();
    return label;
  }

  #begin(): void {
    this.own = new WordCounts();
    this.words = [];
    this.chosenAt = 0;
  }
}
