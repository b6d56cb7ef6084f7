/** The five tokens that mean something to a masked language model, and how a text is kept from spelling them. */
import { CptError } from '../errors.ts';

export interface SpecialTokens {
  readonly bos: number;
  readonly eos: number;
  readonly pad: number;
  readonly mask: number;
  readonly unk: number;
}

const NAMES: readonly Readonly<Record<keyof SpecialTokens, string>>[] = [
  { bos: '<s>', eos: '</s>', pad: '<pad>', mask: '<mask>', unk: '<unk>' },
  { bos: '[CLS]', eos: '[SEP]', pad: '[PAD]', mask: '[MASK]', unk: '[UNK]' },
];

/** @throws CptError CPT_TOKENIZER where a vocabulary has neither RoBERTa's five names nor BERT's */
export function specialTokens(idOf: ReadonlyMap<string, number>): SpecialTokens {
  for (const names of NAMES) {
    const id = (role: keyof SpecialTokens): number => idOf.get(names[role]) ?? -1;
    const found = { bos: id('bos'), eos: id('eos'), pad: id('pad'), mask: id('mask'), unk: id('unk') };
    if (Object.values(found).every((at) => at >= 0)) return found;
  }
  throw new CptError('CPT_TOKENIZER', 'The tokenizer has no <s>, </s>, <pad>, <mask> and <unk>.', {
    hint: 'Use the tokenizer.json of a masked language model of the RoBERTa or BERT family.',
  });
}

/**
 * The `model` of a tokenizer.json whose own vocabulary does not read a special token out of a text. Unigram (SentencePiece)
 * has them among its pieces and takes the best path through all of them: there, each is renamed to what no text holds
 * once its spaces are split off. WordPiece and BPE cannot build them from letters.
 */
export function unspellable(
  model: Readonly<Record<string, unknown>>,
  special: SpecialTokens,
): Readonly<Record<string, unknown>> {
  if (model.type !== 'Unigram' || !Array.isArray(model.vocab)) return model;
  const ids = new Set<number>(Object.values(special));
  const vocab = model.vocab.map((piece: unknown, id) =>
    ids.has(id) && Array.isArray(piece) ? [` ${id} \uffff`, ...piece.slice(1)] : piece,
  );
  return { ...model, vocab };
}
