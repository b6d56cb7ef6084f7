import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { patternFault, selectTopics } from '../../../src/edge/kafka/selection.ts';
import { topicChanges } from '../../../src/edge/kafka/topic-changes.ts';
import { parseFeedUrl } from '../../../src/edge/kafka/url.ts';
import { CptError } from '../../../src/errors.ts';

const present = ['reviews.b', '__consumer_offsets', 'cpt.events', 'news', 'reviews.a', 'my-dead-letters'];

test('names are taken where they exist, a pattern takes all that match but for internal topics', () => {
  assert.deepEqual(selectTopics('news', present), ['news']);
  assert.deepEqual(selectTopics(['news', 'gone', '__consumer_offsets'], present), [
    '__consumer_offsets',
    'news',
  ]);
  assert.deepEqual(selectTopics({ pattern: '^reviews\\..*' }, present), ['reviews.a', 'reviews.b']);
  assert.deepEqual(selectTopics({ pattern: '' }, present, ['my-dead-letters']), [
    'news',
    'reviews.a',
    'reviews.b',
  ]);
});

test('a pattern in a URL, escaped or not', () => {
  const topic = { pattern: '^reviews\\..*' };
  assert.deepEqual(parseFeedUrl('kafka://a:1/~^reviews\\..*').topic, topic);
  assert.deepEqual(parseFeedUrl('kafka://a:1/~%5Ereviews%5C..*?group=g').topic, topic);
  assert.deepEqual(parseFeedUrl('kafka://a:1/~a%3Fb').topic, { pattern: 'a?b' });
  assert.deepEqual(parseFeedUrl('kafka://a:1/b,a,b').topic, ['b', 'a']);
  for (const url of [
    'kafka://a:1/~',
    'kafka://a:1/~(',
    'kafka://a:1/a,',
    'kafka://a:1/a,~b',
    `kafka://a:1/~${'a'.repeat(501)}`,
  ]) {
    assert.throws(
      () => parseFeedUrl(url),
      (error) => error instanceof CptError && error.code === 'CPT_CONFIG',
      url,
    );
  }
});

test('a pattern that takes for ever on a name made for it ends in an error', () => {
  assert.equal(patternFault('^(a+)+$'), null);
  assert.throws(
    () => selectTopics({ pattern: '^(a+)+$' }, [`${'a'.repeat(200)}!`]),
    (error) => error instanceof CptError && error.code === 'CPT_KAFKA' && /too long/.test(error.message),
  );
});

test('property: whatever the pattern, it has a fault or gives some of the names', () => {
  fc.assert(
    fc.property(fc.string(), (pattern) => {
      if (patternFault(pattern) !== null) return;
      for (const name of selectTopics({ pattern }, present)) assert.ok(present.includes(name));
    }),
    { numRuns: 50 },
  );
});

test('topics that are new, grown, gone; one that is missing once is not gone yet', () => {
  const known = new Map([
    ['a', 1],
    ['b', 2],
    ['c', 1],
  ]);
  const found = new Map([
    ['a', 1],
    ['b', 3],
    ['d', 1],
  ]);
  const first = topicChanges(known, found, new Set());
  assert.deepEqual(first, { changed: ['b', 'd'], gone: [], missing: new Set(['c']) });
  assert.deepEqual(topicChanges(known, found, first.missing).gone, ['c']);
});
