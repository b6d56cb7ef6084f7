import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Segmenter, type SegmenterOptions, type Verdict } from '../../src/domains/index.ts';
import { makeRng } from '../../src/rng.ts';
import { makeKind, passages } from './language.ts';

const [a, b] = ['a', 'b'].map((name) => makeKind(makeRng('forget'), name));

/** Segments each row of texts in turn, forgetting a domain behind the first rows. */
function closed(rows: readonly string[][], options: Partial<SegmenterOptions>, forgotten: string) {
  let segmenter = new Segmenter(options);
  const verdicts: Verdict[] = [];
  for (const [k, texts] of rows.entries()) {
    for (const text of texts) verdicts.push(...segmenter.push({ text }));
    if (k > 0) continue;
    assert.equal(segmenter.forget(forgotten), true);
    assert.equal(segmenter.forget(forgotten), false);
    segmenter = Segmenter.restore(segmenter.snapshot(), options);
  }
  verdicts.push(...segmenter.end());
  const domains = verdicts.flatMap((v) => (v.kind === 'closed' ? [[v.domain, v.first, v.returnOf]] : []));
  return { domains, known: segmenter.signatures().map(({ domain }) => domain) };
}

test('what is like a forgotten domain is new, and its id is not given again', () => {
  const rows = [[...passages(a!, 200), ...passages(b!, 200)], passages(a!, 200)];
  const { domains, known } = closed(rows, {}, 'd1');
  assert.deepEqual(
    domains.map(([domain, , returnOf]) => [domain, returnOf]),
    [
      ['d1', null],
      ['d2', null],
      ['d3', null],
    ],
  );
  assert.deepEqual(known, ['d2', 'd3']);
});

test('what went on with a forgotten domain over a bound is closed under an id of its own', () => {
  const rows = [passages(a!, 150), passages(a!, 40)];
  const { domains, known } = closed(rows, { maxPassages: 100 }, 'd1');
  assert.deepEqual(domains, [
    ['d1', 0, null],
    ['d2', 100, null],
  ]);
  assert.deepEqual(known, ['d2']);
});

test('a domain that is not known cannot be forgotten', () => {
  const segmenter = new Segmenter();
  for (const text of passages(a!, 100)) segmenter.push({ text });
  assert.equal(segmenter.forget('d1'), false); // still open
  segmenter.end();
  assert.equal(segmenter.forget('d1'), true);
  for (const text of passages(a!, 100)) segmenter.push({ text, domain: 'd1' });
  const [verdict] = segmenter.end();
  assert.ok(verdict?.kind === 'closed' && verdict.returnOf === 'd1'); // a record may name it still
});
