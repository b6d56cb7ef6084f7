import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseRouter, routerJson, Segmenter } from '../../src/domains/index.ts';
import { logShares } from '../../src/domains/likelihood.ts';
import { CptError } from '../../src/errors.ts';
import { makeRng } from '../../src/rng.ts';
import { makeKind, passages } from './language.ts';

const segmenter = new Segmenter();
for (const domain of ['d1', 'Отзывы']) {
  for (const text of passages(makeKind(makeRng('router'), domain), 60)) segmenter.push({ text, domain });
}
segmenter.end();
const signatures = segmenter.signatures();
const written = JSON.stringify(routerJson(signatures, segmenter.labels));

test('what is written is read again, each share to a fortieth of a nat', () => {
  const router = parseRouter(JSON.parse(written));
  assert.deepEqual(
    router.map(({ domain, label, passages: count }) => [domain, label, count]),
    [
      ['d1', segmenter.labels.get('d1'), 60],
      ['Отзывы', segmenter.labels.get('Отзывы'), 60],
    ],
  );
  for (const [k, { shares, own }] of router.entries()) {
    const { counts, means } = signatures[k]!;
    const exact = logShares(
      Float64Array.from(means[0], (mean, i) => mean * counts[0] + means[1][i]! * counts[1]),
    );
    for (const [i, share] of shares.entries()) assert.ok(Math.abs(share - exact[i]!) < 1 / 40 + 0.01);
    assert.ok(Math.abs(own.mean - signatures[k]!.own.mean) < 1e-4);
  }
});

test('a domain takes less than 1.6 kB', () => {
  const one = JSON.stringify(routerJson(signatures.slice(0, 1))).length;
  assert.ok(written.length - one < 1600, `${written.length - one} bytes`);
});

test('domains that an encoder told apart route no text', () => {
  const router = routerJson(signatures, new Map(), 'e'.repeat(64));
  assert.deepEqual(router.features, { name: 'cpt-encoder-1', encoder: 'e'.repeat(64), buckets: 1024 });
  assert.throws(() => parseRouter(JSON.parse(JSON.stringify(router))), { code: 'CPT_ENCODER' });
});

type Json = Record<string, unknown> & { domains: Record<string, unknown>[] };

test('a router that somebody else wrote is refused with what is wrong in it', () => {
  const refused = (change: (json: Json) => unknown, pattern: RegExp): void => {
    const json = JSON.parse(written) as Json;
    const changed = change(json);
    assert.throws(
      () => parseRouter(changed === undefined ? json : changed),
      (error) => error instanceof CptError && error.code === 'CPT_VERIFY' && pattern.test(error.message),
      String(pattern),
    );
  };
  const set =
    (key: string, value: unknown) =>
    ({ domains }: Json): void => {
      domains[0]![key] = value;
    };
  refused(() => null, /it is null, not an object/);
  refused(() => [], /it is an array/);
  refused((json) => ({ ...json, format: 'cpt-router-2' }), /format is "cpt-router-2"/);
  refused((json) => ({ ...json, features: { name: 'words', buckets: 1024 } }), /features are "words"/);
  refused((json) => ({ ...json, scale: 0 }), /scale is 0/);
  refused((json) => ({ ...json, domains: {} }), /domains is an object/);
  refused(({ domains }) => void domains.push(domains[0]!), /"d1" twice/);
  refused(({ domains }) => void domains.push(7 as never), /domain 2 is a number/);
  for (const domain of ['../d1', '', 'main', '__proto__', 4, undefined]) {
    refused(set('domain', domain), /domain 0 is called/);
  }
  for (const label of ['', 7, 'a\u0007', '[x](y)', 'a'.repeat(101), '\u202eabc']) {
    refused(set('label', label), /the label of "d1" is/);
  }
  for (const passages of [0, -1, 1e300, '60', Number.NaN]) refused(set('passages', passages), /passages is/);
  refused(set('own', null), /own of "d1" is null/);
  refused(set('own', { mean: 1, spread: 1 }), /mean is 1/);
  refused(set('own', { mean: -1, spread: 0 }), /spread is 0/);
  const { shares } = (JSON.parse(written) as Json).domains[0] as { shares: string };
  for (const wrong of [shares.slice(4), `${shares.slice(0, -1)}\u0000`, shares.replace(/.$/, '!'), 5, {}]) {
    refused(set('shares', wrong), /are not 1024 bytes/);
  }
  refused(set('shares', Buffer.alloc(1024).toString('base64')), /add up to 1024\.000/);
});
