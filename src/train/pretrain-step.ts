/** The step of pre-training: every weight of the base trains. */
import type { RobertaConfig } from '../roberta/config.ts';
import { noPlug } from '../roberta/model.ts';
import { robertaShapes } from '../roberta/weights.ts';
import { type BatchShape, mlmLoss, mlmSpecs } from './mlm.ts';
import type { StepDefinition } from './step.ts';

const WEIGHT_DECAY = 0.01;

export function pretrainStep(config: RobertaConfig, shape: BatchShape): StepDefinition {
  return {
    params: robertaShapes(config),
    feeds: mlmSpecs(shape),
    weights: {},
    loss: (params, feeds) => mlmLoss(config, params, feeds, noPlug),
    clip: 1,
    // biases and normalisations are not pulled towards 0
    decay: (name) => (/(bias|LayerNorm\.weight|layer_norm\.weight)$/.test(name) ? 0 : WEIGHT_DECAY),
  };
}
