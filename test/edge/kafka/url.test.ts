import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { parseBrokersUrl, parseFeedUrl, parseTopicUrl } from '../../../src/edge/kafka/url.ts';
import { CptError } from '../../../src/errors.ts';

test('hosts, ports, topic, group and end', () => {
  assert.deepEqual(parseFeedUrl('kafka://a.b:9093/reviews'), {
    brokers: ['a.b:9093'],
    topic: 'reviews',
    untilEnd: false,
  });
  assert.deepEqual(parseFeedUrl('kafka://a,[::1]:19092,c_d:1/news.raw-2_x?group=g%201&until=end'), {
    brokers: ['a:9092', '[::1]:19092', 'c_d:1'],
    topic: 'news.raw-2_x',
    group: 'g 1',
    untilEnd: true,
  });
  assert.deepEqual(parseBrokersUrl('kafka://a:1,b:2'), ['a:1', 'b:2']);
  assert.deepEqual(parseBrokersUrl('kafka://a:1/'), ['a:1']);
});

for (const [url, part] of [
  ['kafka://a:1', /names no topic/],
  ['kafka://a:1/', /names no topic/],
  ['kafka:///topic', /no host:port/],
  ['kafka://a:0/topic', /valid port/],
  ['kafka://a:65536/topic', /valid port/],
  ['kafka://a:/topic', /valid port/],
  ['kafka://a:1,/topic', /no host:port/],
  ['kafka://a:1/one/two', /no topic name/],
  ['kafka://a:1/..', /no topic name/],
  ['kafka://a:1/%ff', /broken escape/],
  ['kafka://a:1/t?from=0', /are the settings/],
  ['kafka://a:1/t?until=tomorrow', /are the settings/],
  ['kafka://a:1/t?group=', /are the settings/],
  ['http://a:1/t', /that form/],
  ['kafka://a:1/t#x', /that form/],
] as const) {
  test(`${url} is refused`, () => {
    assert.throws(
      () => parseFeedUrl(url),
      (error) => error instanceof CptError && error.code === 'CPT_CONFIG' && part.test(error.message),
    );
  });
}

test('a password in a URL is refused and not repeated', () => {
  for (const url of ['kafka://user:s3cret@a:1/t', 'kafka://a:1/user:s3cret@t', 'kafka://a:1/t?s3cret@=1']) {
    assert.throws(
      () => parseFeedUrl(url),
      (error) => error instanceof CptError && !error.toLine().includes('s3cret'),
    );
  }
});

test('property: whatever comes, it parses or is a CPT_CONFIG', () => {
  const parts = fc.string({
    unit: fc.constantFrom('kafka://', 'a', ':', '1', '/', '?', '=', '&', '%', ',', '@', '\n', 'é'),
  });
  fc.assert(
    fc.property(fc.oneof(parts, fc.string()), (url) => {
      try {
        return parseFeedUrl(url).brokers.length > 0;
      } catch (error) {
        return error instanceof CptError && error.code === 'CPT_CONFIG';
      }
    }),
  );
});

test('a topic to send to has no settings of a reader', () => {
  assert.deepEqual(parseTopicUrl('kafka://a:1,b/dead'), { brokers: ['a:1', 'b:9092'], topic: 'dead' });
  for (const url of [
    'kafka://a',
    'kafka://a/t?group=g',
    'kafka://a/t?until=end',
    'kafka://a/..',
    'http://a/t',
  ]) {
    assert.throws(
      () => parseTopicUrl(url),
      (error) => error instanceof CptError && error.code === 'CPT_CONFIG',
      url,
    );
  }
});
