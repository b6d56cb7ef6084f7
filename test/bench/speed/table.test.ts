import assert from 'node:assert/strict';
import { test } from 'node:test';
import { section } from '../../../bench/speed/section.ts';
import { sizeOf } from '../../../bench/speed/sizes.ts';
import { median, ratio } from '../../../bench/speed/statistics.ts';
import { type Row, shown, table } from '../../../bench/speed/table.ts';

const cells = (markdown: string) =>
  markdown.split('\n').map((line) =>
    line
      .split('|')
      .slice(1, -1)
      .map((cell) => cell.trim()),
  );

test('medians of odd and even numbers of values', () => {
  assert.equal(median([3, 1, 2]), 2);
  assert.equal(median([10, 9]), 9.5);
  assert.throws(() => median([]), RangeError);
});

test('a ratio pairs the rounds: a slow round of both does not show', () => {
  assert.equal(ratio([200, 20, 200], [100, 10, 100]), 2);
  assert.equal(ratio([200, 20], [100, 10, 400]), 2); // it ended after two rounds
  assert.equal(ratio([4], [100, 200, 300]), 0.02); // measured once
  assert.equal(ratio([], [1]), null);
});

const rows: Row[] = [
  { id: 'a', title: 'A', speeds: [100, 300, 200], work: 0.5, setUp: 1.25, memory: 2 },
  { id: 'b', title: 'B', speeds: [50, 150, 80], work: 0.5, setUp: 3, missing: 'it ended with SIGKILL' },
  { id: 'c', title: 'C', speeds: [], work: 0.5, missing: 'No adapter' },
];

test('the table: rates, shares of the peak, ratios by round, and why a row is empty', () => {
  const [, , a, b, c] = cells(table(rows, 400, ['a', 'b', 'missing']));
  assert.deepEqual(a, ['A', '200', '100 to 300', '100', '25 %', '1.00', '2.00', '', '2.00 GiB', '1.3 s']);
  assert.equal(b![2], '50 to 150 (it ended with SIGKILL)');
  assert.deepEqual(b!.slice(5), ['0.50', '1.00', '', '', '3.0 s']);
  assert.deepEqual(c!.slice(0, 3), ['C', 'none', '(No adapter)']);
  assert.equal(cells(table(rows, null, ['a', 'b', 'c']))[2]![4], '');
});

test('every line has as many cells as the head', () => {
  const lines = cells(table(rows, 400, ['a', 'b', 'c']));
  assert.deepEqual(new Set(lines.map((line) => line.length)), new Set([10]));
});

test('the peak is the median over the rounds of the best product of either library', () => {
  const peaks = [
    {
      library: 'One',
      rounds: [
        [100, 250],
        [90, 110],
      ],
    },
    {
      library: 'Two',
      rounds: [
        [200, 50],
        [150, 120],
      ],
    },
    { library: 'Three', rounds: [], missing: 'No module' },
  ];
  const size = sizeOf('small');
  const text = section(
    {
      work: 1.5,
      rows,
      shapes: [
        [2, 3, 4],
        [5, 6, 7],
      ],
      peaks,
    },
    { rounds: 2, size, where: 'here', references: ['a', 'b', 'c'] },
  );
  assert.match(text, /A step is 1.5 GFLOP/);
  assert.match(text, /The peak is 200 GFLOP\/s, .*150 to 250/);
  assert.match(text, /\| 2×3×4 \| 95 \| 175 \| none \(No module\) \|/);
  assert.match(text, /\| 50 % \|/); // 200 tokens/s of 0.5 GFLOP
});

test('numbers keep two figures', () => {
  assert.deepEqual([12345.6, 42.4, 3.26, 0.0123].map(shown), ['12,346', '42', '3.3', '0.012']);
});
