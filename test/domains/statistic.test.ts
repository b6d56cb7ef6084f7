import assert from 'node:assert/strict';
import { test } from 'node:test';
import { BUCKETS, type Features } from '../../src/domains/features.ts';
import { RESERVOIR, Reference, RUN } from '../../src/domains/reference.ts';
import { spreadAlong } from '../../src/domains/spread.ts';
import { type Block, crossFit, type Ends, mayShift } from '../../src/domains/statistic.ts';
import { makeRng } from '../../src/rng.ts';

function passage(...values: number[]): Features {
  return {
    bucket: Uint16Array.from(values, (_, k) => k),
    count: new Uint8Array(values.length).fill(1),
    value: Float32Array.from(values),
  };
}

function block(count: number, ...means: number[]): Block {
  const sum = new Float64Array(BUCKETS);
  for (const [k, mean] of means.entries()) sum[k] = mean * count;
  return { sum, count };
}

/** Two passages in each half, weights of 1: mean 0.5 and 0.25, both spreads √(1/8) = 0.353553. */
function small(): Reference {
  const reference = new Reference(0);
  for (const value of [0.25, 0.75]) reference.halves[0].add(passage(value), 0);
  for (const value of [0, 0.5]) reference.halves[1].add(passage(value), 0);
  reference.weights.fill(1);
  return reference;
}

test('the statistic on one bucket, worked by hand', () => {
  // In one dimension the direction cancels: z(k) = (block − other half) / 0.353553 / √(1/2 + (1/2 + 1/2)/4).
  // Block 0 has mean 2: (1.75 + 1.5) / 2 / 0.353553 / 0.866025 = 5.307228, the least.
  // Effects: mean 3 gives (2.75 + 2.5) / 2 / 0.353553 = 7.424621, mean 4 gives 10.253048; their mean 7.424621.
  const { z, effect } = crossFit([block(2, 2), block(2, 3), block(2, 4)], small());
  assert.ok(Math.abs(z - 5.307228) < 1e-6);
  assert.ok(Math.abs(effect - 7.424621) < 1e-6);
});

test('weights enter squared along a direction: a bucket without weight says nothing', () => {
  const reference = small();
  reference.weights.fill(0, 1);
  const blocks = [block(2, 2, 9), block(2, 3, -9), block(2, 4, 9)] as const;
  assert.ok(Math.abs(crossFit([...blocks], reference).z - 5.307228) < 1e-6);
});

test('one block that goes the other way, and the statistic is 0: a burst fills one block only', () => {
  const reference = small();
  assert.deepEqual(crossFit([block(2, 0.375), block(2, 0.3), block(2, 9)], reference), { z: 0, effect: 0 });
});

test('a spread of 0 is a change without measure, not NaN', () => {
  const reference = new Reference(0);
  for (const half of reference.halves) for (let k = 0; k < 2; k++) half.add(passage(0.5), 0);
  reference.weights.fill(1);
  const { z } = crossFit([block(8, 1), block(8, 1), block(8, 1)], reference);
  assert.ok(z > 1e100 && !Number.isNaN(z));
  assert.equal(crossFit([block(8, 0.5), block(8, 0.5), block(8, 0.5)], reference).z, 0);
});

test('spread is the standard deviation with n − 1', () => {
  const reference = small();
  assert.ok(
    Math.abs(
      spreadAlong(
        Float64Array.from({ length: BUCKETS }, () => 3),
        reference.halves[1],
      ) - 1.06066,
    ) < 1e-6,
  );
});

