/** Where the features of passages come from. */
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { join } from 'node:path';
import { denseFeatures, type Features, MOST_DIMENSIONS } from '../../domains/index.ts';
import { encoderFiles, inFolder, openEncoder, refusedEncoder } from './encoder.ts';

export interface FeatureSource {
  /** Equal where equal texts get equal features: a lineage's state is bound to it. */
  readonly identity: string;
  /** SHA-256 of the encoder's files; null for words. */
  readonly encoder: string | null;
  /** One a text, or null where the segmenter is to make its own of the words. */
  of(texts: readonly string[]): Promise<readonly Features[] | null>;
  close(): Promise<void>;
}

export const LEXICAL = 'lexical';

/**
 * @param folder of the encoder; null: words
 * @throws CptError CPT_ENCODER
 */
export async function openFeatures(folder: string | null): Promise<FeatureSource> {
  if (folder === null)
    return { identity: LEXICAL, encoder: null, of: async () => null, close: async () => {} };
  const encoder = await openEncoder(folder);
  const { dimensions } = encoder;
  if (dimensions > MOST_DIMENSIONS) {
    await encoder.dispose();
    const why = `its vectors have ${dimensions} dimensions, at most ${MOST_DIMENSIONS} are allowed`;
    throw refusedEncoder(folder, why);
  }
  const digest = await digestOf(folder);
  return {
    identity: `encoder ${digest}`,
    encoder: digest,
    of: async (texts) => (await encoder.encode(texts)).map(denseFeatures),
    close: () => encoder.dispose(),
  };
}

/** SHA-256 over all of its files, whatever the folder is called. */
async function digestOf(folder: string): Promise<string> {
  const hash = createHash('sha256');
  for (const file of encoderFiles(folder, inFolder(folder))) {
    for await (const chunk of createReadStream(join(folder, file), { highWaterMark: 1 << 20 })) {
      hash.update(chunk as Buffer);
    }
  }
  return hash.digest('hex');
}
