/** What the model answers as it is trained: full-width plugins behind exact masks, compiled. */
import * as tf from '@tensorflow/tfjs';
import { compile, type Weights } from '../../../src/engine/index.ts';
import { type PluginConfig, pluginShapes } from '../../../src/plugin/config.ts';
import { type Masks, maskFeeds } from '../../../src/plugin/mask.ts';
import { exactly, pluginPlug } from '../../../src/plugin/plugin.ts';
import type { RobertaConfig } from '../../../src/roberta/config.ts';
import { encode, vocabularyLogits } from '../../../src/roberta/model.ts';
import { robertaShapes } from '../../../src/roberta/weights.ts';

type Arrays = Readonly<Record<string, Float32Array>>;

export interface Batch {
  readonly batch: number;
  readonly length: number;
  /** [batch · length], row by row. */
  readonly ids: Int32Array;
  readonly mask: Int32Array;
}

export interface Answer {
  readonly logits: Float32Array;
  readonly hidden: Float32Array;
}

export async function trainingTimeModel(
  config: RobertaConfig,
  plugin: PluginConfig,
  base: Arrays,
  plugins: Arrays,
  masks: Masks,
  { batch, length, ids, mask }: Batch,
): Promise<Answer> {
  const shaped = (shapes: Record<string, readonly number[]>, values: Arrays): Weights =>
    Object.fromEntries(Object.entries(shapes).map(([name, shape]) => [name, { shape, data: values[name]! }]));
  const maskWeights = Object.fromEntries(
    Object.entries(maskFeeds(masks, 'mask')).map(([name, data]) => [name, { shape: [data.length], data }]),
  );
  const program = await compile(
    (feeds, weights) => {
      const plug = pluginPlug(plugin, weights, weights, exactly);
      const hidden = encode(config, weights, feeds.ids!, feeds.mask!, plug);
      return { logits: vocabularyLogits(config, weights, hidden), hidden: tf.clone(hidden) };
    },
    {
      ids: { shape: [batch, length], dtype: 'int32' },
      mask: { shape: [batch, length], dtype: 'float32' },
    },
    {
      weights: {
        ...shaped(robertaShapes(config), base),
        ...shaped(pluginShapes(plugin), plugins),
        ...maskWeights,
      },
    },
  );
  const { logits, hidden } = await program.run({ ids, mask: Float32Array.from(mask) });
  await program.dispose();
  return { logits: logits as Float32Array, hidden: hidden as Float32Array };
}
