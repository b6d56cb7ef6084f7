/** Many small tensors as one vector: what is done to all of them is then one node of the graph, not one for each. */
import * as tf from '@tensorflow/tfjs';
import type { Tensors } from '../engine/index.ts';

/** All values of `tensors`, one after the other in the order of `names`: a vector. One alone stays as it is. */
export function joined(names: readonly string[], tensors: Tensors): tf.Tensor {
  if (names.length === 1) return tensors[names[0]!]!;
  return tf.concat(names.map((name) => tf.reshape(tensors[name]!, [tensors[name]!.size])));
}

/** The reverse of `joined`: the parts of `vector`, in the shapes of `like`. */
export function parted(
  names: readonly string[],
  vector: tf.Tensor,
  like: Tensors,
): Record<string, tf.Tensor> {
  if (names.length === 1) return { [names[0]!]: vector };
  const parts = tf.split(
    vector,
    names.map((name) => like[name]!.size),
  );
  return Object.fromEntries(names.map((name, at) => [name, tf.reshape(parts[at]!, like[name]!.shape)]));
}
