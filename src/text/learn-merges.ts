/**
 * Byte-pair encoding (Sennrich et al. 2016, arXiv 1508.07909): starting from single bytes, the most frequent
 * adjacent pair becomes a symbol, again and again. Equal counts are broken by the smaller pair of ids, so equal
 * texts give equal merges whatever their order.
 */
import { ALPHABET, BYTE_TO_CHAR, cutWords } from './byte-level.ts';
import { MaxHeap } from './max-heap.ts';

export interface Merges {
  /** Symbols in id order: the 256 bytes, then one for each merge that makes a new one. */
  readonly symbols: readonly string[];
  /** Pairs in the order in which they are applied. */
  readonly merges: readonly (readonly [string, string])[];
}

const SPAN = 65_536; // a pair is one number, left · SPAN + right
const MIN_COUNT = 2; // a pair seen once says nothing about the language

/**
 * Learns merges until there are `symbolCount` symbols or no pair is left that occurs twice.
 * Memory: the distinct words of the texts, not the texts.
 */
export function learnMerges(texts: Iterable<string>, symbolCount: number): Merges {
  if (symbolCount < ALPHABET.length || symbolCount > SPAN) {
    throw new RangeError(`a byte-level vocabulary has 256 to ${SPAN} symbols, not ${symbolCount}`);
  }
  const { words, counts } = countWords(texts);
  const symbols = [...ALPHABET];
  const idOf = new Map(symbols.map((symbol, id) => [symbol, id]));
  const merges: [string, string][] = [];

  const pairCount = new Map<number, number>();
  const pairWords = new Map<number, number[]>(); // may hold a word twice, or one that lost the pair
  const addPairs = (word: number, sign: 1 | -1, touched?: Set<number>): void => {
    const ids = words[word]!;
    for (let i = 0; i + 1 < ids.length; i++) {
      const pair = ids[i]! * SPAN + ids[i + 1]!;
      pairCount.set(pair, (pairCount.get(pair) ?? 0) + sign * counts[word]!);
      if (sign === 1) {
        const at = pairWords.get(pair);
        if (at === undefined) pairWords.set(pair, [word]);
        else if (at[at.length - 1] !== word) at.push(word);
        touched?.add(pair);
      }
    }
  };
  for (let word = 0; word < words.length; word++) addPairs(word, 1);

  // Entries go stale when counts change: a popped one is checked against the count as it is now.
  const queue = new MaxHeap<readonly [count: number, pair: number]>((a, b) => a[0] - b[0] || b[1] - a[1]);
  for (const [pair, count] of pairCount) queue.push([count, pair]);

  while (symbols.length < symbolCount) {
    const top = queue.pop();
    if (top === undefined) break;
    const [count, pair] = top;
    const now = pairCount.get(pair) ?? 0;
    if (now < MIN_COUNT) continue;
    if (now !== count) {
      if (now < count) queue.push([now, pair]); // a risen count has an entry of its own
      continue;
    }
    const left = Math.floor(pair / SPAN);
    const right = pair % SPAN;
    const merged = symbols[left]! + symbols[right]!;
    let id = idOf.get(merged); // the same string may arise from two different pairs
    if (id === undefined) {
      id = symbols.push(merged) - 1;
      idOf.set(merged, id);
    }
    merges.push([symbols[left]!, symbols[right]!]);

    const touched = new Set<number>();
    for (const word of new Set(pairWords.get(pair))) {
      addPairs(word, -1);
      words[word] = mergeWord(words[word]!, left, right, id);
      addPairs(word, 1, touched);
    }
    pairWords.delete(pair);
    pairCount.delete(pair);
    for (const raised of touched) {
      if (raised !== pair) queue.push([pairCount.get(raised)!, raised]);
    }
  }
  return { symbols, merges };
}

/** Distinct words as symbol ids, and how often each occurs. */
function countWords(texts: Iterable<string>): { words: Uint16Array[]; counts: number[] } {
  const seen = new Map<string, number>();
  for (const text of texts) {
    for (const word of cutWords(text)) seen.set(word, (seen.get(word) ?? 0) + 1);
  }
  const idOf = new Map(ALPHABET.map((symbol, id) => [symbol, id]));
  const byteId = Uint16Array.from(BYTE_TO_CHAR, (char) => idOf.get(char)!);
  const encoder = new TextEncoder();
  const words = [...seen.keys()].map((word) =>
    Uint16Array.from(encoder.encode(word), (byte) => byteId[byte]!),
  );
  return { words, counts: [...seen.values()] };
}

function mergeWord(ids: Uint16Array, left: number, right: number, id: number): Uint16Array {
  let length = 0;
  const out = new Uint16Array(ids.length);
  for (let i = 0; i < ids.length; i++) {
    const pair = ids[i] === left && ids[i + 1] === right;
    out[length++] = pair ? id : ids[i]!;
    if (pair) i++;
  }
  return out.slice(0, length);
}
