import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { canonicalJson } from '../../src/checkpoint/canonical-json.ts';
import { encodeManifest, type Manifest, parseManifest } from '../../src/checkpoint/manifest.ts';
import { isRefName } from '../../src/checkpoint/names.ts';

const hex = (digit: string, length = 64) => digit.repeat(length);
const manifest: Manifest = {
  format: 1,
  lineage: 'sample',
  domain: 'd1',
  version: 1,
  task: 1,
  parents: [hex('c', 40)],
  base: hex('a'),
  proof: hex('b'),
  occupancy: { kept: 3, neurons: 9 },
  losses: { base: 5.37, own: 5.07 },
  passages: 500,
  tokens: 12_345,
  provenance: { version: '0.1.0', seed: '1', provider: 'cpu' },
  files: [
    { path: 'base.safetensors', sha256: hex('a'), size: 7 },
    { path: 'onnx/model.onnx', sha256: hex('d'), size: 0 },
    { path: 'plugin.safetensors', sha256: hex('b'), size: 5 },
  ],
};
const encode = (value: unknown) => new TextEncoder().encode(canonicalJson(value));

test('a manifest comes back as it was; its name is the beginning of its hash', () => {
  const { bytes, revision } = encodeManifest(manifest);
  assert.deepEqual(parseManifest(bytes), manifest);
  assert.match(revision, /^[0-9a-f]{40}$/);
  const turned = Object.fromEntries(Object.entries(manifest).reverse()) as unknown as Manifest;
  assert.equal(encodeManifest(turned).revision, revision);
  assert.notEqual(encodeManifest({ ...manifest, tokens: 1 }).revision, revision);
});

test('entries that a later version adds are left alone', () => {
  assert.equal(
    (parseManifest(encode({ ...manifest, later: [1] })) as { later?: unknown }).later !== undefined,
    true,
  );
});

const refused = (value: unknown, message: RegExp) =>
  assert.throws(() => parseManifest(encode(value)), { code: 'CPT_VERIFY', message });

test('hostile paths are refused', () => {
  const paths = [
    '../x',
    'a/../../x',
    '/etc/passwd',
    'a//b',
    'a/',
    '.',
    '..',
    './a',
    'a/./b',
    'C:\\x',
    'a\\..\\x',
    'C:x',
    '',
    'a\0b',
    'a b',
    '~',
    '-rf',
    '.hidden',
    'con\n',
    'é',
    'a'.repeat(101),
    'a/b/c/d/e',
    'trailing.',
    '%2e%2e/x',
  ];
  for (const path of paths) {
    const files = [{ path, sha256: hex('e'), size: 1 }, ...manifest.files].sort((a, b) =>
      a.path < b.path ? -1 : 1,
    );
    refused({ ...manifest, files }, /is not a safe path/);
  }
});

test('two files in one place, a wrong order, a file that is a folder too', () => {
  const [base, onnx, plugin] = manifest.files as [object, object, object];
  const file = (path: string) => ({ path, sha256: hex('e'), size: 1 });
  refused({ ...manifest, files: [base, base, plugin] }, /listed twice/);
  refused({ ...manifest, files: [file('Base.safetensors'), base, plugin] }, /listed twice/);
  refused({ ...manifest, files: [plugin, base] }, /out of order/);
  refused({ ...manifest, files: [base, file('onnx'), onnx, plugin] }, /a file and a folder/);
});

test('every field is checked', () => {
  const file = { path: 'x', sha256: hex('e'), size: 1 };
  const withFile = (changed: object) => ({
    ...manifest,
    files: [...manifest.files, { ...file, ...changed }],
  });
  refused({ ...manifest, format: 2 }, /format is 2/);
  refused([manifest], /not an object/);
  refused({ ...manifest, lineage: '../x' }, /lineage/);
  refused({ ...manifest, domain: 'main' }, /domain/);
  refused({ ...manifest, domain: hex('a', 40) }, /domain/);
  refused({ ...manifest, domain: 7 }, /domain/);
  refused({ ...manifest, version: 0 }, /version is 0/);
  refused({ ...manifest, task: 1.5 }, /task is 1.5/);
  refused({ ...manifest, passages: -1 }, /passages/);
  refused({ ...manifest, tokens: '1' }, /tokens/);
  refused({ ...manifest, parents: [hex('c', 39)] }, /parents/);
  refused({ ...manifest, parents: [hex('C', 40)] }, /parents/);
  refused({ ...manifest, base: hex('0') }, /base is not its file/);
  refused({ ...manifest, proof: hex('0') }, /proof is not its file/);
  refused({ ...manifest, occupancy: [] }, /occupancy/);
  refused({ ...manifest, losses: { base: 1 } }, /losses/);
  refused({ ...manifest, provenance: { version: '1' } }, /no seed/);
  refused({ ...manifest, files: {} }, /lists no files/);
  refused({ ...manifest, files: [null] }, /no path/);
  refused(withFile({ sha256: hex('E') }), /no sha256/);
  refused(withFile({ sha256: `${hex('e', 63)}\n` }), /no sha256/);
  refused(withFile({ size: -1 }), /size of "x"/);
  refused(withFile({ size: 1e300 }), /size of "x"/);
});

test('bytes that say the same in another spelling, or are no manifest at all', () => {
  const code = 'CPT_VERIFY';
  const { bytes } = encodeManifest(manifest);
  const text = new TextDecoder().decode(bytes);
  const variants = [
    JSON.stringify(manifest),
    `${text} `,
    text.replace('5.37', '5.370'),
    text.replace('"sample"', '"s\\u0061mple"'),
    `\ufeff${text}`,
  ];
  for (const variant of variants) {
    assert.throws(() => parseManifest(new TextEncoder().encode(variant)), {
      code,
      message: /canonical|not JSON/,
    });
  }
  assert.throws(() => parseManifest(new TextEncoder().encode(text.replace('{', '{"task":1,'))), {
    code,
    message: /twice/,
  });
  assert.throws(() => parseManifest(new TextEncoder().encode(text.replace('{', '{"__proto__":1,'))), {
    code,
  });
  assert.throws(() => parseManifest(new Uint8Array(4_000_001)), { code, message: /4000001 bytes/ });
  assert.throws(() => parseManifest(Uint8Array.of(0x7b, 0xff, 0x7d)), { code, message: /UTF-8/ });
  const deep = '['.repeat(100_000) + ']'.repeat(100_000);
  assert.throws(() => parseManifest(new TextEncoder().encode(`{"a":${deep}}`)), { code, message: /nested/ });
});

test('whatever the bytes, the only failure is CPT_VERIFY', () => {
  fc.assert(
    fc.property(
      fc.oneof(
        fc.json().map((json) => new TextEncoder().encode(json)),
        fc.uint8Array(),
      ),
      (bytes) => {
        assert.throws(() => parseManifest(bytes), { code: 'CPT_VERIFY' });
      },
    ),
  );
});

test('names of refs', () => {
  for (const name of ['main', 'd1', 'd1.2', 'reviews', 'news.10', 'é']) assert.ok(isRefName(name), name);
  for (const name of [
    '',
    '..',
    'd1.0',
    'd1.2.3',
    '.2',
    'a/b',
    'main.1',
    hex('a', 40),
    'a\0',
    '-x',
    'd1.99999999999',
  ]) {
    assert.ok(!isRefName(name), name);
  }
});
