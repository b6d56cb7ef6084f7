/** A task's loss on a base of each family against transformers in double precision (reference/make_task_step.py). */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import test from 'node:test';
import { compile } from '../../src/engine/index.ts';
import { neuronShapes, type Placement, pluginShapes } from '../../src/plugin/config.ts';
import { gates } from '../../src/plugin/gate.ts';
import { pluginPlug, softly } from '../../src/plugin/plugin.ts';
import type { RobertaConfig } from '../../src/roberta/config.ts';
import { FAMILIES, type FamilyName } from '../../src/roberta/families/index.ts';
import { evaluationSums } from '../../src/train/evaluate.ts';
import { mlmLoss, mlmSpecs } from '../../src/train/mlm.ts';
import { lossAndGradients } from '../../src/train/update.ts';
import { assertNear } from './near.ts';
import { baseWeights, pluginConfig, pluginSlots, shape } from './small.ts';

interface Reference {
  readonly loss: number;
  /** Every ninth of [positions · vocabulary]. */
  readonly logits: readonly number[];
  /** Of matrices every ninth number, of vectors every third. */
  readonly gradients: Readonly<Record<string, readonly number[]>>;
}

const { families } = JSON.parse(
  readFileSync(new URL('./reference/task-step.json', import.meta.url), 'utf8'),
) as { readonly families: Readonly<Record<string, Reference>> };

const CASES: readonly [family: FamilyName, tied: boolean, placement: Placement][] = [
  ['roberta', true, 'parallel'],
  ['xlm-roberta', true, 'sequential'],
  ['bert', true, 'parallel'],
  ['bert', false, 'sequential'],
  ['roberta', false, 'parallel'],
  ['distilbert', true, 'sequential'],
  ['distilbert', false, 'parallel'],
];
const GATE_SCALE = 2;

function configOf(family: FamilyName, tied: boolean): RobertaConfig {
  const { defaults, fixed, positions } = FAMILIES[family];
  const size = { vocabSize: 100, hidden: 32, layers: 2, heads: 4, intermediate: 48, maxPositions: 14 };
  const norm = positions === 'from-zero' ? 1e-12 : 1e-5;
  const typeVocab = positions === 'from-zero' ? 2 : 1;
  return { ...size, typeVocab, layerNormEpsilon: norm, padId: defaults.padId!, ...fixed, family, tied };
}

/** The second text begins with padding: families differ in which positions its tokens have then. */
function frontPadded(pad: number): Record<string, Int32Array | Float32Array> {
  const ids = Int32Array.from({ length: 18 }, (_, at) => ((7 * at * at + 3 * at) % 95) + 5);
  ids.fill(pad, 9, 11);
  return {
    ids,
    attention: Float32Array.from(ids, (id) => (id === pad ? 0 : 1)),
    positions: Int32Array.of(2, 5, 8, 11, 13, 17),
    labels: Int32Array.of(6, 17, 99, 8, 39, 11),
    weights: Float32Array.of(1, 1, 1, 1, 1, 0),
  };
}

const gradientOf = (name: string) => `gradient:${name}`;
const renamed = <T>(of: Readonly<Record<string, T>>, name: (old: string) => string): Record<string, T> =>
  Object.fromEntries(Object.entries(of).map(([old, value]) => [name(old), value]));
const every = (values: ArrayLike<number>, step: number) =>
  Array.from(values).filter((_, at) => at % step === 0);

for (const [family, tied, placement] of CASES) {
  const name = tied ? family : `${family}, untied`;

  test(`${name}: loss, logits and gradients of the plugins are transformers'`, async () => {
    const expected = families[name]!;
    const config = configOf(family, tied);
    const plugin = pluginConfig(placement, config);
    const shapes = { ...pluginShapes(plugin), ...neuronShapes(plugin, 'e') };
    const slots = Object.entries(pluginSlots(plugin));
    const specs = Object.entries(shapes).map(([of, shape]) => [of, { shape, dtype: 'float32' }] as const);
    const program = await compile(
      (feeds, weights) => {
        const params = Object.fromEntries(slots.map(([of]) => [of, feeds[of]!]));
        const plugOf = (own: typeof params) => pluginPlug(plugin, own, gates(plugin, own, feeds.s!), softly);
        const { loss, gradients } = lossAndGradients(
          (own, batch, frozen) => mlmLoss(config, frozen, batch, plugOf(own)),
          params,
          feeds,
          weights,
        );
        const { logits } = evaluationSums(config, weights, feeds, plugOf(params));
        return { loss, logits: logits!, ...renamed(gradients, gradientOf) };
      },
      { ...mlmSpecs(shape), s: { shape: [], dtype: 'float32' }, ...Object.fromEntries(specs) },
      { weights: baseWeights(config), threads: 1 },
    );
    const values = Object.fromEntries(slots.map(([of, { value }]) => [of, value]));
    const feeds = { ...frontPadded(config.padId), ...values, s: Float32Array.of(GATE_SCALE) };
    const results = (await program.run(feeds)) as Record<string, Float32Array>;
    await program.dispose();
    assertNear('loss', results.loss!, [expected.loss]);
    assertNear('logits', every(results.logits!, 9), expected.logits);
    assert.deepEqual(Object.keys(expected.gradients).sort(), Object.keys(shapes).sort());
    for (const [of, gradient] of Object.entries(expected.gradients)) {
      assertNear(
        `gradient of ${of}`,
        every(results[gradientOf(of)]!, shapes[of]!.length > 1 ? 9 : 3),
        gradient,
      );
    }
  });
}

test('the cases are those of the reference, and every family is among them', () => {
  assert.deepEqual(
    CASES.map(([family, tied]) => (tied ? family : `${family}, untied`)).sort(),
    Object.keys(families).sort(),
  );
  assert.deepEqual(new Set(CASES.map(([family]) => family)), new Set(Object.keys(FAMILIES)));
});
