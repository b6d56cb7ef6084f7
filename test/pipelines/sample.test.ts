import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { SAMPLE_FILE, STRETCHES, sampleFeed } from '../../pipelines/sample/generate.ts';
import { decodePassage } from '../../src/text/decode.ts';

const bytes = readFileSync(SAMPLE_FILE);
const lines = bytes
  .toString('utf8')
  .trimEnd()
  .split('\n')
  .map((line) => JSON.parse(line) as { text: string; topic: string });

test('the committed sample is what its generator writes', () => {
  assert.equal(bytes.toString('utf8'), sampleFeed());
  assert.ok(bytes.length < 700_000, `${bytes.length} bytes`);
});

test('four topics in five stretches, one of which returns', () => {
  let from = 0;
  for (const [{ topic }, count] of STRETCHES) {
    assert.deepEqual([...new Set(lines.slice(from, from + count).map((line) => line.topic))], [topic]);
    from += count;
  }
  assert.equal(lines.length, from);
  assert.ok(lines.length >= 1200);
  const topics = STRETCHES.map(([{ topic }]) => topic);
  assert.deepEqual(topics, ['kitchen', 'weather', 'incidents', 'kitchen', 'garden']);
});

test('every passage is fresh, of a length to read, and filled in', () => {
  assert.equal(new Set(lines.map((line) => line.text)).size, lines.length);
  for (const { text } of lines) {
    const words = text.split(' ').length;
    assert.ok(words >= 25 && words <= 90, text);
    assert.doesNotMatch(text, /[{}|]|undefined|\s\s|\ba (?:[aeio]|un)|\ban [^aeiouh]/i, text);
    assert.match(text, /^[A-Z0-9].*\.$/, text);
  }
});

test('the text is varied: no sentence comes more than a few times', () => {
  const counts = new Map<string, number>();
  for (const { text } of lines) {
    for (const sentence of text.split(/(?<=\.) (?=[A-Z])/))
      counts.set(sentence, (counts.get(sentence) ?? 0) + 1);
  }
  const repeated = [...counts.values()].filter((count) => count > 1).reduce((sum, count) => sum + count, 0);
  const total = [...counts.values()].reduce((sum, count) => sum + count, 0);
  assert.ok(repeated / total < 0.1, `${repeated} of ${total} sentences come more than once`);
});

test('every line decodes, and none names its domain', () => {
  for (const line of bytes.toString('utf8').trimEnd().split('\n')) {
    const record = Buffer.from(line);
    const decoded = decodePassage({ bytes: record, size: record.length });
    assert.ok(decoded.ok && decoded.domain === null, line);
  }
});

test('each topic has sentences enough and no slot that is never used', () => {
  for (const [{ topic, openings, middles, closings, slots }] of STRETCHES) {
    const sentences = [...openings, ...middles, ...closings];
    assert.ok(sentences.length >= 60, `${topic} has ${sentences.length}`);
    assert.equal(new Set(sentences).size, sentences.length);
    const used = new Set([...sentences, ...Object.values(slots).flat()].join(' ').match(/\{[^{}]+\}/g));
    for (const slot of Object.keys(slots)) {
      assert.ok(used.has(`{${slot}}`) || used.has(`{a:${slot}}`), `${topic}: nobody uses ${slot}`);
      assert.equal(new Set(slots[slot]).size, slots[slot]!.length, `${topic}: ${slot} has a value twice`);
    }
  }
});
