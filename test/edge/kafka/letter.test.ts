import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import fc from 'fast-check';
import type { KafkaMessage } from 'kafkajs';
import type { Rejection } from '../../../src/edge/dead-letters.ts';
import { CUTS, letterOf } from '../../../src/edge/kafka/letter.ts';
import { toRecord } from '../../../src/edge/kafka/record.ts';
import { DECODE_DEFAULTS } from '../../../src/text/decode.ts';

const context = { lineage: 'news', time: '2026-01-02T03:04:05.000Z', cut: 0 };

function rejected(value: Buffer | null, headers: unknown = {}, offset = '7', maxBytes = 100): Rejection {
  const message = { offset, timestamp: '-1', key: Buffer.from('k'), value, headers } as KafkaMessage;
  const record = toRecord('t/2', message, { ...DECODE_DEFAULTS, maxBytes });
  return { record, reason: 'invalid_json', detail: 'why' };
}
const header = ({ headers }: ReturnType<typeof letterOf>, name: string) =>
  headers?.[`cpt-dead-letter-${name}`];

test('a letter is the record as it came, and says where from and why', () => {
  const value = Buffer.alloc(300, 'x'); // over the bound of the record
  const { headers, ...message } = letterOf(
    rejected(value, { own: Buffer.from([0xff]), two: ['a', null] }),
    context,
  );
  assert.deepEqual(message, { key: Buffer.from('k'), value });
  const { 'cpt-dead-letter-id': id, ...others } = headers!;
  assert.match(String(id), /^[0-9a-f]{32}$/);
  assert.deepEqual(others, {
    own: [Buffer.from([0xff])],
    two: ['a', Buffer.alloc(0)],
    'cpt-dead-letter-reason': 'invalid_json',
    'cpt-dead-letter-detail': 'why',
    'cpt-dead-letter-lineage': 'news',
    'cpt-dead-letter-position': 't[2]@7',
    'cpt-dead-letter-time': context.time,
    'cpt-dead-letter-size': '300',
    'cpt-dead-letter-topic': 't',
    'cpt-dead-letter-partition': '2',
    'cpt-dead-letter-offset': '7',
  });
});

test('a record of a file has its place; where it was cut before, no hash of the whole is made up', () => {
  const record = { bytes: Buffer.from('beginning'), size: 5000, position: 'a.jsonl:12' };
  const letter = letterOf({ record, reason: 'oversized', detail: 'd' }, context);
  assert.deepEqual([letter.key, String(letter.value)], [null, 'beginning']);
  assert.equal(header(letter, 'position'), 'a.jsonl:12');
  assert.deepEqual([header(letter, 'cut'), header(letter, 'size')], ['true', '5000']);
  assert.deepEqual([header(letter, 'sha256'), header(letter, 'topic')], [undefined, undefined]);
});

test('its id is of the record: not of the time or of how it is cut', () => {
  const id = (rejection: Rejection, changed: Partial<typeof context> = {}) =>
    header(letterOf(rejection, { ...context, ...changed }), 'id');
  const value = Buffer.from('text');
  const one = id(rejected(value));
  assert.equal(id(rejected(value, { h: 'x' }), { time: 'later', cut: 3 }), one);
  const others = [
    id(rejected(value, {}, '8')), // another offset
    id(rejected(Buffer.from('other'))), // the topic was made anew
    id(rejected(null)),
    id(rejected(Buffer.alloc(0))),
    id(rejected(value), { lineage: 'other' }),
  ];
  assert.equal(new Set([one, ...others]).size, 6);
});

test('what is too large is cut, with its size and its SHA-256; the last cut leaves only what is ours', () => {
  const value = Buffer.alloc(2_000_000, 'ab');
  const hash = createHash('sha256').update(value).digest('hex');
  const headers = { large: Buffer.alloc(2_000_000) };
  for (const cut of [1, 2, 3]) {
    const letter = letterOf(rejected(value, headers), { ...context, cut });
    assert.deepEqual(letter.value, value.subarray(0, CUTS[cut]));
    assert.deepEqual(
      ['cut', 'size', 'sha256'].map((name) => header(letter, name)),
      ['true', '2000000', hash],
    );
    assert.deepEqual(
      ['large' in letter.headers!, letter.key === null],
      cut < 3 ? [true, false] : [false, true],
    );
  }
});

test('headers of an earlier death are kept, but are not taken for ours', () => {
  const letter = letterOf(rejected(null, { 'cpt-dead-letter-reason': 'forged', domain: 'd' }), context);
  assert.equal(header(letter, 'reason'), 'invalid_json');
  assert.deepEqual(letter.headers?.['was-cpt-dead-letter-reason'], ['forged']);
  assert.equal(letter.value, null);
});

test('property: no headers make it throw, and all that it gives can be sent', () => {
  const value = fc.oneof(
    fc.uint8Array().map((bytes) => Buffer.from(bytes)),
    fc.string(),
    fc.constant(null),
    fc.anything(),
  );
  const names = fc.constantFrom('__proto__', 'toString', 'constructor', 'x', 'cpt-dead-letter-id');
  const headers = fc.dictionary(names, fc.oneof(value, fc.array(value)));
  fc.assert(
    fc.property(headers, fc.nat(3), (given, cut) => {
      const before = Object.getPrototypeOf({});
      const letter = letterOf(rejected(Buffer.from('x'), given), { ...context, cut });
      for (const one of Object.values(letter.headers!).flat()) {
        assert.ok(typeof one === 'string' || Buffer.isBuffer(one));
      }
      assert.equal(Object.getPrototypeOf({}), before);
    }),
  );
});
