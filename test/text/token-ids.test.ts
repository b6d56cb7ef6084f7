/** Ids of small tokenizers of each kind against those of Python's library (reference/make_token_ids.py). */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { loadTokenizer } from '../../src/text/tokenizer.ts';

type Runs = readonly (readonly [number, number])[];
interface Reference {
  readonly texts: readonly (readonly (readonly [string, number])[])[];
  readonly kinds: Readonly<
    Record<string, { readonly file: object; readonly spelt: readonly (Runs | null)[] }>
  >;
}

const reference = JSON.parse(
  readFileSync(new URL('./reference/token-ids.json', import.meta.url), 'utf8'),
) as Reference;
const texts = reference.texts.map((pieces) => pieces.map(([piece, times]) => piece.repeat(times)).join(''));

/** Ids with their counts, so that a difference can be read. */
function runs(ids: Int32Array): [number, number][] {
  const found: [number, number][] = [];
  for (const id of ids) {
    const last = found.at(-1);
    if (last?.[0] === id) last[1]++;
    else found.push([id, 1]);
  }
  return found;
}

for (const [kind, { file, spelt }] of Object.entries(reference.kinds)) {
  test(`${kind}: hostile texts have the ids that Python gives them`, async () => {
    const { encodeBatch, special } = loadTokenizer(JSON.stringify(file));
    const own = await encodeBatch(texts);
    let compared = 0;
    for (const [at, ids] of own.entries()) {
      const { unk: _, ...never } = special;
      assert.ok(!Object.values(never).some((id) => ids.includes(id)), `a special id in text ${at}`);
      const expected = spelt[at];
      if (expected == null) continue; // the library reads a special token there; we never do
      assert.deepEqual(runs(ids), expected, `text ${at}: ${texts[at]!.slice(0, 40)}`);
      compared++;
    }
    assert.ok(compared >= texts.length - 1);
  });
}
