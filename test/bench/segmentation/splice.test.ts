import assert from 'node:assert/strict';
import { test } from 'node:test';
import { title } from '../../../bench/segmentation/changes.ts';
import { FAMILIES } from '../../../bench/segmentation/families.ts';
import { Dealer, type Source } from '../../../bench/segmentation/sources.ts';
import { makeRng } from '../../../src/rng.ts';

const pools = {
  of: (source: Source): string[] =>
    source === 'news' ? ['one a', 'two b', 'three c', 'one d'] : ['two b', 'four e'],
};

test('a dealer hands out each text once, though it stands in two pools or is cut alike', () => {
  const dealer = new Dealer(pools, makeRng(1));
  const whole = [...dealer.deals(4, () => 'news'), ...dealer.deals(1, () => 'world')];
  assert.deepEqual(whole.toSorted(), ['four e', 'one a', 'one d', 'three c', 'two b']);
  assert.throws(() => dealer.deals(1, () => 'world'), /no passage of world is left/);
  const cut = new Dealer(pools, makeRng(1)).deals(
    3,
    () => 'news',
    (text) => text.split(' ')[0]!,
  );
  assert.deepEqual(cut.toSorted(), ['one', 'three', 'two']);
});

test('a title is the first sentence, at most 12 words', () => {
  assert.equal(title('Rates at 5.2 percent. Banks wait'), 'Rates at 5.2 percent.');
  assert.equal(title('1 2 3 4 5 6 7 8 9 10 11 12 13'), '1 2 3 4 5 6 7 8 9 10 11 12');
  assert.equal(title('no end'), 'no end');
});

test('families have names of their own', () => {
  const names = FAMILIES.map((family) => family.name);
  assert.equal(new Set(names).size, names.length);
});
