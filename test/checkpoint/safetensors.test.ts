import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import fc from 'fast-check';
import { DTYPES, type Dtype, type StoredTensor } from '../../src/checkpoint/dtype.ts';
import { decodeSafetensors, encodeSafetensors, safetensorsParts } from '../../src/checkpoint/safetensors.ts';

interface Fixture {
  readonly metadata: Record<string, string>;
  readonly tensors: readonly { name: string; dtype: Dtype; shape: number[]; hex: string }[];
  readonly file: string;
}
const fixtures = JSON.parse(
  readFileSync(new URL('./fixtures/safetensors.json', import.meta.url), 'utf8'),
) as Record<string, Fixture>;

for (const [name, { metadata, tensors, file }] of Object.entries(fixtures)) {
  test(`the bytes are those of the reference implementation: ${name}`, () => {
    const own: Record<string, StoredTensor> = {};
    for (const { name, dtype, shape, hex } of tensors) own[name] = { dtype, shape, data: bytes(hex) };
    assert.equal(Buffer.from(encodeSafetensors(own, metadata)).toString('hex'), file);
    const read = decodeSafetensors(bytes(file));
    assert.deepEqual(read.metadata, metadata);
    assert.deepEqual(read.tensors, own);
  });
}

const tensor: fc.Arbitrary<StoredTensor> = fc
  .record({
    dtype: fc.constantFrom(...(Object.keys(DTYPES) as Dtype[])),
    shape: fc.array(fc.integer({ min: 0, max: 4 }), { maxLength: 3 }),
  })
  .chain(({ dtype, shape }) => {
    const length = shape.reduce((product, axis) => product * axis, DTYPES[dtype]);
    return fc
      .uint8Array({ minLength: length, maxLength: length })
      .map((data) => ({ dtype, shape, data: Uint8Array.from(data) }));
  });
const named = fc
  .string({ unit: 'grapheme' })
  .filter((name) => name !== '__metadata__' && name !== '__proto__');
const files = fc.record({
  tensors: fc.dictionary(named, tensor, { maxKeys: 8, noNullPrototype: true }),
  metadata: fc.dictionary(named, fc.string({ unit: 'grapheme' }), { maxKeys: 3, noNullPrototype: true }),
});

test('what is written is read again; data is a view; tensors are aligned', () => {
  fc.assert(
    fc.property(files, ({ tensors, metadata }) => {
      const file = encodeSafetensors(tensors, metadata);
      const read = decodeSafetensors(file);
      assert.deepEqual(read, { tensors, metadata });
      const { offsets } = safetensorsParts(tensors, metadata);
      for (const [name, { dtype, data }] of Object.entries(read.tensors)) {
        assert.equal(data.buffer, file.buffer);
        assert.equal(data.byteOffset, offsets.get(name));
        assert.equal(data.byteOffset % DTYPES[dtype], 0);
      }
    }),
  );
});

test('equal tensors give equal bytes whatever order they come in', () => {
  fc.assert(
    fc.property(files, ({ tensors, metadata }) => {
      const turned = (of: object) => Object.fromEntries(Object.entries(of).reverse());
      assert.deepEqual(
        encodeSafetensors(turned(tensors), turned(metadata)),
        encodeSafetensors(tensors, metadata),
      );
    }),
  );
});

test('no bytes at all make the reader fail with anything but CPT_SAFETENSORS', () => {
  const header = fc
    .oneof(fc.json(), fc.constantFrom('{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}', '{}'))
    .map((text) => Buffer.from(text));
  const file = fc.tuple(header, fc.uint8Array({ maxLength: 8 })).map(([text, data]) => {
    const head = Buffer.alloc(8);
    head.writeUInt32LE(text.length);
    return Uint8Array.from(Buffer.concat([head, text, data]));
  });
  fc.assert(
    fc.property(fc.oneof(fc.uint8Array({ maxLength: 64 }), file), (hostile) => {
      try {
        decodeSafetensors(hostile);
      } catch (error) {
        assert.equal((error as { code?: string }).code, 'CPT_SAFETENSORS');
      }
    }),
  );
});

test('tensors that cannot be stored are refused', () => {
  const one = { dtype: 'F32', shape: [1], data: new Uint8Array(4) } as const;
  const refused = (tensors: Record<string, StoredTensor>) =>
    assert.throws(() => encodeSafetensors(tensors), { code: 'CPT_SAFETENSORS' });
  refused({ a: { ...one, shape: [2] } });
  refused({ __metadata__: one });
  refused(JSON.parse('{"__proto__":{"dtype":"F32","shape":[0],"data":{"byteLength":0}}}'));
  refused({ '\ud800': one });
});

function bytes(hex: string): Uint8Array {
  return Uint8Array.from(Buffer.from(hex, 'hex'));
}
