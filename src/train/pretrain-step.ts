/** The step of pre-training: every weight of the model trains, or its masked-LM head alone. */
import type { Weights } from '../engine/index.ts';
import type { RobertaConfig } from '../roberta/config.ts';
import { noPlug } from '../roberta/model.ts';
import { isHead, robertaShapes } from '../roberta/weights.ts';
import { type BatchShape, mlmLoss, mlmSpecs } from './mlm.ts';
import type { Round } from './pretrain-plan.ts';
import type { StepDefinition } from './step.ts';

const WEIGHT_DECAY = 0.01;

/** Shapes of the weights that train. A decoder that is tied to the word embeddings does not belong to the head. */
export function trainedShapes(config: RobertaConfig, trains: Round['trains']): Record<string, number[]> {
  const all = Object.entries(robertaShapes(config));
  return Object.fromEntries(trains === 'all' ? all : all.filter(([name]) => isHead(name)));
}

/** @param frozen the weights that do not train */
export function pretrainStep(
  config: RobertaConfig,
  shape: BatchShape,
  trains: Round['trains'] = 'all',
  frozen: Weights = {},
): StepDefinition {
  return {
    params: trainedShapes(config, trains),
    feeds: mlmSpecs(shape),
    weights: frozen,
    loss: (params, feeds, weights) => mlmLoss(config, { ...weights, ...params }, feeds, noPlug),
    clip: 1,
    // biases and normalisations are not pulled towards 0
    decay: (name) => (/(bias|LayerNorm\.weight|layer_norm\.weight)$/.test(name) ? 0 : WEIGHT_DECAY),
  };
}
