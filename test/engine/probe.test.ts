import assert from 'node:assert/strict';
import test from 'node:test';
import { ACCELERATORS, prober } from '../../src/engine/index.ts';

test('the processor is usable; every other device is, with its speed, or has a reason in one line', async () => {
  const probe = prober(() => performance.now());
  const cpu = await probe('cpu');
  assert.equal(cpu.reason, null);
  assert.match(cpu.by, /^onnxruntime \d/);
  for (const device of ACCELERATORS) {
    const { reason, speed } = await probe(device);
    if (reason === null) assert.ok(speed! > 0, device);
    else assert.match(reason, /^\S[^\n]*$/);
  }
});
