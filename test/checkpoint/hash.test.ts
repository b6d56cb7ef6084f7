import assert from 'node:assert/strict';
import { test } from 'node:test';
import { canonicalJson } from '../../src/checkpoint/canonical-json.ts';
import { byteLength, gitBlobSha1, lfsPointer, sha256 } from '../../src/checkpoint/hash.ts';

const text = (of: string) => new TextEncoder().encode(of);

test('the hashes are those of sha256sum and of git hash-object', () => {
  assert.equal(sha256(text('')), 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855');
  assert.equal(sha256(text('abc')), 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad');
  assert.equal(gitBlobSha1(text('')), 'e69de29bb2d1d6434b8b29ae775ad8c2e48c5391');
  assert.equal(gitBlobSha1(text('hello\n')), 'ce013625030ba8dba906f756967f9e9ca394464a');
});

test('pieces hash as the whole', () => {
  const parts = [text('hel'), text(''), text('lo\n')];
  assert.equal(sha256(parts), sha256(text('hello\n')));
  assert.equal(gitBlobSha1(parts), gitBlobSha1(text('hello\n')));
  assert.equal(byteLength(parts), 6);
});

test('an LFS pointer is the three lines of the specification', () => {
  const pointer = lfsPointer('a'.repeat(64), 12);
  assert.match(pointer, /^version https:\/\/git-lfs\.github\.com\/spec\/v1\noid sha256:a{64}\nsize 12\n$/);
});

test('canonical JSON: one spelling of one value', () => {
  assert.equal(
    canonicalJson({ b: [1, { d: null, c: 'é' }], a: -0 }),
    canonicalJson({ a: 0, b: [1, { c: 'é', d: null }] }),
  );
  assert.equal(canonicalJson({ b: 1, a: undefined }), '{\n  "b": 1\n}\n');
  assert.throws(() => canonicalJson({ a: Number.NaN }), RangeError);
  assert.throws(() => canonicalJson([Number.POSITIVE_INFINITY]), RangeError);
});
