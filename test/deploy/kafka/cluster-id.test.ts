import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { clusterId } from '../../../deploy/kafka/cluster-id.ts';

test('an id of 16 bytes has 22 characters and never starts with a dash', () => {
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 16, maxLength: 16 }), (bytes) => {
      assert.match(clusterId(bytes), /^[A-Za-z0-9_][A-Za-z0-9_-]{21}$/);
    }),
  );
  assert.match(clusterId(new Uint8Array(16).fill(0xfb)), /^e/); // plain base64 of these bytes starts with a dash
});
