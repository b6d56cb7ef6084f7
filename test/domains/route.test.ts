import assert from 'node:assert/strict';
import { test } from 'node:test';
import { BUCKETS, featurize, parseRouter, route, routerJson, Segmenter } from '../../src/domains/index.ts';
import { likelihood, logShares, ownLikelihood, pooled } from '../../src/domains/likelihood.ts';
import { Reference } from '../../src/domains/reference.ts';
import { makeRng } from '../../src/rng.ts';
import { HAN, makeKind, passages } from './language.ts';

const rng = makeRng('route');
const kinds = Object.fromEntries(['kitchen', 'sea', 'garden'].map((name) => [name, makeKind(rng, name)]));
const han = makeKind(rng, 'han', { alphabet: HAN, space: '' });

function learnt(...domains: (readonly [string, readonly string[]])[]) {
  const segmenter = new Segmenter();
  for (const [domain, texts] of domains) for (const text of texts) segmenter.push({ text, domain });
  segmenter.end();
  return parseRouter(JSON.parse(JSON.stringify(routerJson(segmenter.signatures()))));
}

const router = learnt(
  ['kitchen', passages(kinds.kitchen!, 150)],
  ['sea', passages(kinds.sea!, 150)],
  ['漢', passages(han, 100)],
);

test('a share is what part of the weight a bucket has, a hundredth of it spread evenly', () => {
  const mean = new Float64Array(BUCKETS);
  mean[3] = 2;
  mean[7] = 6;
  const shares = logShares(mean);
  const near = (log: number, share: number) => assert.ok(Math.abs(Math.exp(log) - share) < 1e-10, `${log}`);
  near(shares[3]!, (0.25 + 0.01 / 1024) / 1.01);
  near(shares[7]!, (0.75 + 0.01 / 1024) / 1.01);
  near(shares[0]!, 0.01 / 1024 / 1.01);
  const total = shares.reduce((sum, log) => sum + Math.exp(log), 0);
  assert.ok(Math.abs(total - 1) < 1e-10, `${total}`);
});

test('a likelihood is the mean log share by the weight of the buckets', () => {
  const shares = new Float64Array(BUCKETS);
  shares[1] = -2;
  shares[5] = -8;
  const features = { bucket: Uint16Array.of(1, 5), count: Uint8Array.of(1, 1), value: Float32Array.of(3, 1) };
  assert.equal(likelihood(features, shares), -3.5); // (3 · -2 + 1 · -8) / 4
});

test('the likelihood of own passages leaves each one out; two that are alike have that of one under itself', () => {
  const reference = new Reference(0);
  const features = featurize('salt salt pepper');
  reference.add(features);
  reference.add(features);
  const { mean, spread } = ownLikelihood(reference);
  const alone = new Float64Array(BUCKETS);
  for (const [k, bucket] of features.bucket.entries()) alone[bucket] = features.value[k]!;
  assert.ok(Math.abs(mean - likelihood(features, logShares(alone))) < 1e-9);
  assert.equal(spread, 0.05); // the least
  reference.add(featurize('tide'));
  const with3 = ownLikelihood(reference);
  assert.ok(with3.mean < mean && with3.spread > 1); // none of the others has a tide
  assert.deepEqual(ownLikelihood(new Reference(0)), { mean: 0, spread: 0.05 });
});

test('pooled moments are those of all passages', () => {
  // of (-4, -2) and (-7, -7, -7): mean -27/5, mean square (16 + 4 + 147)/5
  const both = pooled({ mean: -3, spread: 1 }, 2, { mean: -7, spread: 0 }, 3);
  assert.ok(Math.abs(both.mean + 5.4) < 1e-12);
  assert.ok(Math.abs(both.spread - Math.sqrt(167 / 5 - 5.4 ** 2)) < 1e-12);
});

test('batches go to their domain, those of another kind to none, in scripts without spaces too', () => {
  const sources = { kitchen: kinds.kitchen!, sea: kinds.sea!, 漢: han };
  for (const [domain, kind] of Object.entries(sources)) {
    for (let k = 0; k < 10; k++) {
      const found = route(router, passages(kind, 8));
      assert.equal(found.domain, domain);
      assert.ok(Math.abs(found.scores[0]!.fit) < 1.5);
    }
  }
  for (let k = 0; k < 10; k++) assert.equal(route(router, passages(kinds.garden!, 8)).domain, null);
});

test('the order of the texts says nothing, empty ones neither', () => {
  const texts = passages(kinds.sea!, 8);
  const { domain, scores } = route(router, texts);
  const again = route(router, ['', ...texts.reverse(), ' \n ']);
  assert.equal(again.domain, domain);
  for (const [k, { domain: name, score, fit }] of again.scores.entries()) {
    assert.equal(name, scores[k]!.domain);
    assert.ok(Math.abs(score - scores[k]!.score) + Math.abs(fit - scores[k]!.fit) < 1e-9);
  }
  assert.ok(scores.every(({ score }, k) => k === 0 || score <= scores[k - 1]!.score));
});

test('without a word or without a domain there is none', () => {
  assert.deepEqual(route(router, ['', ' ']), { domain: null, scores: [] });
  assert.deepEqual(route(router, []), { domain: null, scores: [] });
  assert.deepEqual(route([], ['tide']), { domain: null, scores: [] });
});
