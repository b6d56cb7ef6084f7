import assert from 'node:assert/strict';
import { test } from 'node:test';
import { bytes, count, counted, duration, nats, percent, perplexity } from '../../src/cli/format.ts';

test('counts have commas, whatever the locale', () => {
  assert.deepEqual([0, 999, 1000, 1234567.6, -1234, Number.NaN].map(count), [
    '0',
    '999',
    '1,000',
    '1,234,568',
    '-1,234',
    '?',
  ]);
  assert.deepEqual([counted(1, 'passage'), counted(0, 'passage')], ['1 passage', '0 passages']);
});

test('bytes keep two or three digits and never say 1000 of a unit', () => {
  assert.deepEqual([0, 999, 1000, 9949, 9951, 999_499, 999_500, 15e6, 1.5e12].map(bytes), [
    '0 B',
    '999 B',
    '1.0 kB',
    '9.9 kB',
    '10 kB',
    '999 kB',
    '1.0 MB',
    '15 MB',
    '1.5 TB',
  ]);
});

test('durations', () => {
  assert.deepEqual(
    [0.04, 9.94, 9.96, 59.4, 59.6, 200, 3599.7, 7500, Number.POSITIVE_INFINITY].map(duration),
    ['0.0 s', '9.9 s', '10 s', '59 s', '1 min 0 s', '3 min 20 s', '1 h 0 min', '2 h 5 min', '?'],
  );
});

test('losses, shares, perplexities', () => {
  assert.deepEqual(
    [nats(5.0701), nats(Number.NaN), percent(0.456), percent(0 / 0)],
    ['5.070', '?', '46 %', '?'],
  );
  assert.deepEqual(
    [perplexity(0), perplexity(5.07), perplexity(9), perplexity(1000)],
    ['1.0', '159', '8,103', '?'],
  );
});
