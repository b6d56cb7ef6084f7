/** Whether a base has a masked-LM head, which a run needs and a sentence encoder lacks. */
import { CptError } from '../errors.ts';
import type { RobertaConfig } from '../roberta/config.ts';
import { FAMILIES, possibleNames } from '../roberta/families/index.ts';
import { DECODER, isHead, robertaShapes, WORD_EMBEDDINGS } from '../roberta/weights.ts';
import { tensorNames } from './weight-files.ts';

/**
 * By the names of the tensors alone. A decoder does not count: it may be no more than the tied embeddings.
 * @param has whether there is a tensor of that name
 */
export function hasHead(config: RobertaConfig, has: (name: string) => boolean): boolean {
  const own = Object.keys(robertaShapes(config)).filter((name) => isHead(name) && name !== DECODER);
  return own.some((name) => possibleNames(FAMILIES[config.family], name).some(has));
}

/** @param name what a person calls the base */
export function headless(name: string): CptError {
  return new CptError('CPT_BASE', `${name} has no masked-LM head: it is an encoder alone.`, {
    hint: `Train one first: cpt pretrain --base ${name}.`,
  });
}

/**
 * What shows at once of the weights of a base: files that are missing or damaged, an encoder alone. Headers are read,
 * no weights.
 * @throws CptError CPT_BASE, CPT_SAFETENSORS
 */
export async function checkHead(folder: string, config: RobertaConfig, name: string): Promise<void> {
  const names = await tensorNames(folder);
  const encoder = possibleNames(FAMILIES[config.family], WORD_EMBEDDINGS).some((of) => names.has(of));
  if (encoder && !hasHead(config, (of) => names.has(of))) throw headless(name);
}
