/** The nearest of some names to one that was mistyped. */

/**
 * The name at the smallest edit distance, or undefined where even that is too far to be what was meant (more
 * than a third of its letters, at least two).
 */
export function closest(given: string, names: readonly string[]): string | undefined {
  let best: string | undefined;
  let least = Number.POSITIVE_INFINITY;
  for (const name of names) {
    const distance = editDistance(given.toLowerCase(), name.toLowerCase());
    if (distance < least) {
      least = distance;
      best = name;
    }
  }
  return least <= Math.max(2, Math.floor(given.length / 3)) && least < given.length ? best : undefined;
}

/** ` Did you mean X?` or nothing, to stand behind a sentence. */
export function didYouMean(given: string, names: readonly string[]): string {
  const name = closest(given, names);
  return name === undefined ? '' : ` Did you mean ${name}?`;
}

/** Insertions, deletions and replacements between two strings (Levenshtein). */
export function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, at) => at);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const replaced = row[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(replaced, row[j]! + 1, next[j - 1]! + 1));
    }
    row = next;
  }
  return row[b.length]!;
}
