/** What tells the families of encoders apart, beside the one model of `model.ts`: a description of each. */

export type FamilyName = 'roberta' | 'xlm-roberta' | 'bert' | 'distilbert';

/** The sizes of an encoder, see `RobertaConfig`. */
export type Size =
  | 'vocabSize'
  | 'hidden'
  | 'layers'
  | 'heads'
  | 'intermediate'
  | 'maxPositions'
  | 'typeVocab'
  | 'layerNormEpsilon'
  | 'padId';

export interface Family {
  /** `model_type` in config.json. */
  readonly name: FamilyName;
  /** As people write it. */
  readonly title: string;
  /** What its classes in transformers begin with: `Bert` of `BertForMaskedLM`. */
  readonly classes: string;
  /** How its tokenizers spell the mask, as a rule. */
  readonly mask: string;
  /**
   * `behind-padding`: the tokens that are not padding are counted, the first one stands in the row behind the
   * padding id's. `from-zero`: the first place is row 0, whatever stands there.
   */
  readonly positions: 'behind-padding' | 'from-zero';
  /** The field of config.json that holds a size. */
  readonly fields: Readonly<Partial<Record<Size, string>>>;
  /** Sizes that no field holds. */
  readonly fixed: Readonly<Partial<Record<Size, number>>>;
  /** What a size is where its field is missing. */
  readonly defaults: Readonly<Partial<Record<Size, number>>>;
  /** The field that names the activation. */
  readonly activation: string;
  /** Other fields of a config.json that is written, by name. */
  readonly others: Readonly<Record<string, unknown>>;
  /** What the names of the encoder's weights begin with. */
  readonly prefix: string;
  /** Makes a weight's name of ours: each pair replaces its first by its second, one after the other. */
  readonly renamed: readonly (readonly [string, string])[];
}

/** The name that a weight has in the family's files. Ours are those of RoBERTa, see `robertaShapes`. */
export function publishedName({ renamed }: Family, name: string): string {
  return renamed.reduce((result, [ours, theirs]) => result.replace(ours, theirs), name);
}

/** A decoder has a bias of its own in files, which is the head's; where they differ, it is the one that counts. */
export const DECODER_BIAS = 'lm_head.decoder.bias';
export const HEAD_BIAS = 'lm_head.bias';

/**
 * Every name under which a weight may stand in a file, the best first: the family's own, those of a bare encoder
 * (without the prefix), and of each what the first BERT files called it (gamma and beta).
 */
export function possibleNames(family: Family, name: string): string[] {
  const own = (name === HEAD_BIAS ? [DECODER_BIAS, name] : [name]).map((of) => publishedName(family, of));
  const bare = own.filter((of) => of.startsWith(family.prefix)).map((of) => of.slice(family.prefix.length));
  const now = [...own, ...bare];
  const first = now.map((of) =>
    of.replace('LayerNorm.weight', 'LayerNorm.gamma').replace('LayerNorm.bias', 'LayerNorm.beta'),
  );
  return [...new Set([...now, ...first])];
}
