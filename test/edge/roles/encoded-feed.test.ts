import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { featurize } from '../../../src/domains/index.ts';
import type { FeedBatch, FeedOffsets, OpenFeed } from '../../../src/edge/feed/feed.ts';
import { toRecord } from '../../../src/edge/kafka/record.ts';
import { openEncodedFeed } from '../../../src/edge/roles/encoded-feed.ts';
import { toEncoded } from '../../../src/edge/roles/encoded-passage.ts';
import { CptError } from '../../../src/errors.ts';
import { DECODE_DEFAULTS } from '../../../src/text/decode.ts';

/** A topic of one partition with a passage of each source offset given, read a few at a time. */
function topicOf(offsets: readonly number[], perBatch = 2, encoder = 'lexical'): OpenFeed {
  return async (from: FeedOffsets | null) => {
    let next = Number(from?.['encoded/0'] ?? 0);
    return {
      async read(): Promise<FeedBatch | null> {
        if (next >= offsets.length) return null;
        const records = offsets.slice(next, next + perBatch).map((offset, at) => {
          const text = `passage ${offset}`;
          const source = { topic: 'reviews', partition: 0, offset: BigInt(offset) };
          const features = featurize(text);
          const { value, headers } = toEncoded({
            source,
            text,
            domain: null,
            time: offset,
            features,
            encoder,
          });
          const message = { offset: String(next + at), key: null, value, headers: { ...headers } };
          return toRecord('encoded/0', { ...message, timestamp: '0' }, { ...DECODE_DEFAULTS, maxBytes: 100 });
        });
        next += records.length;
        return { records, offsets: { 'encoded/0': String(next) }, lag: 0 };
      },
      close: async () => {},
    };
  };
}

test('each passage is given once, as the record that it was made of, wherever reading stopped between', async () => {
  // what members leave that stop and start again: runs that begin at or before the end of what is there
  const history = fc.array(fc.tuple(fc.nat(6), fc.nat(6)), { minLength: 1, maxLength: 8 }).map((runs) => {
    const made: number[] = [];
    for (const [back, length] of runs) {
      const start = Math.max(0, new Set(made).size - back);
      for (let k = 0; k < length; k++) made.push(start + k);
    }
    return made;
  });
  await fc.assert(
    fc.asyncProperty(history, fc.array(fc.nat(3), { maxLength: 6 }), async (made, stops) => {
      const open = openEncodedFeed(topicOf(made), 'lexical');
      const given: string[] = [];
      let offsets: FeedOffsets | null = null;
      for (const reads of [...stops, made.length + 1]) {
        const feed = await open(offsets);
        for (let k = 0; k < reads; k++) {
          const batch = await feed.read();
          if (batch === null) break;
          for (const { bytes, position, time, features } of batch.records) {
            const text = Buffer.from(bytes!).toString();
            assert.deepEqual(features, featurize(text));
            assert.equal(position, `reviews[0]@${time}`);
            given.push(text);
          }
          offsets = batch.offsets;
        }
        await feed.close();
      }
      const size = new Set(made).size;
      assert.deepEqual(
        given,
        Array.from({ length: size }, (_, k) => `passage ${k}`),
      );
    }),
  );
});

test('a passage that another encoder made is refused, with what to do', async () => {
  const feed = await openEncodedFeed(topicOf([0], 1, 'encoder 00ff'), 'lexical')(null);
  await assert.rejects(feed.read(), (error) => {
    assert.ok(error instanceof CptError);
    assert.equal(error.code, 'CPT_STATE');
    assert.match(error.toLine(), /encoded\[0\]@0 was encoded by "encoder 00ff", not by lexical.*--encoder/);
    return true;
  });
});
