import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { KafkaMessage } from 'kafkajs';
import { type RecordOptions, toRecord } from '../../../src/edge/kafka/record.ts';
import { DECODE_DEFAULTS, decodePassage } from '../../../src/text/decode.ts';

const options = { ...DECODE_DEFAULTS, maxBytes: 100 };
const make = (value: Buffer | null, headers?: unknown, mapping: Partial<RecordOptions> = {}) =>
  toRecord(
    't/2',
    {
      offset: '7',
      timestamp: '-1',
      key: Buffer.from('k'),
      value,
      headers: headers as KafkaMessage['headers'],
    } as KafkaMessage,
    { ...options, ...mapping },
  );

test('a domain header that is cut never becomes a valid name', () => {
  const long = '\u{20000}'.repeat(64); // 64 letters, 256 bytes: too many bytes for a name
  for (const name of [long, 'a'.repeat(65), 'a'.repeat(100_000), `${'a'.repeat(299)}é`]) {
    const { domain, ...record } = make(Buffer.from('text'), { domain: Buffer.from(name) });
    const decoded = decodePassage({ ...record, ...(domain === undefined ? {} : { domain }) });
    assert.equal(decoded.ok ? 'ok' : decoded.reason, 'invalid_domain');
    assert.ok((domain ?? '').length <= 300);
  }
});

test('no header, an empty one, a null one: no domain; inherited names are no headers', () => {
  for (const headers of [
    undefined,
    {},
    { domain: undefined },
    { domain: null },
    { domain: '' },
    { domain: [] },
  ]) {
    assert.equal('domain' in make(Buffer.from('x'), headers), false);
  }
  const record = toRecord(
    't/0',
    { offset: '0', timestamp: '1500', key: null, value: null, headers: {} },
    { ...options, domainFrom: 'header:toString' },
  );
  const origin = { topic: 't', partition: 0, offset: '0', key: null, headers: {}, value: null };
  assert.deepEqual(record, { bytes: null, size: 0, position: 't[0]@0', time: 1.5, origin });
});

test('its origin is the message itself, whole and not copied', () => {
  const value = Buffer.alloc(300, 'x');
  const headers = { domain: Buffer.from('d'), other: ['a', Buffer.from('b')] };
  const { bytes, size, origin } = make(value, headers);
  assert.deepEqual([bytes!.length, size], [100, 300]);
  assert.equal(origin!.value, value);
  assert.equal(origin!.headers, headers);
  const { topic, partition, offset, key } = origin!;
  assert.deepEqual([topic, partition, offset, String(key)], ['t', 2, '7', 'k']);
});

test('domain, time and language come from the headers or the key that settings name', () => {
  const headers = { kind: 'mail', at: Buffer.from('1700000000500'), lang: 'de', domain: 'other' };
  const named = make(Buffer.from('x'), headers, {
    domainFrom: 'header:kind',
    timeFrom: 'header:at',
    languageFrom: 'header:lang',
  });
  assert.deepEqual([named.domain, named.time, named.language], ['mail', 1_700_000_000.5, 'de']);
  const keyed = make(Buffer.from('x'), headers, { domainFrom: 'key' });
  assert.deepEqual([keyed.domain, keyed.time, keyed.language], ['k', undefined, undefined]);
  assert.equal('domain' in make(Buffer.from('x'), headers, { domainFrom: 'field:domain' }), false);
});

test('a key is bounded, none where it is empty, and no domain where it is no UTF-8', () => {
  const keyed = (key: Buffer | null) =>
    toRecord(
      't/0',
      { offset: '0', timestamp: '0', key, value: Buffer.from('x'), headers: {} },
      { ...options, domainFrom: 'key' },
    );
  assert.equal('domain' in keyed(null), false);
  assert.equal('domain' in keyed(Buffer.alloc(0)), false);
  assert.equal(keyed(Buffer.alloc(100_000, 'k')).domain?.length, 300);
  for (const key of [Buffer.from([0xff, 0x61]), Buffer.alloc(100_000, 'k')]) {
    const decoded = decodePassage(keyed(key));
    assert.equal(decoded.ok ? 'ok' : decoded.reason, 'invalid_domain');
  }
});

test('a time that cannot be read is the time of the message, and that of the far future is none', () => {
  const timed = (timestamp: string, at?: string) =>
    toRecord(
      't/0',
      { offset: '0', timestamp, key: null, value: null, headers: at === undefined ? {} : { at } },
      { ...options, timeFrom: 'header:at' },
    ).time;
  assert.equal(timed('2500', '2001-09-09T01:46:40Z'), 1e9);
  assert.equal(timed('2500', 'yesterday'), 2.5);
  assert.equal(timed('2500'), 2.5);
  assert.equal(timed('9223372036854775807'), undefined);
});

test('property: no payload and no headers make it throw, and the cut is the beginning', () => {
  const bytes = fc.uint8Array({ maxLength: 300 }).map((array) => Buffer.from(array));
  const value = fc.oneof(
    bytes,
    fc.string(),
    fc.constant(null),
    fc.array(fc.oneof(bytes, fc.string())),
    fc.anything(),
  );
  const name = fc.constantFrom('domain', '__proto__', 'constructor', 'x');
  const headers = fc.dictionary(name, value);
  const sources = fc.record({
    domainFrom: fc.oneof(
      fc.constantFrom('', 'key', 'field:a'),
      name.map((header) => `header:${header}`),
    ),
    timeFrom: name.map((header) => `header:${header}`),
    languageFrom: name.map((header) => `header:${header}`),
  });
  fc.assert(
    fc.property(fc.option(bytes), fc.option(headers, { nil: undefined }), sources, (payload, head, from) => {
      const record = make(payload, head, from);
      assert.equal(record.size, payload?.length ?? 0);
      assert.deepEqual(
        record.bytes === null ? null : Buffer.from(record.bytes),
        payload === null ? null : payload.subarray(0, 100),
      );
      assert.equal(record.position, 't[2]@7');
      assert.ok((record.domain ?? '').length <= 300 && (record.language ?? '').length <= 300);
      decodePassage(record, { ...from, languages: 'en' });
    }),
  );
});
