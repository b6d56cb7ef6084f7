import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Segmenter } from '../../src/domains/index.ts';
import { makeRng } from '../../src/rng.ts';
import {
  type Alphabet,
  ARABIC,
  CYRILLIC,
  DEVANAGARI,
  HAN,
  HANGUL,
  LATIN,
  makeKind,
  passages,
  THAI,
} from './language.ts';

const scripts: Record<string, { alphabet: Alphabet; space: string }> = {
  Cyrillic: { alphabet: CYRILLIC, space: ' ' },
  Arabic: { alphabet: ARABIC, space: ' ' },
  Devanagari: { alphabet: DEVANAGARI, space: ' ' },
  Hangul: { alphabet: HANGUL, space: ' ' },
  Han: { alphabet: HAN, space: '' },
  Thai: { alphabet: THAI, space: '' },
};

function boundaries(texts: readonly string[]): number[] {
  const segmenter = new Segmenter();
  const verdicts = [...texts.flatMap((text) => segmenter.push({ text })), ...segmenter.end()];
  return verdicts.flatMap((verdict) => (verdict.kind === 'drift' ? [verdict.boundary] : []));
}

for (const [script, options] of Object.entries(scripts)) {
  test(`${script}: two kinds of text in one script are told apart, one kind is not cut`, () => {
    const [a, b] = ['a', 'b'].map((name) => makeKind(makeRng(script), name, options));
    const found = boundaries([...passages(a!, 700), ...passages(b!, 400), ...passages(a!, 400)]);
    assert.equal(found.length, 2, `found ${found}`);
    assert.ok(Math.abs(found[0]! - 700) <= 5 && Math.abs(found[1]! - 1100) <= 5, `found ${found}`);
  });
}

test('a change of script is a change', () => {
  const kinds = [LATIN, ...Object.values(scripts).map((script) => script.alphabet)].map((alphabet) =>
    makeKind(makeRng('all'), 'a', { alphabet }),
  );
  const found = boundaries(kinds.flatMap((kind) => passages(kind, 200)));
  assert.deepEqual(found, [200, 400, 600, 800, 1000, 1200]);
});
