import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { parsePhases, spreadSteps } from '../../../src/cli/pretrain/phases.ts';
import { modelConfig, planOf } from '../../../src/cli/pretrain/plan.ts';
import { SIZES } from '../../../src/cli/pretrain/plan-flags.ts';
import { Problems } from '../../../src/cli/pretrain/problems.ts';
import { baseRounds, firstRounds, nextRounds } from '../../../src/cli/pretrain/rounds.ts';
import { CptError } from '../../../src/errors.ts';
import type { Round } from '../../../src/train/pretrain-plan.ts';

type Flags = Parameters<typeof planOf>[0];
const NEW = { from: 'chance', model: null } as const;

function refused(run: () => unknown): string {
  try {
    run();
  } catch (error) {
    assert.ok(error instanceof CptError && error.code === 'CPT_USAGE');
    return error.message;
  }
  assert.fail('accepted');
}
const wrong = (flags: Flags): string => refused(() => planOf(flags, NEW));
const roundsOf = (flags: Flags): Round[] => firstRounds(planOf(flags, NEW).course, 512);
const shapes = (round: Round) =>
  round.phases.map(({ steps, batch, length, maskRate }) => [steps, batch, length, maskRate]);

test('a list of phases in steps; their shares are those of their tokens', () => {
  const [round] = roundsOf({ phases: '300:64x32@30%, 50:32x128@15%' });
  assert.deepEqual(shapes(round!), [
    [300, 64, 32, 0.3],
    [50, 32, 128, 0.15],
  ]);
  assert.deepEqual(
    round!.phases.map(({ share }) => share),
    [0.75, 0.25],
  );
});

test('by default: short blocks and many masks first, fewer masks and more tokens a step last', () => {
  const [round] = roundsOf({ minutes: '120' });
  assert.equal(round!.seconds, 7200);
  const { phases } = round!;
  assert.ok(phases.every(({ steps }) => steps === null));
  const rising = (values: number[]) => values.every((value, at) => at === 0 || value >= values[at - 1]!);
  assert.ok(rising(phases.map(({ length }) => length)) && phases[0]!.length < phases.at(-1)!.length);
  assert.ok(rising(phases.map(({ maskRate }) => -maskRate)) && phases[0]!.maskRate > phases.at(-1)!.maskRate);
  assert.ok(rising(phases.map(({ batch, length }) => batch * length)));
  assert.ok(Math.abs(phases.reduce((sum, { share }) => sum + share, 0) - 1) < 1e-12);
  const [short] = firstRounds(planOf({ minutes: '1' }, NEW).course, 48);
  assert.deepEqual(
    short!.phases.map(({ length }) => length),
    [32, 48, 48],
  );
});

test('steps in all are spread so that each phase gets its share of the tokens', () => {
  const phases = parsePhases('50%:8x10@15%,50%:8x40@15%', null, new Problems());
  assert.deepEqual(
    spreadSteps(phases, 1000).map(({ steps }) => steps),
    [800, 200],
  );
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 5000 }), (steps) => {
      const spread = spreadSteps(phases, steps);
      assert.equal(
        spread.reduce((sum, phase) => sum + phase.steps!, 0),
        steps,
      );
      assert.ok(spread.every((phase) => phase.steps! >= 0));
    }),
  );
});

test('everything that is wrong is told together', () => {
  const message = wrong({
    hidden: '250',
    heads: '3',
    'learning-rate': '',
    minutes: '5',
    steps: '1.5',
    fall: 'steep',
    phases: '60%:64x32@30%,20%:0x600@0.5%,later',
  });
  assert.equal(
    message,
    `8 flags are wrong:
  --hidden 250 is not a multiple of --heads 3.
  --steps is a whole number from 1 to 1000000000, not "1.5".
  --phases, phase 2: its batch is from 1 to 4096, not 0.
  --phases, phase 2: what is masked in % is from 1 to 90, not 0.5.
  --phases, phase 2: blocks of 600 tokens are too long for the model, which takes 512.
  --phases, phase 3: "later" is not of the form SHARE%:BATCHxLENGTH@MASKED% or STEPS:BATCHxLENGTH@MASKED%, such as 40%:64x32@30%.
  --learning-rate is a number from 1e-8 to 1, not "".
  --fall is one of linear, cosine, not "steep".
`,
  );
});

test('one thing that is wrong is one line', () => {
  const cases: [Flags, RegExp][] = [
    [{ minutes: '5', steps: '5' }, /^Either --minutes or --steps/],
    [{ phases: '60%:4x32@15%' }, /add up to 60 %, not 100 %/],
    [{ phases: '60%:4x32@15%,10:4x32@15%' }, /either all phases are given in steps, or all as shares/],
    [{ phases: '10:4x32@15%', minutes: '5' }, /--phases in steps say how long/],
    [{ phases: '1.5:4x32@15%' }, /1\.5 steps are not a whole number/],
    [{ phases: '' }, /--phases needs a value/],
    [{ warmup: '2' }, /--warmup is a number from 0 to 1/],
  ];
  for (const [flags, line] of cases) {
    assert.match(wrong(flags), line);
    assert.ok(!wrong(flags).includes('\n'));
  }
  assert.match(
    refused(() => roundsOf({})),
    /needs --minutes N, --steps N, or --phases in steps/,
  );
});

