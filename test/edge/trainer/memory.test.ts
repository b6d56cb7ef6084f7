import assert from 'node:assert/strict';
import fs from 'node:fs';
import { test } from 'node:test';
import {
  type Death,
  diedOfMemory,
  isAllocationFailure,
  memoryOfMachine,
  residentMemory,
} from '../../../src/edge/trainer/memory.ts';

test('resident memory of this process is what it says itself, of no process is null', (t) => {
  if (!fs.existsSync('/proc/self/status')) return t.skip('no /proc');
  const [read, own] = [residentMemory(process.pid)!, process.memoryUsage.rss()];
  assert.ok(Math.abs(read - own) < 0.2 * own, `${read}, not ${own}`);
  assert.equal(residentMemory(2 ** 30), null);
});

test('the machine has memory', () => {
  assert.ok(memoryOfMachine() > 1e8);
});

test("a SIGKILL is the kernel's where it counts one more, or where the process held most of the machine", () => {
  const death: Death = { signal: 'SIGKILL', memory: 1e9, kills: [3, 3], machine: 8e9 };
  assert.equal(diedOfMemory(death), false);
  assert.equal(diedOfMemory({ ...death, kills: [3, 4] }), true);
  assert.equal(diedOfMemory({ ...death, kills: [null, null], memory: 7e9 }), true);
  assert.equal(diedOfMemory({ ...death, kills: [null, null], memory: null }), false);
  assert.equal(diedOfMemory({ ...death, signal: 'SIGSEGV', kills: [3, 4] }), false);
  assert.equal(diedOfMemory({ ...death, signal: null, kills: [3, 4] }), false);
});

test('failed allocations are known by what is said of them', () => {
  for (const message of [
    'ONNX Runtime could not run the graph: Failed to allocate memory for requested buffer of size 4194304',
    'std::bad_alloc',
    'Array buffer allocation failed',
    'CUDA failure 2: out of memory',
  ]) {
    assert.ok(isAllocationFailure(message), message);
  }
  assert.ok(!isAllocationFailure('The loss is NaN at step 3.'));
});
