import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Noise } from '../../src/domains/noise.ts';

const close = (actual: number, expected: number): void =>
  assert.ok(Math.abs(actual - expected) < 1e-9, `${actual}, expected ${expected}`);

test('without a look every window has the prior scale', () => {
  for (const scale of new Noise().scales()) close(scale, 3.5);
});

test('a scale is the fourth root of the mean fourth power, the prior counting as one look', () => {
  const noise = new Noise();
  for (let k = 0; k < 6; k++) noise.learn([1]);
  const first = (3.5 ** 4 + 6) / 7;
  close(noise.scales()[0]!, first ** 0.25);
  close(noise.scales()[1]!, first ** 0.25); // no look of its own: that of the window before
  noise.learn([0, 2]); // half a look of twice the length
  close(noise.scales()[1]!, ((2 * first + 0.5 * 16) / 2.5) ** 0.25);
});

test('looks without a sign of change are none, and no scale falls under the least', () => {
  const noise = new Noise();
  for (let k = 0; k < 50; k++) noise.learn([0, 0, 0]);
  close(noise.scales()[0]!, 3.5);
  for (let k = 0; k < 5000; k++) noise.learn([0.1]);
  close(noise.scales()[0]!, 0.85);
});

test('one look counts as five scales at most', () => {
  const [wild, bound] = [new Noise(), new Noise()];
  wild.learn([1000]);
  bound.learn([5 * 3.5]);
  assert.deepEqual(wild.scales(), bound.scales());
});

test('a run between two windows has the larger of their scales', () => {
  const noise = new Noise();
  for (let k = 0; k < 500; k++) noise.learn([3, 1, 1, 1, 1]);
  const [first, second, , fourth, last] = noise.scales() as [number, number, number, number, number];
  close(noise.scaleOf(10), first);
  close(noise.scaleOf(30), first);
  close(noise.scaleOf(50), second);
  close(noise.scaleOf(300), fourth);
  close(noise.scaleOf(2000), Math.max(fourth, last));
});

test('the next domain begins with the same mean of at most four looks, and soon has its own', () => {
  const noise = new Noise();
  for (let k = 0; k < 100; k++) noise.learn([3]);
  const next = noise.handOn();
  close(next.looks[0]!, 4);
  close(next.fourths[0]!, 4 * 81);
  for (let k = 0; k < 100; k++) next.learn([1]);
  assert.ok(next.scales()[0]! < 1.6 && noise.scales()[0]! > 2.9);
});
