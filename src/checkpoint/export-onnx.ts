/** A domain's model as ONNX, traced from the one model definition. */
import * as tf from '@tensorflow/tfjs';
import { type Graph, type TensorFunction, type Tensors, trace } from '../engine/index.ts';
import { encodeModel, type OnnxVersion } from '../engine/onnx.ts';
import type { PluginConfig } from '../plugin/config.ts';
import type { RobertaConfig } from '../roberta/config.ts';
import { FAMILIES, publishedName } from '../roberta/families/index.ts';
import { encode, vocabularyLogits } from '../roberta/model.ts';
import { shapedWeights } from '../roberta/weights.ts';
import type { PrunedPlugin } from './prune.ts';
import { prunedPlug, prunedWeights } from './pruned-plug.ts';
import { quantize } from './quantize.ts';

export interface DomainModel {
  readonly config: RobertaConfig;
  readonly plugin: PluginConfig;
  /** By name, see `robertaShapes`. */
  readonly base: Readonly<Record<string, Float32Array>>;
  readonly pruned: readonly PrunedPlugin[];
}

/** Old enough for the ONNX Runtime 1.14 of transformers.js 2; LayerNormalization came with operator set 17. */
const PORTABLE: OnnxVersion = { opset: 17, ir: 8 };

/**
 * The graph that hub clients expect: `input_ids` and `attention_mask`, int64 [batch, length], to `logits`
 * [batch, length, vocabulary] and `last_hidden_state` [batch, length, hidden], both axes free. The base's weights have
 * the names of its family.
 */
export function traceDomain({ config, plugin, base, pruned }: DomainModel): Graph {
  const own = prunedWeights(plugin, pruned);
  const theirs = (ours: string) => publishedName(FAMILIES[config.family], ours);
  const shaped = Object.entries(shapedWeights(config, base));
  const frozen = Object.fromEntries(shaped.map(([ours, weight]) => [theirs(ours), weight]));
  const model: TensorFunction = (feeds, named) => {
    const known = shaped.map(([ours]) => [ours, named[theirs(ours)]!]);
    const weights: Tensors = { ...named, ...Object.fromEntries(known) };
    const ids = feeds.input_ids!;
    const [batch, length] = ids.shape as [number, number];
    const mask = tf.cast(feeds.attention_mask!, 'float32');
    const hidden = encode(config, weights, ids, mask, prunedPlug(plugin, weights, pruned));
    return {
      logits: tf.reshape(vocabularyLogits(config, weights, hidden), [batch, length, config.vocabSize]),
      last_hidden_state: tf.reshape(hidden, [batch, length, config.hidden]),
    };
  };
  const axes = { shape: ['batch', 'length'], dtype: 'int32', int64: true } as const;
  return trace(
    model,
    { input_ids: axes, attention_mask: axes },
    { weights: { ...frozen, ...own }, portable: true },
  );
}

/**
 * `onnx/model.onnx`: the plugins inside, the base's weights in the file `location` beside it.
 * @param offsets where each of the base's weights begins in that file
 */
export function encodeOnnx(graph: Graph, location: string, offsets: ReadonlyMap<string, number>): Uint8Array {
  const external = new Map([...offsets].map(([name, offset]) => [name, { location, offset }]));
  return encodeModel(graph, external, PORTABLE);
}

/** `onnx/model_quantized.onnx`: everything inside, matrices as 8-bit integers. */
export function encodeQuantizedOnnx(graph: Graph): Uint8Array {
  return encodeModel(quantize(graph), new Map(), PORTABLE);
}
