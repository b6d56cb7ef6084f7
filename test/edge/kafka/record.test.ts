import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { KafkaMessage } from 'kafkajs';
import { toRecord } from '../../../src/edge/kafka/record.ts';
import { decodePassage } from '../../../src/text/decode.ts';

const options = { maxRecordBytes: 100, domainHeader: 'domain' };
const make = (value: Buffer | null, headers?: unknown) =>
  toRecord(
    't/2',
    {
      offset: '7',
      timestamp: '-1',
      key: Buffer.from('k'),
      value,
      headers: headers as KafkaMessage['headers'],
    } as KafkaMessage,
    options,
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
    { ...options, domainHeader: 'toString' },
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

test('property: no payload and no headers make it throw, and the cut is the beginning', () => {
  const bytes = fc.uint8Array({ maxLength: 300 }).map((array) => Buffer.from(array));
  const value = fc.oneof(
    bytes,
    fc.string(),
    fc.constant(null),
    fc.array(fc.oneof(bytes, fc.string())),
    fc.anything(),
  );
  const headers = fc.dictionary(fc.constantFrom('domain', '__proto__', 'constructor', 'x'), value);
  fc.assert(
    fc.property(fc.option(bytes), fc.option(headers, { nil: undefined }), (payload, head) => {
      const record = make(payload, head);
      assert.equal(record.size, payload?.length ?? 0);
      assert.deepEqual(
        record.bytes === null ? null : Buffer.from(record.bytes),
        payload === null ? null : payload.subarray(0, 100),
      );
      assert.equal(record.position, 't[2]@7');
      assert.ok(record.domain === undefined || record.domain.length <= 300);
    }),
  );
});
