import assert from 'node:assert/strict';
import { test } from 'node:test';
import { backwardTransfer, forgetting, forwardTransfer, perplexity } from '../../src/measure/forgetting.ts';

test('forgetting is what a domain lost since it was published', () => {
  assert.equal(forgetting({ published: 4.74, own: 5.07 }).toFixed(2), '0.33');
  assert.equal(forgetting({ published: 5.07, own: 5.07 }), 0);
});

test('backward transfer is the mean over earlier domains, negative when something was forgotten', () => {
  assert.equal(backwardTransfer([]), null);
  assert.ok(Object.is(backwardTransfer([{ published: 5, own: 5 }]), 0));
  const losses = [
    { published: 5, own: 5.5 },
    { published: 4, own: 3.9 },
  ];
  assert.equal(backwardTransfer(losses)?.toFixed(3), '-0.200');
});

test('forward transfer is what the newest checkpoint gives before training', () => {
  assert.equal(forwardTransfer(6, null), null);
  assert.equal(forwardTransfer(6, 5.75), 0.25);
});

test('perplexity of a uniform guess over 8 is 8', () => {
  assert.equal(Math.round(perplexity(Math.log(8))), 8);
});
