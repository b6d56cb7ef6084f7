/** One test for each way in which a header can be wrong. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { decodeSafetensors } from '../../src/checkpoint/safetensors.ts';

/** A file with the header `json`, `data` bytes of tensors, and a length that is true unless it is given. */
function file(json: string | Uint8Array, data = 0, length?: bigint): Uint8Array {
  const text = Buffer.from(json);
  const head = Buffer.alloc(8);
  head.writeBigUInt64LE(length ?? BigInt(text.length));
  return Uint8Array.from(Buffer.concat([head, text, Buffer.alloc(data)]));
}

const info = (begin: number, end: number, more = '"dtype":"F32","shape":[1]') =>
  `{${more},"data_offsets":[${begin},${end}]}`;

const malformed: readonly (readonly [string, Uint8Array, RegExp])[] = [
  ['shorter than 8 bytes', new Uint8Array(7), /7 bytes, fewer than 8/],
  ['header length beyond the file', file('{}', 0, 3n), /claims 3 bytes/],
  ['header over 100 MB', file('{}', 0, 100_000_001n), /over 100 MB/],
  ['header length of 64 bits', file('{}', 0, 2n ** 64n - 1n), /over 100 MB/],
  ['empty header', file(''), /does not begin/],
  ['header that begins with a space', file(' {}'), /does not begin/],
  ['header with a byte order mark', file('\ufeff{}'), /does not begin/],
  ['header that is not JSON', file('{"a":}'), /not JSON/],
  ['header with something behind it', file('{} {}'), /not JSON/],
  ['header that is not UTF-8', file(Buffer.from('{"\xff":1}', 'latin1')), /not UTF-8/],
  ['header that is not an object', file('[]'), /does not begin/],
  ['entry that is not an object', file('{"a":[]}'), /"a" is not an object/],
  ['entry that is null', file('{"a":null}'), /"a" is not an object/],
  ['unknown dtype', file(`{"a":${info(0, 4, '"dtype":"F33","shape":[1]')}}`, 4), /dtype "F33"/],
  [
    'dtype named like an object’s method',
    file(`{"a":${info(0, 4, '"dtype":"toString","shape":[1]')}}`, 4),
    /dtype/,
  ],
  ['missing dtype', file(`{"a":${info(0, 4, '"shape":[1]')}}`, 4), /dtype none/],
  ['missing shape', file(`{"a":${info(0, 4, '"dtype":"F32"')}}`, 4), /shape none/],
  ['negative axis', file(`{"a":${info(0, 4, '"dtype":"F32","shape":[-1,-1]')}}`, 4), /shape \[-1,-1\]/],
  ['fractional axis', file(`{"a":${info(0, 4, '"dtype":"F32","shape":[0.5,2]')}}`, 4), /shape/],
  ['axis as text', file(`{"a":${info(0, 4, '"dtype":"F32","shape":["1"]')}}`, 4), /shape/],
  [
    'overflowing shape',
    file(`{"a":${info(0, 4, '"dtype":"F32","shape":[4294967296,4294967296]')}}`, 4),
    /counted/,
  ],
  [
    'overflowing shape with a zero',
    file(`{"a":${info(0, 0, '"dtype":"F32","shape":[9007199254740991,9,0]')}}`),
    /counted/,
  ],
  ['axis beyond safe integers', file(`{"a":${info(0, 4, '"dtype":"F32","shape":[1e300]')}}`, 4), /shape/],
  ['too few bytes for dtype and shape', file(`{"a":${info(0, 2)}}`, 2), /has 2 bytes, not the 4/],
  ['too many bytes for dtype and shape', file(`{"a":${info(0, 8)}}`, 8), /has 8 bytes, not the 4/],
  ['missing offsets', file('{"a":{"dtype":"F32","shape":[1]}}', 4), /no data_offsets/],
  ['three offsets', file('{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4,4]}}', 4), /no data_offsets/],
  ['negative offset', file(`{"a":${info(-4, 0)}}`, 4), /no data_offsets/],
  [
    'offset that is no number',
    file('{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,"4"]}}', 4),
    /no data_offsets/,
  ],
  ['offsets turned round', file(`{"a":${info(4, 0)}}`, 4), /ends before it begins/],
  ['offset beyond the file', file(`{"a":${info(0, 4)}}`, 3), /ends at byte 4 of 3/],
  ['overlap', file(`{"a":${info(0, 4)},"b":${info(2, 6)}}`, 6), /"b" overlaps/],
  ['the same bytes twice', file(`{"a":${info(0, 4)},"b":${info(0, 4)}}`, 4), /overlaps/],
  ['hole at the beginning', file(`{"a":${info(4, 8)}}`, 8), /hole of 4 bytes/],
  [
    'hole in between',
    file(`{"a":${info(0, 4)},"b":${info(6, 10)}}`, 10),
    /hole of 2 bytes before the tensor "b"/,
  ],
  ['bytes behind the last tensor', file(`{"a":${info(0, 4)}}`, 5), /last 1 bytes/],
  ['bytes and no tensor', file('{}', 1), /last 1 bytes/],
  ['the same name twice', file(`{"a":${info(0, 4)},"a":${info(4, 8)}}`, 8), /key "a" twice/],
  [
    'the same name twice, once escaped',
    file(`{"a":${info(0, 4)},"\\u0061":${info(4, 8)}}`, 8),
    /key "a" twice/,
  ],
  [
    'the same field twice',
    file('{"a":{"dtype":"F32","dtype":"F32","shape":[1],"data_offsets":[0,4]}}', 4),
    /"dtype" twice/,
  ],
  ['two metadata entries', file('{"__metadata__":{},"__metadata__":{}}'), /twice/],
  ['tensor named __proto__', file(`{"__proto__":${info(0, 4)}}`, 4), /__proto__/],
  ['tensor named __proto__, escaped', file(`{"\\u005f_proto__":${info(0, 4)}}`, 4), /__proto__/],
  ['__proto__ in the metadata', file('{"__metadata__":{"__proto__":"x"}}'), /__proto__/],
  ['metadata that is not text', file('{"__metadata__":{"a":1}}'), /strings to strings/],
  ['metadata that is a list', file('{"__metadata__":["a"]}'), /strings to strings/],
];

for (const [name, bytes, message] of malformed) {
  test(`refused: ${name}`, () => {
    assert.throws(() => decodeSafetensors(bytes), { name: 'CptError', code: 'CPT_SAFETENSORS', message });
  });
}

test('a deeply nested header and a very long key are faults, not crashes', () => {
  const code = 'CPT_SAFETENSORS';
  assert.throws(() => decodeSafetensors(file(`{"a":${'['.repeat(200_000)}${']'.repeat(200_000)}}`)), {
    code,
  });
  assert.throws(() => decodeSafetensors(file(`{"${'\\"'.repeat(2_000_000)}":1}`)), { code });
});

test('what looks odd and is allowed', () => {
  const read = decodeSafetensors(
    file(
      `{"b":${info(4, 8)},"e":${info(4, 4, '"dtype":"I8","shape":[3,0]')},"a":${info(0, 4)},"s":${info(8, 16, '"dtype":"I64","shape":[]')}}  `,
      16,
    ),
  );
  assert.deepEqual(
    Object.entries(read.tensors).map(([name, { shape, data }]) => [name, shape, data.length]),
    [
      ['a', [1], 4],
      ['e', [3, 0], 0],
      ['b', [1], 4],
      ['s', [], 8],
    ],
  );
});
