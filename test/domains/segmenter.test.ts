import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  type ClosedVerdict,
  Segmenter,
  type SegmenterOptions,
  type Verdict,
} from '../../src/domains/index.ts';
import { thresholdOf } from '../../src/domains/options.ts';
import { makeRng } from '../../src/rng.ts';
import { makeKind, passages } from './language.ts';

function segment(texts: readonly string[], options: Partial<SegmenterOptions> = {}): Verdict[] {
  const segmenter = new Segmenter(options);
  return [...texts.flatMap((text) => segmenter.push({ text })), ...segmenter.end()];
}

function closed(verdicts: readonly Verdict[]): ClosedVerdict[] {
  return verdicts.filter((verdict) => verdict.kind === 'closed');
}

function near(actual: readonly number[], expected: readonly number[], tolerance: number): void {
  assert.equal(actual.length, expected.length, `found ${actual}, expected ${expected}`);
  for (const [k, value] of actual.entries()) {
    assert.ok(Math.abs(value - expected[k]!) <= tolerance, `found ${actual}, expected ${expected}`);
  }
}

const kinds = (seed: string, ...names: string[]) => names.map((name) => makeKind(makeRng(seed), name));

test('domains of 250 to 350 passages are cut where they change', () => {
  for (const seed of ['1', '2', '3']) {
    const [a, b, c] = kinds(seed, 'a', 'b', 'c');
    const texts = [...passages(a!, 250), ...passages(b!, 350), ...passages(c!, 300)];
    const verdicts = segment(texts);
    near(
      closed(verdicts).map((v) => v.first),
      [0, 250, 600],
      3,
    );
    assert.deepEqual(
      closed(verdicts).map((v) => v.domain),
      ['d1', 'd2', 'd3'],
    );
    assert.deepEqual(
      closed(verdicts).map((v) => v.returnOf),
      [null, null, null],
    );
    assert.equal(closed(verdicts)[2]!.last, 899);
  }
});

test('domains lie side by side, and each drift comes right before the closing that it causes', () => {
  const [a, b] = kinds('side', 'a', 'b');
  const verdicts = segment([...passages(a!, 300), ...passages(b!, 300), ...passages(a!, 300)]);
  let expected = 0;
  for (const [k, verdict] of verdicts.entries()) {
    if (verdict.kind === 'drift') {
      const next = verdicts[k + 1];
      assert.ok(next?.kind === 'closed' && next.last === verdict.boundary - 1);
      assert.ok(verdict.statistic >= verdict.threshold);
      assert.ok(verdict.detectedAt - verdict.boundary < 60);
      assert.equal(next.detectedAt, verdict.detectedAt);
    } else {
      assert.equal(verdict.first, expected);
      expected = verdict.last + 1;
    }
  }
  assert.equal(expected, 900);
});

test('what returns keeps its id', () => {
  const [a, b, c] = kinds('return', 'a', 'b', 'c');
  const texts = [a, b, a, c, b, a].flatMap((kind) => passages(kind!, 300));
  const domains = closed(segment(texts));
  assert.deepEqual(
    domains.map((v) => v.domain),
    ['d1', 'd2', 'd1', 'd3', 'd2', 'd1'],
  );
  assert.deepEqual(
    domains.map((v) => v.returnOf),
    [null, null, 'd1', null, 'd2', 'd1'],
  );
});

test('a closed domain comes with the nearest others, itself not among them', () => {
  const names = Array.from({ length: 10 }, (_, k) => `n${k}`);
  const segmenter = new Segmenter();
  const verdicts: Verdict[] = [];
  for (const name of [...names, 'short', 'n0', 'like n3']) {
    const [kind] = kinds('nearest', name === 'like n3' ? 'n3' : name);
    const texts = passages(kind!, name === 'short' ? 12 : 60);
    for (const text of texts) verdicts.push(...segmenter.push({ text, domain: name }));
  }
  verdicts.push(...segmenter.end());
  const nearest = closed(verdicts).map((verdict) => verdict.nearest);
  assert.deepEqual(
    nearest.map(({ length }) => length),
    [0, 1, 2, 3, 4, 5, 6, 7, 8, 8, 8, 0, 8], // the short one is held, and closed when the feed ends
  );
  assert.ok(!nearest[10]!.some(({ domain }) => domain === 'n0'));
  assert.equal(nearest[12]![0]!.domain, 'n3');
  for (const neighbours of nearest) {
    const distances = neighbours.map(({ distance }) => distance);
    assert.ok(distances.every(Number.isFinite));
    assert.deepEqual(
      distances.toSorted((x, y) => x - y),
      distances,
    );
  }
});

