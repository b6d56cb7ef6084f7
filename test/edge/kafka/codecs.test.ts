import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { CompressionTypes } from 'kafkajs';
import snappy from 'kafkajs-snappy';
import { compressFrame } from 'lz4-napi';
import { type CodecName, DamagedBatch, decompress, MAX_BATCH_BYTES } from '../../../src/edge/kafka/codecs.ts';
import { CptError } from '../../../src/errors.ts';
import { collect, producing, text, withFeed } from './reading.ts';
import { withBroker } from './with-broker.ts';

const CODECS: readonly CodecName[] = ['gzip', 'snappy', 'lz4', 'zstd'];
const under = withBroker();
const produce = producing(under.kafka);

/** A topic whose batches the broker compresses itself: in Java, with the libraries that Java's producers use. */
async function topicCompressed(codec: CodecName): Promise<string> {
  const topic = `cpt-test-${process.pid}-${codec}-${Date.now()}`;
  const admin = under.kafka().admin();
  await admin.connect();
  const configEntries = [
    { name: 'compression.type', value: codec },
    { name: 'max.message.bytes', value: String(8 << 20) },
  ];
  await admin.createTopics({ topics: [{ topic, numPartitions: 1, replicationFactor: 1, configEntries }] });
  await admin.disconnect();
  return topic;
}

describe('batches that Java compressed', { concurrency: 4 }, () => {
  for (const codec of CODECS) {
    test(codec, async (t) => {
      const broker = under.broker(t);
      if (!broker) return;
      const topic = await topicCompressed(codec);
      // Small and large batches, of one block and of many, compressible and not.
      const values = Array.from({ length: 600 }, (_, n) => `passage ${n} ${'éλ好'.repeat(n)}`);
      const noise = Array.from({ length: 300_000 }, (_, n) =>
        String.fromCharCode(32 + (((n * n * 31) % 9973) % 90)),
      );
      const all = ['one', ...values, noise.join('')];
      await produce(topic, [{ partition: 0, value: all[0]! }]);
      await produce(
        topic,
        all.slice(1).map((value) => ({ partition: 0, value })),
      );
      const options = { brokers: broker.brokers, topic, untilEnd: true };
      const { records } = await withFeed(options, null, (feed) => collect(feed));
      assert.deepEqual(records.map(text), all);
    });
  }

  test('one that would fill the memory is an error that names the codec', async (t) => {
    const broker = under.broker(t);
    if (!broker) return;
    const topic = await topicCompressed('gzip');
    const large = { partition: 0, value: Buffer.alloc(1 << 20) };
    await produce(topic, Array(MAX_BATCH_BYTES / large.value.length + 1).fill(large), CompressionTypes.GZIP);
    await withFeed({ brokers: broker.brokers, topic }, null, (feed) =>
      assert.rejects(
        collect(feed),
        (error) =>
          error instanceof CptError &&
          error.code === 'CPT_KAFKA' &&
          /with gzip .* more than 67108864 bytes/.test(error.message),
      ),
    );
  });
});

/** 1 KiB blocks of zeros as run lengths: 4 bytes each. */
const zstdZeros = (blocks: number): Buffer =>
  Buffer.concat([
    Buffer.from('28b52ffd0008', 'hex'), // no content size, a window of 2 KiB
    ...Array.from({ length: blocks }, (_, n) => {
      const block = Buffer.alloc(4);
      block.writeUIntLE((1024 << 3) | (1 << 1) | (n === blocks - 1 ? 1 : 0), 0, 3);
      return block;
    }),
  ]);

const COMPRESSED: Readonly<Record<CodecName, (bytes: Buffer) => Promise<Buffer>>> = {
  gzip: async (bytes) => gzipSync(bytes),
  snappy: async (bytes) => Buffer.from(await snappy().compress({ buffer: bytes })),
  lz4: (bytes) => compressFrame(bytes),
  zstd: async (bytes) => zstdZeros(bytes.length / 1024),
};

for (const codec of CODECS) {
  test(`${codec}: a batch of just the bound is read, a larger one is refused before it is there`, async () => {
    const zeros = await COMPRESSED[codec](Buffer.alloc(1 << 18));
    const read = await decompress(codec, zeros, 1 << 18);
    assert.equal(read.length, codec === 'zstd' ? 0 : 1 << 18); // zeros are no records
    await assert.rejects(
      decompress(codec, zeros, (1 << 18) - 1),
      (error) => error instanceof DamagedBatch && /more than 262143 bytes/.test(error.message),
    );
  });

  test(`${codec}: damaged bytes end in an error or in bytes, soon and within the bound`, async () => {
    const good = await COMPRESSED[codec](Buffer.from('a record and a record and a record'.repeat(1024)));
    const damaged = fc
      .tuple(fc.nat(good.length - 1), fc.nat(255), fc.nat(good.length))
      .map(([at, byte, end]) => {
        const bytes = Buffer.from(good);
        bytes[at] = byte;
        return bytes.subarray(0, end);
      });
    const anything = fc.uint8Array({ maxLength: 64 }).map((bytes) => Buffer.from(bytes));
    await fc.assert(
      fc.asyncProperty(fc.oneof(damaged, anything), async (bytes) => {
        const result = await decompress(codec, bytes, 1 << 18).catch((error: unknown) => error);
        if (result instanceof Buffer) assert.ok(result.length <= 1 << 18);
        else assert.ok(result instanceof DamagedBatch);
      }),
      { numRuns: 200 },
    );
  });
}

test('a snappy literal of a negative length does not turn the reader back', async () => {
  // 5 bytes are promised; the literal's length is 2^32 - 4 in four bytes, -4 as a 32-bit number.
  const block = Buffer.from([5, 63 << 2, 0xfb, 0xff, 0xff, 0xff, 1, 2, 3]);
  await assert.rejects(decompress('snappy', block), /cut off/);
});
