import assert from 'node:assert/strict';
import test from 'node:test';
import { probeProviders } from '../../src/engine/index.ts';

test('every provider is usable or has a reason, in one line; cpu always is', async () => {
  const probes = await probeProviders();
  const names = probes.map(({ name }) => name);
  assert.equal(new Set(names).size, names.length);
  for (const name of ['cpu', 'tfjs-cpu', 'tfjs-tensorflow']) assert.ok(names.includes(name), name);
  for (const { detail } of probes) assert.match(detail, /^\S.*$/);
  const usable = probes.filter((probe) => probe.usable).map(({ name }) => name);
  for (const name of ['cpu', 'tfjs-cpu']) assert.ok(usable.includes(name), name);
});
