import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { SchemaRegistry, SchemaType } from '@kafkajs/confluent-schema-registry';
import type { FeedRecord } from '../../../../src/edge/feed/feed.ts';
import { READING_DEFAULTS } from '../../../../src/edge/kafka/reading-options.ts';
import { framedOf } from '../../../../src/edge/kafka/schemas/framed.ts';
import { CptError } from '../../../../src/errors.ts';
import { decodePassage } from '../../../../src/text/decode.ts';
import { openFakeRegistry } from './fake-registry.ts';

const avro = (type: object) => ({ schema: JSON.stringify(type) });
const json = (schema: object) => ({ schemaType: 'JSON', schema: JSON.stringify(schema) });
const review = {
  type: 'record',
  name: 'Review',
  namespace: 'shop',
  fields: [
    { name: 'text', type: 'string' },
    { name: 'domain', type: ['null', 'string'], default: null },
    { name: 'at', type: { type: 'long', logicalType: 'timestamp-millis' } },
  ],
};
const deep = (levels: number) => `${'{"type":"array","items":'.repeat(levels)}"int"${'}'.repeat(levels)}`;
const laughs = Object.fromEntries(
  Array.from({ length: 40 }, (_, at) => {
    const next = { $ref: `#/definitions/d${at + 1}` };
    return [`d${at}`, at === 39 ? { type: 'object' } : { allOf: [next, next] }];
  }),
);
const registry = await openFakeRegistry({
  'schemas/ids/1': avro(review),
  'schemas/ids/2': json({
    type: 'object',
    properties: { text: { type: 'string', format: 'prose' } },
    required: ['text'],
  }),
  'schemas/ids/3': {
    ...avro({ type: 'record', name: 'Outer', fields: [{ name: 'text', type: 'shop.Words' }] }),
    references: [{ name: 'shop.Words', subject: 'words', version: 1 }],
  },
  'subjects/words/versions/1': avro({
    type: 'enum',
    name: 'Words',
    namespace: 'shop',
    symbols: ['hello', 'bye'],
  }),
  'schemas/ids/4': { schema: 'no JSON' },
  'schemas/ids/5': { schemaType: 'PROTOBUF', schema: 'message A {}' },
  'schemas/ids/6': { schema: deep(30_000) },
  'schemas/ids/7': { schema: JSON.stringify(`x${'y'.repeat(2 << 20)}`) },
  'schemas/ids/8': json({ type: 'object', properties: { text: { pattern: '^(a+)+$' } } }),
  'schemas/ids/9': json({ definitions: laughs, $ref: '#/definitions/d0' }),
  'schemas/ids/10': avro({ type: 'array', items: 'null' }),
  'schemas/ids/11': avro({ type: 'record', name: 'Self', fields: [{ name: 'text', type: 'Self' }] }),
  'schemas/ids/12': avro({ type: 'string' } as const),
});
after(() => registry.close());
const client = new SchemaRegistry({ host: registry.url }, { [SchemaType.JSON]: { strict: false } });

const settings = { ...READING_DEFAULTS, schemaRegistry: registry.url };
const record = (bytes: Buffer | null): FeedRecord => ({
  bytes,
  size: bytes?.length ?? 0,
  position: 't[0]@0',
});
const frame = (id: number, payload: string | Buffer): Buffer =>
  Buffer.concat([Buffer.from([0, 0, 0, 0, id]), Buffer.from(payload)]);
const framed = (await framedOf(settings))!;
const outcomes = async (...values: (Buffer | null)[]) => {
  const records = await framed.decode(values.map(record));
  return records.map((one) => {
    const decoded = decodePassage(one, { timeFrom: 'field:at' });
    return decoded.ok ? [decoded.text, decoded.domain, decoded.time] : decoded.reason;
  });
};

test('Avro, JSON Schema, references and plain records come out in their order', async () => {
  const at = 1_700_000_000_500;
  assert.deepEqual(
    await outcomes(
      await client.encode(1, { text: 'avro', domain: 'a', at }),
      Buffer.from('{"text":"plain JSON"}'),
      await client.encode(2, { text: 'json' }),
      null,
      frame(3, Buffer.from([0])),
      frame(12, Buffer.from([4, 0x68, 0x69])),
      await client.encode(1, { text: 'again', domain: null, at: 5 }),
    ),
    [
      ['avro', 'a', 1_700_000_000.5],
      ['plain JSON', null, undefined],
      ['json', null, undefined],
      'tombstone',
      ['hello', null, undefined],
      ['hi', null, undefined],
      ['again', null, 5],
    ],
  );
});

test('what no schema fits is a dead letter, and its neighbours go on', async () => {
  const good = frame(2, '{"text":"x"}');
  const bad = [
    Buffer.from([0]),
    Buffer.from([0, 0, 0, 1]),
    frame(99, 'unknown'),
    Buffer.from([0, 255, 255, 255, 255, 1]),
    frame(1, 'no avro'),
    frame(1, ''),
    frame(2, '{"text":3}'),
    frame(2, '{'),
    ...[4, 5, 6, 7].map((id) => frame(id, '{}')),
  ];
  const expected = bad.flatMap(() => ['invalid_schema', ['x', null, undefined]]);
  assert.deepEqual(await outcomes(...bad.flatMap((bytes) => [bytes, good])), expected);
});

test('a schema that would never end, or take all memory, is left after a while', async () => {
  const bomb = Buffer.from([0xfe, 0xff, 0xff, 0xff, 0xff, 0xff, 0x1f]); // 2^47 items of no bytes
  assert.deepEqual(
    await outcomes(
      frame(8, JSON.stringify({ text: `${'a'.repeat(60)}!` })),
      frame(9, '{"text":"x"}'),
      frame(10, bomb),
      frame(11, Buffer.alloc(100)),
      frame(2, '{"text":"alive"}'),
    ),
    ['invalid_schema', 'invalid_schema', 'invalid_schema', 'invalid_schema', ['alive', null, undefined]],
  );
});

test('each schema is asked for once, and an unknown one not again with each record; a login goes along', async () => {
  const own = (await framedOf({ ...settings, schemaRegistryUsername: 'u', schemaRegistryPassword: 'p' }))!;
  registry.asked.length = 0;
  for (let batch = 0; batch < 3; batch++)
    await own.decode([99, 2, 99, 2].map((id) => record(frame(id, '{}'))));
  const login = `Basic ${Buffer.from('u:p').toString('base64')}`;
  assert.deepEqual(registry.asked, [`schemas/ids/99 ${login}`, `schemas/ids/2 ${login}`]);
});

test('a registry that is away is waited for, with a warning, until it answers or reading stops', async () => {
  const warnings: string[] = [];
  let warned = (): void => {};
  const first = new Promise<void>((resolve) => {
    warned = resolve;
  });
  const logger = {
    warn: (_: unknown, message: string) => {
      warnings.push(message);
      warned();
    },
    info: () => {},
  };
  const waiting = (await framedOf(settings, logger as never))!;
  registry.down = 503;
  const decoded = waiting.decode([record(frame(2, '{"text":"x"}'))]);
  await first;
  registry.down = null;
  assert.equal(decodePassage((await decoded)[0]!).ok, true);
  assert.match(warnings[0]!, /gives no schema 2: it answers with 503; reading is held back/);
  registry.down = 503;
  const stopped = waiting.decode([record(frame(1, 'x'))]);
  waiting.close();
  await assert.rejects(stopped, (error) => error instanceof CptError && error.code === 'CPT_INTERRUPTED');
  registry.down = null;
});
