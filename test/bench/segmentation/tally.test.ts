import assert from 'node:assert/strict';
import { test } from 'node:test';
import { packed } from '../../../bench/segmentation/baselines.ts';
import { every } from '../../../bench/segmentation/calibration.ts';
import { aligned } from '../../../bench/segmentation/markdown.ts';
import { CELLS, Tally } from '../../../bench/segmentation/tally.ts';
import { featurize } from '../../../src/domains/index.ts';

const stream = {
  texts: Array<string>(1000).fill(''),
  truth: [
    { from: 300, to: 300 },
    { from: 500, to: 500 },
    { from: 700, to: 800 },
  ],
  domains: [
    { first: 0, last: 299, label: 'ai' },
    { first: 300, last: 499, label: 'ai+news' },
    { first: 500, last: 699, label: 'news' },
    { first: 800, last: 999, label: 'ai' },
  ],
};

test('scores over streams are sums, not means of the streams’ own', () => {
  const first = new Tally();
  // Found: 302 rightly, 560 only at ±100, 950 not at all; the span of 700 to 800 is missed.
  const found = [
    { at: 302, detectedAt: 330 },
    { at: 560, detectedAt: 600 },
    { at: 950, detectedAt: 980 },
  ];
  first.count(stream, { found, closed: [], seconds: 1 });
  assert.deepEqual([first.precision, first.recall, first.falseAlarms], [1 / 3, 1 / 3, 1]);
  assert.equal(first.recallOfMixtures, 1 / 2); // 300 of 300 and 500
  const both = new Tally();
  both.add(first);
  both.count(stream, { found: [{ at: 750, detectedAt: 790 }], closed: [], seconds: 1 });
  assert.equal(both.precision, 2 / 4);
  assert.equal(both.recall, 2 / 6);
  assert.equal(both.f1, 4 / 10);
  const cells = new Map(both.cells().map((cell, k) => [CELLS[k]!, cell]));
  assert.equal(cells.get('passages/s'), '1000');
  assert.equal(cells.get('false alarms /10,000'), '5.00');
  assert.equal(cells.get('median delay'), '30'); // of 0, 30 and 100
  assert.equal(cells.get('returns'), '–');
});

test('passages per false alarm are a lower limit where there was none', () => {
  assert.equal(every(100_000, 0), '> 100,000 (0)');
  assert.equal(every(100_000, 3), '33,333 (3)');
});

test('the columns of a table are as wide as their widest cell', () => {
  assert.equal(
    aligned(['a', 'long'], [['wider', '1']]),
    '| a     | long |\n| ----- | ---- |\n| wider | 1    |',
  );
});

test('what Python reads begins with two counts and each passage’s first entry', () => {
  const passages = ['one two', '', 'three'].map(featurize);
  const bytes = Uint8Array.from(packed(passages));
  assert.deepEqual([...new Uint32Array(bytes.slice(0, 24).buffer)], [3, 3, 0, 2, 2, 3]);
  const values = new Float32Array(bytes.slice(24, 36).buffer);
  assert.deepEqual([...values], [Math.fround(Math.SQRT1_2), Math.fround(Math.SQRT1_2), 1]);
  const buckets = new Uint16Array(bytes.slice(36).buffer);
  assert.deepEqual([...buckets], [...passages[0]!.bucket, ...passages[2]!.bucket]);
});
