import assert from 'node:assert/strict';
import { test } from 'node:test';
import { distantHosts, isLoopback } from '../../../src/edge/kafka/loopback.ts';

test('what is this machine, and what only looks like it', () => {
  const near = [
    'localhost',
    'LOCALHOST',
    'a.localhost',
    '127.0.0.1',
    '127.9.8.7',
    '::1',
    '[::1]',
    '0:0:0:0:0:0:0:1',
  ];
  for (const host of near) assert.ok(isLoopback(host), host);
  const far = [
    '127.0.0.1.example',
    'localhost.example',
    'notlocalhost',
    '10.0.0.1',
    '0.0.0.0',
    '::',
    '::2',
    '1::1',
    '::1:1',
    '[fe80::1]',
    '',
  ];
  for (const host of far) assert.ok(!isLoopback(host), host);
  assert.deepEqual(distantHosts(['localhost:1', '[::1]:2', 'b.example:9092', '[2001:db8::1]:3']), [
    'b.example',
    '[2001:db8::1]',
  ]);
});
