import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { parseTaskMessage, type TaskMessage, toTaskMessage } from '../../../src/edge/kafka/task-message.ts';
import { CptError } from '../../../src/errors.ts';

const hash = 'ab'.repeat(32);
const message: TaskMessage = {
  lineage: 'news',
  task: 7,
  domain: 'd3',
  near: ['d1', 'küche'],
  label: 'food, service',
  passages: { sha256: hash, bytes: 1234, count: 12 },
  signatures: { sha256: 'cd'.repeat(32), bytes: 2 },
};
const utf8 = (text: string): Uint8Array => new TextEncoder().encode(text);
const key = utf8('news');
type Json = Record<string, unknown>;
const envelope = JSON.parse(toTaskMessage(message).value) as Json;

test('a task goes through a message and comes back', () => {
  const sent = toTaskMessage(message);
  assert.equal(sent.key, 'news');
  assert.match(sent.headers['content-type'], /^application\/cloudevents\+json/);
  assert.deepEqual(
    { ...envelope, data: null },
    {
      specversion: '1.0',
      id: 'news/task/7',
      source: 'cpt-stream/news',
      type: 'cpt.TaskQueued',
      subject: 'd3',
      datacontenttype: 'application/json',
      data: null,
    },
  );
  assert.deepEqual(parseTaskMessage(utf8(sent.key), utf8(sent.value)), message);
  const unlabelled = { ...message, label: null, near: [] };
  assert.deepEqual(parseTaskMessage(key, utf8(toTaskMessage(unlabelled).value)), unlabelled);
  // an attribute that others add to the envelope is theirs
  assert.deepEqual(
    parseTaskMessage(key, utf8(JSON.stringify({ ...envelope, traceparent: '00-1' }))),
    message,
  );
});

const refuses = (value: Uint8Array | null, what: RegExp, withKey: Uint8Array | null = key): void => {
  assert.throws(
    () => parseTaskMessage(withKey, value),
    (error) => error instanceof CptError && error.code === 'CPT_KAFKA' && what.test(error.message),
    String(what),
  );
};
const changed = (change: (copy: { data: Json } & Json) => void): Uint8Array => {
  const copy = structuredClone(envelope) as { data: Json } & Json;
  change(copy);
  return utf8(JSON.stringify(copy));
};

test('what is no message of JSON is refused', () => {
  refuses(null, /it is empty/);
  refuses(new Uint8Array([0xff, 0xfe]), /not UTF-8/);
  refuses(utf8('{"specversion"'), /not JSON/);
  refuses(utf8('[]'), /not an object/);
  refuses(utf8('{"__proto__":{}}'), /__proto__/);
  refuses(utf8('{"id":1,"id":2}'), /twice/);
  refuses(new Uint8Array(256 * 1024 + 1).fill(32), /bytes/);
  refuses(
    changed(() => {}),
    /key/,
    null,
  );
  refuses(
    changed(() => {}),
    /key/,
    utf8('other'),
  );
});

test('each wrong member is refused by name', () => {
  const cases: readonly [(copy: { data: Json } & Json) => void, RegExp][] = [
    [(m) => Object.assign(m, { specversion: '0.3' }), /specversion/],
    [(m) => Object.assign(m, { type: 'cpt.DomainClosed' }), /type/],
    [(m) => Object.assign(m, { datacontenttype: 'text/plain' }), /datacontenttype/],
    [(m) => Object.assign(m, { source: 'cpt-stream/other' }), /source/],
    [(m) => Object.assign(m, { id: 'news/task/8' }), /id/],
    [(m) => Object.assign(m, { data: null }), /data is not an object/],
    [({ data }) => Object.assign(data, { version: 2 }), /version 2/],
    [({ data }) => Object.assign(data, { more: 1 }), /member "more"/],
    [({ data }) => Object.assign(data, { lineage: '../x' }), /lineage/],
    [({ data }) => Object.assign(data, { lineage: 'main' }), /lineage/],
    [({ data }) => Object.assign(data, { lineage: 7 }), /lineage/],
    [({ data }) => Object.assign(data, { domain: 'main' }), /domain/],
    [({ data }) => Object.assign(data, { domain: 'd1.2' }), /domain/],
    [({ data }) => Object.assign(data, { domain: 'u\u0308' }), /domain/],
    [({ data }) => Object.assign(data, { near: 'd1' }), /near/],
    [({ data }) => Object.assign(data, { near: [''] }), /near/],
    [({ data }) => Object.assign(data, { near: Array(1001).fill('d1') }), /near/],
    [({ data }) => Object.assign(data, { label: 'x'.repeat(10_000) }), /label/],
    [({ data }) => Object.assign(data, { label: 7 }), /label/],
    [({ data }) => Object.assign(data, { passages: [] }), /passages is not an object/],
    [({ data }) => Object.assign(data, { signatures: { sha256: hash } }), /signatures has no bytes/],
  ];
  for (const [change, what] of cases) refuses(changed(change), what);
  for (const task of [0, -1, 1.5, '7', null, 2 ** 53]) {
    refuses(
      changed(({ data }) => Object.assign(data, { task })),
      /task/,
    );
  }
  for (const sha256 of ['', 'AB'.repeat(32), 'ab', 1]) {
    for (const part of ['passages', 'signatures']) {
      refuses(
        changed(({ data }) => Object.assign(data[part] as Json, { sha256 })),
        /sha256/,
      );
    }
  }
  for (const bytes of [0, -1, 1.5, 2 ** 40, '1', null]) {
    for (const part of ['passages', 'signatures']) {
      refuses(
        changed(({ data }) => Object.assign(data[part] as Json, { bytes })),
        /bytes/,
      );
    }
    refuses(
      changed(({ data }) => Object.assign(data.passages as Json, { count: bytes })),
      /count/,
    );
  }
});

test('a message that lacks any one member is refused', () => {
  const { subject: _, ...needed } = envelope; // a convenience for readers of envelopes
  for (const member of Object.keys(needed))
    refuses(
      changed((m) => delete m[member]),
      /./,
    );
  for (const member of Object.keys(envelope.data as Json)) {
    refuses(
      changed(({ data }) => delete data[member]),
      new RegExp(`no ${member}`),
    );
  }
});

test('whatever the bytes, a message is parsed or refused with its code', () => {
  fc.assert(
    fc.property(fc.json(), (json) => {
      const data = { ...envelope, data: JSON.parse(json) as unknown };
      refuses(utf8(JSON.stringify(data)), /not a task/);
    }),
  );
});
