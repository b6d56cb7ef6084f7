import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { makeRng } from '../../src/rng.ts';
import { ALPHABET, BYTE_TO_CHAR, cutWords } from '../../src/text/byte-level.ts';
import { learnMerges } from '../../src/text/learn-merges.ts';
import { MaxHeap } from '../../src/text/max-heap.ts';

/** The algorithm word for word: count every pair anew, merge the most frequent one, the smaller ids on a tie. */
function slowly(
  texts: readonly string[],
  symbolCount: number,
): { symbols: string[]; merges: [string, string][] } {
  const symbols = [...ALPHABET];
  const merges: [string, string][] = [];
  let words = texts
    .flatMap(cutWords)
    .map((word) => [...new TextEncoder().encode(word)].map((byte) => symbols.indexOf(BYTE_TO_CHAR[byte]!)));
  while (symbols.length < symbolCount) {
    const counts = new Map<string, { left: number; right: number; count: number }>();
    for (const word of words) {
      for (let i = 0; i + 1 < word.length; i++) {
        const [left, right] = [word[i]!, word[i + 1]!];
        const pair = counts.get(`${left} ${right}`) ?? { left, right, count: 0 };
        counts.set(`${left} ${right}`, { ...pair, count: pair.count + 1 });
      }
    }
    const [best] = [...counts.values()].sort(
      (a, b) => b.count - a.count || a.left - b.left || a.right - b.right,
    );
    if (best === undefined || best.count < 2) break;
    const merged = symbols[best.left]! + symbols[best.right]!;
    merges.push([symbols[best.left]!, symbols[best.right]!]);
    let id = symbols.indexOf(merged);
    if (id < 0) id = symbols.push(merged) - 1;
    words = words.map((word) => {
      const out: number[] = [];
      for (let i = 0; i < word.length; i++) {
        const here = word[i] === best.left && word[i + 1] === best.right;
        out.push(here ? id : word[i]!);
        if (here) i++;
      }
      return out;
    });
  }
  return { symbols, merges };
}

test('a hand-worked example', () => {
  // Words: "hug" 3 times, " hug" once, "pug" twice. u+g is in all six, then h+ug in four, p+ug and so on.
  const { symbols, merges } = learnMerges(['hug', 'hug', 'hug hug', 'pug', 'pug'], 300);
  assert.deepEqual(merges, [
    ['u', 'g'],
    ['h', 'ug'],
    ['p', 'ug'],
  ]);
  assert.deepEqual(symbols.slice(256), ['ug', 'hug', 'pug']); // " hug" occurs once only: no merge
});

test('equal to the slow way on any texts', () => {
  const letters = fc.string({ unit: fc.constantFrom('a', 'b', 'c', ' ', 'é', '1', "'s"), maxLength: 30 });
  fc.assert(
    fc.property(fc.array(letters, { maxLength: 12 }), fc.integer({ min: 256, max: 300 }), (texts, count) => {
      const learnt = learnMerges(texts, count);
      assert.deepEqual({ symbols: [...learnt.symbols], merges: [...learnt.merges] }, slowly(texts, count));
    }),
    { numRuns: 150 },
  );
});

test('the same texts in another order, or cut into other pieces, give the same merges', () => {
  const words = fc.array(fc.constantFrom('cab', 'abba', 'baa', 'cacao', 'bac', '  '), {
    minLength: 1,
    maxLength: 40,
  });
  fc.assert(
    fc.property(words, fc.integer(), (some, seed) => {
      const expected = learnMerges(some, 280);
      const shuffled = makeRng(seed).shuffle([...some]);
      assert.deepEqual(learnMerges(shuffled, 280), expected);
      assert.deepEqual(
        learnMerges(
          [some.join('\n')].flatMap((text) => text.split('\n')),
          280,
        ),
        expected,
      );
    }),
  );
});

test('runs of one letter, whose pairs overlap', () => {
  for (const length of [2, 3, 7, 64, 1000]) {
    const text = 'a'.repeat(length);
    assert.deepEqual([...learnMerges([text, text], 290).merges], slowly([text, text], 290).merges);
  }
});

test('the bounds of a byte-level vocabulary', () => {
  assert.deepEqual(learnMerges([], 256).symbols, ALPHABET);
  assert.throws(() => learnMerges(['a'], 255), RangeError);
  assert.throws(() => learnMerges(['a'], 65_537), RangeError);
});

test('the heap gives its items from the greatest down', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 0, max: 50 })), fc.array(fc.boolean()), (items, pops) => {
      const heap = new MaxHeap<number>((a, b) => a - b);
      const held: number[] = [];
      for (const [index, item] of items.entries()) {
        heap.push(item);
        held.push(item);
        held.sort((a, b) => a - b);
        if (pops[index]) assert.equal(heap.pop(), held.pop());
      }
      while (held.length > 0) assert.equal(heap.pop(), held.pop());
      assert.equal(heap.pop(), undefined);
    }),
  );
});
