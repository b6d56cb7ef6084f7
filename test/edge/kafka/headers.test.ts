import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import { test } from 'node:test';
import fc from 'fast-check';
import { collectHeadersInOnePass, headersOf } from '../../../src/edge/kafka/headers.ts';

const require = createRequire(import.meta.url);
type Values = Buffer | null | (Buffer | null)[];
const Decoder = require('kafkajs/src/protocol/decoder') as new (bytes: Buffer) => { readVarInt(): number };
const RECORD = 'kafkajs/src/protocol/recordBatch/record/v0';
const encode = require(RECORD) as (record: object) => { buffer: Buffer };
const decode = require(`${RECORD}/decoder`) as (
  decoder: unknown,
  batch: object,
) => { headers: Record<string, Values> };

/** Through kafkajs, as they come from a broker. */
function read(headers: Record<string, string | string[]>): Record<string, Values> {
  collectHeadersInOnePass();
  const { buffer } = encode({ offsetDelta: 0, timestampDelta: 0, key: null, value: 'x', headers });
  const decoder = new Decoder(buffer);
  decoder.readVarInt(); // the record's length
  return decode(decoder, { firstOffset: '0', firstTimestamp: '0', magicByte: 2 }).headers;
}

test('ten thousand headers are read once each', () => {
  const headers = Object.fromEntries(Array.from({ length: 10_000 }, (_, n) => [`h${n}`, String(n)]));
  const got = read(headers);
  assert.equal(Object.keys(got).length, 10_000);
  assert.equal(String(got.h9999), '9999');
  const repeated = read({ same: Array.from({ length: 10_000 }, (_, n) => String(n)) });
  assert.equal((repeated.same as Buffer[]).length, 10_000);
});

test('names that every object has are names like others', () => {
  const names = ['__proto__', 'constructor', 'toString', 'hasOwnProperty', 'domain'];
  const got = headersOf(names.map((key) => ({ key, value: Buffer.from(key) })));
  assert.deepEqual(Object.keys(got), names);
  for (const name of names)
    assert.deepEqual(Object.entries(got).find(([key]) => key === name)?.[1], Buffer.from(name));
  assert.equal(Object.getPrototypeOf(got), Object.prototype);
  assert.equal(String(read({ constructor: 'a' }).constructor), 'a');
  assert.equal(({} as Record<string, unknown>).domain, undefined);
});

test('property: every value is there, in order, under its name', () => {
  const header = fc.record({
    key: fc.oneof(fc.constantFrom('__proto__', 'constructor', 'a', ''), fc.string()),
    value: fc.option(fc.uint8Array().map((bytes) => Buffer.from(bytes))),
  });
  fc.assert(
    fc.property(fc.array(header), (list) => {
      const got = Object.entries(headersOf(list));
      for (const [name, value] of got) {
        const expected = list.filter(({ key }) => key === name).map((one) => one.value);
        assert.deepEqual(Array.isArray(value) ? value : [value], expected);
      }
      assert.equal(got.length, new Set(list.map(({ key }) => key)).size);
    }),
  );
});