test('what is for another start is refused', () => {
  const model = { ...modelConfig(SIZES, 8192, 1), maxPositions: 66 };
  const from = (start: 'base' | 'state', flags: Flags) =>
    refused(() => planOf(flags, { from: start, model }));
  assert.match(from('base', { layers: '2' }), /--layers is for a new model/);
  assert.match(from('base', { tokenizer: 'x' }), /--tokenizer is for a new model/);
  assert.match(from('base', { phases: '100%:4x80@15%' }), /blocks of 80 tokens are too long .* takes 64/);
  assert.match(from('state', { layers: '2' }), /--layers 2 is not the 4 that it was begun with/);
  planOf({ layers: '4', 'max-length': '64', tokenizer: 'x', base: 'y' }, { from: 'state', model });
  assert.match(wrong({ 'head-steps': '5' }), /--head-steps is for a start with --base/);
});

test('from a base: a head that it lacks trains first and alone, at a rate of its own', () => {
  const of = (flags: Flags, headless: boolean) => {
    const { course } = planOf({ minutes: '3', ...flags }, { from: 'base', model: null });
    return baseRounds(course, 64, headless);
  };
  assert.deepEqual(
    of({}, false).map(({ trains }) => trains),
    ['all'],
  );
  const [head, all] = of({}, true);
  assert.deepEqual([head!.trains, all!.trains], ['head', 'all']);
  assert.deepEqual(shapes(head!), [[500, 16, 64, 0.15]]);
  assert.deepEqual([head!.seconds, all!.seconds], [null, 180]);
  assert.ok(head!.rate.peak > all!.rate.peak);
  assert.deepEqual(shapes(of({ 'head-steps': '7' }, false)[0]!), [[7, 16, 64, 0.15]]);
  assert.equal(of({ 'head-steps': '0' }, true)[0]!.trains, 'all');
});

test('phases are read as they are written, whatever the numbers', () => {
  const number = fc.integer({ min: 8, max: 99 });
  fc.assert(
    fc.property(
      fc.array(fc.tuple(number, number, number, number), { minLength: 1, maxLength: 5 }),
      (list) => {
        const problems = new Problems();
        const text = list.map(([steps, batch, length, masked]) => `${steps}:${batch}x${length}@${masked}%`);
        const phases = parsePhases(text.join(','), null, problems);
        const high = list.some(([, , , masked]) => masked > 90);
        if (high) assert.throws(() => problems.check());
        else problems.check();
        assert.deepEqual(
          phases.map(({ steps, batch, length, maskRate }) => [steps, batch, length, maskRate]),
          list.map(([steps, batch, length, masked]) => [steps, batch, length, masked / 100]),
        );
      },
    ),
  );
});

test('a training that is gone on with: as planned, or a new round like the one before but for what is asked', () => {
  const asked = { phases: '10:4x32@30%,10:4x64@20%', 'learning-rate': '0.01', average: '7' };
  const rounds = roundsOf(asked);
  const { course } = planOf(asked, NEW);
  const next = (flags: Flags, step: number) =>
    nextRounds(planOf(flags, NEW).course, { rounds, course, step });
  assert.equal(next({}, 5), rounds);
  assert.equal(next(asked, 5), rounds, 'the same command again');
  assert.equal(next(asked, 20).length, 2, 'and at its end: the same once more');
  const [done, more] = next({ steps: '30', 'learning-rate': '0.002', fall: 'cosine' }, 15);
  assert.deepEqual(shapes(done!), [
    [10, 4, 32, 0.3],
    [5, 4, 64, 0.2],
  ]);
  // a third of the tokens in blocks of 32: as many steps as two thirds in blocks of 64
  assert.deepEqual(shapes(more!), [
    [15, 4, 32, 0.3],
    [15, 4, 64, 0.2],
  ]);
  assert.deepEqual([more!.rate.peak, more!.rate.fall, more!.halfLife, more!.spent], [0.002, 'cosine', 7, 0]);
  assert.match(
    refused(() => next({ 'learning-rate': '0.1' }, 5)),
    /needs --minutes N, --steps N/,
  );
});

test('the position table has the two rows that RoBERTa keeps', () => {
  const config = modelConfig(SIZES, 8192, 1);
  assert.equal(config.maxPositions, 514);
  assert.deepEqual([config.vocabSize, config.hidden, config.layers], [8192, 256, 4]);
});
