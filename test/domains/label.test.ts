import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Segmenter } from '../../src/domains/index.ts';
import { chooseWords, labelOf } from '../../src/domains/label.ts';
import { WordCounts } from '../../src/domains/word-counts.ts';
import { makeRng } from '../../src/rng.ts';
import { tinyPassages } from '../fixtures/tiny.ts';
import { HAN, makeKind, passages } from './language.ts';

const rng = makeRng('label');

function counted(passages: number, words: Readonly<Record<string, number>>): WordCounts {
  const counts = new WordCounts();
  counts.passages = passages;
  for (const [word, count] of Object.entries(words)) counts.counts.set(word, count);
  return counts;
}

const none = new WordCounts();

test('words of the domain go before words of all domains, long ones before short ones', () => {
  const own = counted(100, { these: 90, pepper: 40, oven: 40, i: 40, simmering: 2 });
  const others = counted(100, { these: 92, pepper: 1, oven: 1, i: 1, harbour: 60 });
  assert.deepEqual(chooseWords(own, others), ['pepper', 'oven', 'i']);
});

test('without others the label is of words that many passages have, though not nearly all', () => {
  const own = counted(100, { whichever: 99, learning: 50, seldom: 4 });
  assert.deepEqual(chooseWords(own, none), ['learning', 'seldom', 'whichever']);
});

test('words that say the same are named once', () => {
  assert.deepEqual(chooseWords(counted(100, { model: 20, models: 30, data: 10 }), none), ['models', 'data']);
  assert.deepEqual(chooseWords(counted(50, { 人工: 20, 工智: 20, 翻译: 20 }), none), ['人工', '翻译']);
});

test('a word stays while it is among the best, and goes when it is not', () => {
  const own = counted(100, { pepper: 10, butter: 15, onions: 20, flours: 25, garlic: 30 });
  assert.deepEqual(chooseWords(own, none), ['garlic', 'flours', 'onions', 'butter']);
  assert.deepEqual(chooseWords(own, none, ['pepper', 'tide']), ['pepper', 'garlic', 'flours', 'onions']);
});

test('a label is short, and there is none without words', () => {
  const words = ['a', 'b', 'c', 'd'].map((letter) => letter.repeat(32));
  const own = counted(9, Object.fromEntries(words.map((word) => [word, 5])));
  assert.ok(labelOf(chooseWords(own, none))!.length <= 66);
  assert.equal(labelOf(chooseWords(none, none)), null);
});

function closed(stream: readonly { text: string; domain?: string }[], options = {}) {
  const segmenter = new Segmenter(options);
  const verdicts = [...stream.flatMap((passage) => segmenter.push(passage)), ...segmenter.end()];
  return verdicts.flatMap((verdict) => (verdict.kind === 'closed' ? [verdict] : []));
}

const texts = (topic: string, count: number) =>
  tinyPassages(topic, count, rng.fork(`${topic}${count}`)).map((text) => ({ text }));

test('domains that are found are named by their own words, and keep the label when they return', () => {
  const found = closed([...texts('kitchen', 200), ...texts('sea', 200), ...texts('kitchen', 201)]);
  assert.deepEqual(
    found.map(({ domain }) => domain),
    ['d1', 'd2', 'd1'],
  );
  const [kitchen, sea, again] = found.map(({ label }) => label!.split(', '));
  const own = {
    kitchen: 'salt pepper oven butter simmer onion flour taste crisp sauce garlic bake plate dough',
    sea: 'tide harbour swell sail anchor gale buoy deck mooring keel fog channel pilot rope',
  };
  assert.ok(kitchen!.length === 4 && kitchen!.every((word) => own.kitchen.split(' ').includes(word)));
  assert.ok(sea!.length === 4 && sea!.every((word) => own.sea.split(' ').includes(word)));
  assert.deepEqual(again, kitchen);
});

test('a domain that goes on over a bound, and one that its records name, keep their label too', () => {
  const bounded = closed(texts('sea', 350), { maxPassages: 100 });
  assert.equal(bounded.length, 4);
  assert.equal(new Set(bounded.map(({ label }) => label)).size, 1);
  const named = closed([
    ...texts('sea', 30).map(({ text }) => ({ text, domain: 'x' })),
    ...texts('kitchen', 40).map(({ text }) => ({ text, domain: 'y' })),
    ...texts('garden', 30).map(({ text }) => ({ text, domain: 'x' })),
  ]);
  assert.equal(named[2]!.label, named[0]!.label);
  assert.notEqual(named[1]!.label, named[0]!.label);
});

test('domains that come interleaved have labels of their own words', () => {
  const [sea, kitchen] = [texts('sea', 40), texts('kitchen', 40)];
  const mixed = sea.flatMap(({ text }, at) => [
    { text, domain: 'x' },
    { text: kitchen[at]!.text, domain: 'y' },
  ]);
  const labels = closed(mixed).map(({ label }) => label);
  const words = (some: readonly { text: string }[]) => new Set(some.flatMap(({ text }) => text.split(/\W+/)));
  for (const [at, own] of [words(sea), words(kitchen)].entries()) {
    assert.ok(
      labels[at]!.split(', ').every((word) => own.has(word)),
      `${labels[at]}`,
    );
  }
  assert.notEqual(labels[0], labels[1]);
});

test('while it is open a label changes only when its passages have doubled', () => {
  const segmenter = new Segmenter();
  const seen: (string | null)[] = [];
  for (const passage of texts('garden', 3000)) {
    segmenter.push(passage);
    if (segmenter.status.label !== seen.at(-1)) seen.push(segmenter.status.label);
  }
  assert.equal(seen[0], null);
  assert.ok(seen.length >= 2 && seen.length <= 5, seen.join(' | '));
});

test('scripts without spaces are labelled by pairs of letters; passages without a word give no label', () => {
  const han = passages(makeKind(rng, 'han', { alphabet: HAN, space: '' }), 60);
  const [label] = closed(han.map((text) => ({ text, domain: 'h' })));
  assert.match(label!.label!, /^\p{Script=Han}{2}(, \p{Script=Han}{2}){3}$/u);
  const numbers = Array.from({ length: 60 }, (_, k) => ({
    text: `${k} ${k * 7} +\u202e\u0007<*_[`,
    domain: 'n',
  }));
  assert.equal(closed(numbers)[0]!.label, null);
});

test('who forgets a domain forgets its label', () => {
  const segmenter = new Segmenter();
  for (const { text } of texts('sea', 60)) segmenter.push({ text, domain: 's' });
  segmenter.end();
  assert.deepEqual([...segmenter.labels.keys()], ['s']);
  segmenter.forget('s');
  assert.equal(segmenter.labels.size, 0);
});
