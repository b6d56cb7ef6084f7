import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { inEvents, withEchoes } from '../../../bench/segmentation/events.ts';
import { makeRng } from '../../../src/rng.ts';

/** 40 events of 10 passages, each with a word of its own, told in turn. */
const texts = Array.from({ length: 400 }, (_, i) => `passage${i} event${i % 40} and all say this`);
const eventOf = (text: string): string => /event\d+/.exec(text)![0];

test('passages of one event come to stand together', () => {
  // 10 of 4,000 passages have an event's word, which is rare enough to count.
  const many = Array.from({ length: 4000 }, (_, i) => `event${i % 400} passage${i} and all say this`);
  const runs = inEvents(many, makeRng(1), [10, 10]);
  for (let i = 0; i < runs.length; i += 10) {
    assert.equal(new Set(runs.slice(i, i + 10).map(eventOf)).size, 1);
  }
});

test('an order of events loses and repeats nothing', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 9 }), fc.integer({ min: 0, max: 9 }), (least, more) => {
      const ordered = inEvents(texts, makeRng(least), [least, least + more]);
      assert.deepEqual(ordered.toSorted(), texts.toSorted());
    }),
    { numRuns: 10 },
  );
});

test('an echo is of words of the first passage of the run alone', () => {
  const told = withEchoes(texts, makeRng(2), [4, 4]);
  assert.equal(told.length, texts.length);
  const added = told.map((text, i) => text.slice(texts[i]!.length).trim().split(' ').filter(Boolean));
  for (let i = 0; i < told.length; i++) {
    const first = texts[i - (i % 4)]!.split(' ');
    assert.ok(told[i]!.startsWith(texts[i]!));
    assert.ok(added[i]!.every((word) => first.includes(word)));
    if (i % 4 === 0) assert.deepEqual(added[i], []);
  }
  // 300 of 400 passages are echoes, each with 0.7 of 3 to 6 words.
  const words = added.flat().length / 300;
  assert.ok(words > 0.7 * 4 && words < 0.7 * 5, `${words}`);
});
