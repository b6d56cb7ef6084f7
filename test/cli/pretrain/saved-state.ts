/** A small saved state for tests of what is made of it. */
import { NOTHING_KNOWN } from '../../../src/cli/pretrain/about.ts';
import type { Course } from '../../../src/cli/pretrain/plan.ts';
import type { SavedState } from '../../../src/cli/pretrain/state-folder.ts';
import { makeRng } from '../../../src/rng.ts';
import { initialWeights } from '../../../src/roberta/weights.ts';
import { slotOf } from '../../../src/train/slots.ts';
import { tinyConfig } from '../../fixtures/tiny.ts';

export const NOTHING_ASKED: Course = {
  minutes: null,
  steps: null,
  phases: null,
  learningRate: null,
  warmup: null,
  decay: null,
  fall: null,
  halfLife: null,
  headSteps: null,
};

export function savedState(step = 3): SavedState {
  const weights = initialWeights(tinyConfig, makeRng(`saved ${step}`));
  const evaluation = { loss: 6, accuracy: 0.1, maskedTokens: 7 };
  return {
    step,
    config: tinyConfig,
    seed: 'base',
    about: NOTHING_KNOWN,
    course: NOTHING_ASKED,
    rounds: [
      {
        trains: 'all',
        rate: { peak: 1e-3, warmup: 0.03, decay: 1, fall: 'linear' },
        halfLife: 100,
        seconds: null,
        spent: 12.5,
        phases: [{ share: 1, steps: 10, batch: 4, length: 32, maskRate: 0.2 }],
      },
    ],
    slots: Object.fromEntries(Object.entries(weights).map(([name, value]) => [name, slotOf(value)])),
    average: { 'lm_head.bias': Float32Array.from(weights['lm_head.bias']!, (_, at) => at) },
    curve: [{ step, tokens: 384, trainLoss: 5, heldOut: evaluation, average: { ...evaluation, loss: 5.5 } }],
  };
}
