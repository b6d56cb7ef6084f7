/** A domain's passages as blocks of token ids: most to train on, a few held out for evaluation. */
import { packPassages } from '../text/pack.ts';
import type { Tokenizer } from '../text/tokenizer.ts';
import type { TaskOptions } from './options.ts';

export interface DomainCorpus {
  /** Blocks of `length` ids. */
  readonly training: readonly Int32Array[];
  readonly heldOut: readonly Int32Array[];
  /** Ids to train on, padding not counted. */
  readonly tokens: number;
}

type Split = Pick<TaskOptions, 'heldOut' | 'heldOutBlocks' | 'length'>;

/** Which of `count` passages are held out: every so many, evenly over the domain, at least one of two or more. */
export function heldOutIndices(count: number, share: number): Set<number> {
  const wanted = count < 2 || share <= 0 ? 0 : Math.max(1, Math.min(count - 1, Math.round(count * share)));
  return new Set(Array.from({ length: wanted }, (_, k) => Math.floor(((k + 0.5) * count) / wanted)));
}

/**
 * Encodes, splits and packs the passages. Held-out blocks over the limit are dropped, not trained on, so that
 * the held-out loss is honest.
 */
export async function domainCorpus(
  texts: readonly string[],
  tokenizer: Tokenizer,
  { heldOut, heldOutBlocks, length }: Split,
): Promise<DomainCorpus> {
  const chosen = heldOutIndices(texts.length, heldOut);
  const encoded = await tokenizer.encodeBatch(texts);
  const part = (held: boolean) => encoded.filter((_, at) => chosen.has(at) === held);
  const pack = (ids: readonly Int32Array[]) => packPassages(ids, length, tokenizer.special);
  const own = part(false);
  return {
    training: pack(own),
    heldOut: pack(part(true)).slice(0, heldOutBlocks),
    tokens: own.reduce((sum, ids) => sum + ids.length, 0),
  };
}
