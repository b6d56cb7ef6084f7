import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { shuffleDocuments, splitOff } from '../../../src/cli/pretrain/documents.ts';
import { makeRng } from '../../../src/rng.ts';
import type { TokenIds } from '../../../src/text/corpus.ts';

const EOS = 2;
const documentsOf = (tokens: TokenIds): string[] =>
  tokens.length === 0 ? [] : tokens.join(' ').split(/(?<=(?:^| )2) /);
const stream = fc
  .array(fc.array(fc.integer({ min: 3, max: 99 }), { maxLength: 5 }), { maxLength: 30 })
  .map((documents) => Uint16Array.from(documents.flatMap((ids) => [...ids, EOS])));

test('shuffling keeps every document whole and loses none', () => {
  fc.assert(
    fc.property(stream, fc.string(), (tokens, seed) => {
      const shuffled = shuffleDocuments(tokens, EOS, makeRng(seed));
      assert.deepEqual(documentsOf(shuffled).sort(), documentsOf(tokens).sort());
    }),
  );
});

test('the order depends on the seed alone', () => {
  const tokens = Uint16Array.from(Array.from({ length: 40 }, (_, at) => [at + 3, EOS]).flat());
  const order = (seed: string) => shuffleDocuments(tokens, EOS, makeRng(seed)).join();
  assert.equal(order('a'), order('a'));
  assert.notEqual(order('a'), order('b'));
});

test('what is held out is cut at a document’s end and is not trained on', () => {
  const tokens = Uint16Array.from(Array.from({ length: 100 }, () => [7, 8, EOS]).flat());
  const [kept, heldOut] = splitOff(tokens, EOS, 0.1);
  assert.equal(kept.length + heldOut.length, 300);
  assert.equal(kept.at(-1), EOS);
  assert.ok(heldOut.length >= 30 && heldOut.length <= 36, String(heldOut.length));
  assert.throws(() => splitOff(Uint16Array.of(7, 8, EOS), EOS, 0.1), { code: 'CPT_FEED' });
});
