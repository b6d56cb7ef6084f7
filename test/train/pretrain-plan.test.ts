import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import {
  cutAfter,
  optimiserStart,
  type Phase,
  phaseProgress,
  phasesDone,
  placeOf,
  type Round,
  roundProgress,
  roundStart,
  tokensDone,
} from '../../src/train/pretrain-plan.ts';

const phase = (steps: number | null, share: number, batch = 2, length = 10): Phase => {
  return { steps, share, batch, length, maskRate: 0.15 };
};
const round = (trains: Round['trains'], ...phases: Phase[]): Round => ({
  trains,
  rate: { peak: 1, warmup: 0.1, decay: 1, fall: 'linear' },
  halfLife: 10,
  seconds: null,
  spent: 0,
  phases,
});
const rounds = [round('head', phase(3, 1)), round('all', phase(4, 0.5), phase(0, 0.1), phase(2, 0.4, 1, 30))];

test('every step has its place, and there is none behind the last', () => {
  const places = Array.from({ length: 9 }, (_, at) => placeOf(rounds, at + 1)!);
  assert.deepEqual(
    places.map(({ round, phase, done }) => `${round}.${phase}.${done}`),
    ['0.0.0', '0.0.1', '0.0.2', '1.0.0', '1.0.1', '1.0.2', '1.0.3', '1.2.0', '1.2.1'],
  );
  assert.equal(placeOf(rounds, 10), null);
  assert.equal(placeOf([round('all', phase(null, 1))], 1_000_000)!.done, 999_999);
});

test('phases that were done, with their steps and tokens; the last one is cut', () => {
  assert.deepEqual(
    phasesDone(rounds, 8).map(({ first, last, tokens }) => [first, last, tokens]),
    [
      [1, 3, 60],
      [4, 7, 80],
      [8, 8, 30],
    ],
  );
  assert.equal(tokensDone(rounds, 9), 200);
  assert.equal(tokensDone(rounds, 0), 0);
});

test('what follows a cut begins where it was cut', () => {
  const cut = cutAfter(rounds, 5);
  assert.deepEqual(
    cut.map(({ phases }) => phases.map(({ steps }) => steps)),
    [[3], [2]],
  );
  assert.equal(roundStart([...cut, round('all', phase(1, 1))], 2), 5);
  assert.deepEqual(cutAfter(rounds, 3).length, 1);
});

test('the optimiser counts on through rounds that train the same', () => {
  const more = [...rounds, round('all', phase(5, 1)), round('head', phase(1, 1))];
  assert.deepEqual(
    more.map((_, at) => optimiserStart(more, at)),
    [0, 3, 3, 14],
  );
});

test('progress rises step by step from over 0 to under 1, by the phases’ shares', () => {
  const shares = fc.array(
    fc.record({ steps: fc.integer({ min: 1, max: 40 }), part: fc.integer({ min: 1, max: 9 }) }),
    {
      minLength: 1,
      maxLength: 4,
    },
  );
  fc.assert(
    fc.property(shares, (list) => {
      const all = list.reduce((sum, { part }) => sum + part, 0);
      const own = round('all', ...list.map(({ steps, part }) => phase(steps, part / all)));
      let before = 0;
      for (let step = 1; ; step++) {
        const place = placeOf([own], step);
        if (place === null) break;
        const progress = roundProgress(own, place);
        assert.ok(progress > before && progress < 1, `${before} ${progress}`);
        before = progress;
      }
    }),
  );
});

test('steps decided anew in a phase: progress goes on from where it was', () => {
  const old = phase(100, 1);
  const progress = phaseProgress(old, 50);
  const slower = { ...old, steps: 60, anchor: { steps: 50, progress } };
  assert.equal(phaseProgress(slower, 50), 0.5);
  assert.equal(phaseProgress(slower, 55), 0.75);
  assert.equal(phaseProgress(slower, 60), 1);
  assert.equal(phaseProgress({ ...slower, steps: 50 }, 50), 1);
});
