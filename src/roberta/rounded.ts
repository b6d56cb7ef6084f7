/**
 * A base as 8-bit integers see it: every matrix that products take as integers is replaced by what its integers stand
 * for. Trained with `precision: int8` on these weights, a checkpoint that is published with them stands on the base
 * that it was trained on.
 */
import { dequantizeRows, LEAST_ELEMENTS, quantizeRows } from '../engine/index.ts';
import type { RobertaConfig } from './config.ts';
import { robertaShapes } from './weights.ts';

/** Look-up tables stay as they are; so does the decoder, whose products are exact (see `vocabularyLogits`). */
const TABLES = /(embeddings|decoder)\.weight$/;

/**
 * @param weights by Hugging Face name; not changed, and shared where there is nothing to round
 * @param most largest integer, see `largestInteger`
 */
export function roundedWeights(
  config: RobertaConfig,
  weights: Readonly<Record<string, Float32Array>>,
  most: number,
): Record<string, Float32Array> {
  const shapes = robertaShapes(config);
  return Object.fromEntries(
    Object.entries(weights).map(([name, values]) => {
      const [rows, columns] = shapes[name] ?? [];
      const table = columns === undefined || TABLES.test(name) || values.length < LEAST_ELEMENTS;
      return [name, table ? values : dequantizeRows(quantizeRows(values, rows!, columns, most))];
    }),
  );
}