test('noise does not look like change, however many buckets it has', () => {
  const rng = makeRng('noise');
  const noise = (): Features => passage(...Array.from({ length: 400 }, () => rng.normal()));
  let above = 0;
  for (let trial = 0; trial < 40; trial++) {
    const reference = new Reference(trial);
    for (let k = 0; k < 64; k++) reference.add(noise());
    reference.weights.fill(1);
    const blocks = [0, 1, 2].map(() => {
      const sum = new Float64Array(BUCKETS);
      for (let k = 0; k < 8; k++) for (const [i, value] of noise().value.entries()) sum[i]! += value;
      return { sum, count: 8 };
    });
    const { z } = crossFit(blocks as [Block, Block, Block], reference);
    if (z > 1) above++;
    assert.ok(z < 3.5);
  }
  assert.ok(above <= 6); // all three blocks above 1: some 2 % were they independent
});

test('where no shift is possible the statistic is 0; where it is above 0 one was', () => {
  const rng = makeRng('ends');
  let impossible = 0;
  for (let trial = 0; trial < 200; trial++) {
    const noise = (shift: number): Features =>
      passage(...Array.from({ length: 40 }, () => Math.abs(rng.normal()) + shift));
    const reference = new Reference(trial);
    for (let k = 0; k < 32; k++) reference.add(noise(0));
    reference.weights.fill(1);
    const ends = [new Float64Array(BUCKETS).fill(3)];
    const blocks = [0, 1, 2].map(() => {
      const sum = new Float64Array(BUCKETS);
      for (let k = 0; k < 8; k++) for (const [i, x] of noise((trial % 3) / 4).value.entries()) sum[i]! += x;
      ends.push(ends.at(-1)!.map((before, i) => before + sum[i]!));
      return { sum, count: 8 };
    });
    const { z } = crossFit(blocks as [Block, Block, Block], reference);
    const may = mayShift(ends as unknown as Ends, 8, reference);
    if (!may) impossible++;
    assert.equal(may, z > 0, `trial ${trial}, ${z}`);
  }
  assert.ok(impossible > 20 && impossible < 180, `${impossible}`);
});

test('runs of eight go to the halves in turn, weights follow the document frequencies', () => {
  const reference = new Reference(7);
  const a = passage(1); // bucket 0 in every passage
  const b = passage(0.5, 0.5); // bucket 1 in half of them
  for (let k = 0; k < 4 * RUN; k++) reference.add(k % 2 === 0 ? a : b);
  assert.deepEqual(
    reference.halves.map((half) => half.count),
    [2 * RUN, 2 * RUN],
  );
  assert.equal(reference.weightedAt, 4 * RUN);
  assert.equal(reference.weights[0], 0); // df/n = 1: ln 1/1.01 is below 0
  assert.ok(Math.abs(reference.weights[1]! - Math.log(1 / (20 / 36 + 0.01)) ** 2) < 1e-12);
  assert.ok(Math.abs(reference.weights[2]! - Math.log(1 / (4 / 36 + 0.01)) ** 2) < 1e-12);
});

test('weights stay until the reference has grown by a fifth', () => {
  const reference = new Reference(0);
  for (let k = 0; k < 80; k++) reference.add(passage(1));
  assert.equal(reference.weightedAt, 80);
  for (let k = 0; k < 8; k++) reference.add(passage(0, 1));
  assert.equal(reference.weightedAt, 80); // 88 < 96
  for (let k = 0; k < 8; k++) reference.add(passage(0, 1));
  assert.equal(reference.weightedAt, 96);
});

test('a reservoir is a uniform sample, and the same for the same passages', () => {
  const sample = (): number[] => {
    const { halves } = Array.from({ length: 4000 }, (_, k) => passage(k)).reduce((reference, features) => {
      reference.add(features);
      return reference;
    }, new Reference(3));
    return halves[0].reservoir.map((features) => features.value[0]!);
  };
  const values = sample();
  assert.equal(values.length, RESERVOIR);
  assert.deepEqual(values, sample());
  const mean = values.reduce((sum, value) => sum + value, 0) / RESERVOIR;
  assert.ok(Math.abs(mean - 2000) < 4 * (4000 / Math.sqrt(12 * RESERVOIR))); // four standard errors
});
