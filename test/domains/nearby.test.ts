import assert from 'node:assert/strict';
import { test } from 'node:test';
import { featurize } from '../../src/domains/features.ts';
import { nearest } from '../../src/domains/known.ts';
import { NEARBY_MOST, Nearby, nearby } from '../../src/domains/nearby.ts';
import { Reference } from '../../src/domains/reference.ts';
import { type Signature, signatureOf } from '../../src/domains/signature.ts';
import { makeRng } from '../../src/rng.ts';
import { makeKind, passages } from './language.ts';

function referenceOf(name: string, count: number): Reference {
  const reference = new Reference(count);
  for (const text of passages(makeKind(makeRng('nearby'), name), count)) reference.add(featurize(text));
  return reference;
}

/** Domains of different sizes, twice `NEARBY_MOST` of them. */
const known = new Map<string, Signature>(
  Array.from({ length: 2 * NEARBY_MOST }, (_, k) => `n${k}`).map((name, k) => {
    return [name, signatureOf(name, referenceOf(name, 24 + 4 * (k % 8)))];
  }),
);

test('of many domains the nearest are among those that are taken', () => {
  for (const name of ['n3', 'n40', 'stranger']) {
    const reference = referenceOf(name, 64);
    const all = nearest([...known.values()], reference);
    const some = nearest(nearby(known, reference), reference);
    assert.equal(some.length, NEARBY_MOST);
    assert.deepEqual(some.slice(0, 3), all.slice(0, 3));
    if (name !== 'stranger') assert.equal(some[0]!.domain, name);
  }
});

test('a few domains are all taken, in their order', () => {
  const few = new Map([...known].slice(0, NEARBY_MOST));
  assert.deepEqual(nearby(few, referenceOf('n3', 64)), [...few.values()]);
});

test('they are sought anew where weights were renewed or other domains are known, and only there', () => {
  const search = new Nearby();
  const reference = referenceOf('n3', 64);
  const first = search.of(known, reference);
  reference.add(featurize('one more'));
  assert.equal(search.of(known, reference), first);
  const renewed = referenceOf('n3', 64);
  assert.notEqual(search.of(known, renewed), first);
  const second = search.of(known, reference);
  for (let k = 0; k < 40; k++) reference.add(featurize(`more ${k}`));
  const third = search.of(known, reference);
  assert.notEqual(third, second);
  const others = new Map(known);
  others.delete('n3');
  assert.ok(!search.of(others, reference).includes(known.get('n3')!));
  others.set('n3', signatureOf('n3', renewed));
  assert.ok(search.of(others, reference).includes(others.get('n3')!));
});
