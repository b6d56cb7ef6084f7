import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Vigil } from '../../../src/edge/trainer/vigil.ts';

const look = (vigil: Vigil, seconds: number, memory: number | null = null) => {
  for (let passed = 0; passed < seconds; passed += 0.25) {
    const wrong = vigil.look({ elapsed: 0.25, memory });
    if (wrong !== null) return wrong;
  }
  return null;
};

test('a pass that is silent for longer than the timeout hangs, a sign of life starts the count again', () => {
  const vigil = new Vigil({ maxMemory: Number.POSITIVE_INFINITY, timeout: 5 });
  vigil.alive('pass');
  assert.equal(look(vigil, 4), null);
  vigil.alive('pass');
  assert.equal(look(vigil, 4), null);
  assert.equal(look(vigil, 40), 'hang');
});

test('passes that were slow may be slow: ten times the longest before', () => {
  const vigil = new Vigil({ maxMemory: Number.POSITIVE_INFINITY, timeout: 5 });
  for (const seconds of [3, 4, 2]) {
    vigil.alive('pass');
    assert.equal(look(vigil, seconds), null);
  }
  vigil.alive('pass');
  assert.equal(vigil.patience, 40);
  assert.equal(look(vigil, 39), null);
  assert.equal(look(vigil, 2), 'hang');
});

test('loading, compiling and publishing may take ten minutes, and do not count as passes', () => {
  const vigil = new Vigil({ maxMemory: Number.POSITIVE_INFINITY, timeout: 5 });
  assert.equal(look(vigil, 599), null);
  vigil.alive('pass');
  assert.equal(vigil.patience, 5);
  vigil.alive('phase');
  assert.equal(look(vigil, 599), null);
  assert.equal(look(vigil, 2), 'hang');
});

test('silence while this process slept is not held against the trainer', () => {
  const vigil = new Vigil({ maxMemory: Number.POSITIVE_INFINITY, timeout: 5 });
  vigil.alive('pass');
  assert.equal(vigil.look({ elapsed: 3600, memory: null }), null);
});

test('memory over the limit is told at once; one that cannot be measured is let be', () => {
  const vigil = new Vigil({ maxMemory: 1000, timeout: Number.POSITIVE_INFINITY });
  assert.equal(vigil.look({ elapsed: 0, memory: 1000 }), null);
  assert.equal(vigil.look({ elapsed: 0, memory: null }), null);
  assert.equal(vigil.look({ elapsed: 0, memory: 1001 }), 'memory');
  assert.equal(look(vigil, 10_000), null, 'without a timeout nothing hangs');
});
