/**
 * In how many passages each word stands, for the most frequent words only, in bounded memory: Misra and Gries' summary
 * (Science of Computer Programming 2(2), 1982). When it is full the median count is taken from every count, and the
 * words that are left with nothing go; so a count is never too high, and too low by at most `taken`.
 */

/** Words in memory. */
const MOST_WORDS = 1024;

export class WordCounts {
  readonly counts = new Map<string, number>();
  /** Passages counted. */
  passages = 0;
  /** By how much a count can be too low. */
  taken = 0;

  /** Counts one passage with its distinct words. */
  add(words: readonly string[]): void {
    this.passages++;
    for (const word of words) this.counts.set(word, (this.counts.get(word) ?? 0) + 1);
    this.shrink();
  }

  /** Counts all passages that `other` has counted. */
  merge(other: WordCounts): void {
    this.passages += other.passages;
    this.taken += other.taken;
    for (const [word, count] of other.counts) this.counts.set(word, (this.counts.get(word) ?? 0) + count);
    this.shrink();
  }

  /** The most that the count of a word can be. */
  atMost(word: string): number {
    return Math.min(this.passages, (this.counts.get(word) ?? 0) + this.taken);
  }

  private shrink(): void {
    if (this.counts.size <= MOST_WORDS) return;
    const sorted = Uint32Array.from(this.counts.values()).sort();
    const median = sorted[sorted.length >> 1]!;
    this.taken += median;
    for (const [word, count] of this.counts) {
      if (count <= median) this.counts.delete(word);
      else this.counts.set(word, count - median);
    }
  }
}