test('passages that are all the same have no finite distance, so no neighbours', () => {
  const segmenter = new Segmenter();
  const same = (text: string) => Array.from({ length: 60 }, () => ({ text, domain: text }));
  const verdicts = [...same('one'), ...same('two')].flatMap((passage) => segmenter.push(passage));
  verdicts.push(...segmenter.end());
  assert.deepEqual(
    closed(verdicts).map((verdict) => verdict.nearest),
    [[], []],
  );
});

test('bursts of strangers do not split a domain', () => {
  const [a, b] = kinds('burst', 'a', 'b');
  const texts = passages(a!, 300);
  for (const length of [1, 5, 10, 15, 20, 24]) texts.push(...passages(b!, length), ...passages(a!, 200));
  assert.equal(closed(segment(texts)).length, 1);
});

test('a long stream of one kind stays one domain', () => {
  const [a] = kinds('one', 'a');
  assert.equal(closed(segment(passages(a!, 5000))).length, 1);
});

test('kinds shuffled together are one domain', () => {
  const mixed = kinds('mixed', 'a', 'b', 'c', 'd');
  const rng = makeRng('shuffle');
  const texts = Array.from({ length: 3000 }, () => mixed[rng.int(4)]!.passage());
  assert.equal(closed(segment(texts)).length, 1);
});

test('a slow passage from one kind to the next is one boundary', () => {
  const [a, b] = kinds('ramp', 'a', 'b');
  const rng = makeRng('ramp');
  const texts = passages(a!, 500);
  for (let k = 0; k < 200; k++) texts.push((rng.uniform() < k / 200 ? b! : a!).passage());
  texts.push(...passages(b!, 800));
  const domains = closed(segment(texts));
  assert.equal(domains.length, 2);
  assert.ok(domains[1]!.first >= 500 && domains[1]!.first <= 700);
});

test('empty and featureless texts are passages like others', () => {
  const [a, b] = kinds('empty', 'a', 'b');
  const texts = [...passages(a!, 250), ...passages(b!, 250)].flatMap((text) => [text, '']);
  assert.equal(closed(segment(texts)).length, 2);
  assert.equal(closed(segment(Array.from({ length: 500 }, () => ''))).length, 1);
  assert.equal(closed(segment(Array.from({ length: 500 }, () => 'the same'))).length, 1);
});

test('fewer false alarms asked for, a higher threshold', () => {
  const thresholds = [1000, 50_000, 10_000_000].map(
    (falseAlarmEvery) => new Segmenter({ falseAlarmEvery }).status.threshold,
  );
  assert.deepEqual(
    [...thresholds].sort((a, b) => a - b),
    thresholds,
  );
  assert.ok(Math.abs(thresholds[1]! - 3.4) < 1e-4); // 1.085 · √(ln 50,000 − 1)
});

test('the status counts, and knows the nearest domains', () => {
  const [a, b] = kinds('status', 'a', 'b');
  const segmenter = new Segmenter();
  for (const kind of [a, b, a]) for (const text of passages(kind!, 300)) segmenter.push({ text });
  const { passages: accepted, openFirst, openPassages, threshold, distances } = segmenter.status;
  assert.deepEqual([accepted, openFirst + openPassages, threshold], [900, 900, thresholdOf(50_000)]);
  assert.ok(Math.abs(openFirst - 600) <= 3);
  assert.deepEqual(
    distances.map((d) => d.domain),
    ['d1', 'd2'],
  );
  assert.ok(distances[0]!.distance < 0.5 && distances[1]!.distance > 1);
  assert.deepEqual(
    segmenter.signatures().map((s) => s.domain),
    ['d1', 'd2'],
  );
});
