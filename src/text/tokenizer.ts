/** Text to token ids and back, through the Rust tokenizers library (batched: one call costs what ten texts do). */
import { Tokenizer as RustTokenizer } from 'tokenizers';
import { CptError } from '../errors.ts';

export interface SpecialTokens {
  readonly bos: number;
  readonly eos: number;
  readonly pad: number;
  readonly mask: number;
  readonly unk: number;
}

export interface Tokenizer {
  /** Ids are 0 to `vocabSize` - 1. */
  readonly vocabSize: number;
  readonly special: SpecialTokens;
  /**
   * Token ids of each text, nothing added before or after. A text that spells a special token (`<mask>`, `</s>`)
   * gets the ids of those characters, never the special id: feeds are not trusted.
   */
  encodeBatch(texts: readonly string[]): Promise<Int32Array[]>;
  /** The text of the ids; special ones are spelt out. */
  decode(ids: ArrayLike<number>): Promise<string>;
}

export interface TokenizerOptions {
  /** Read `<mask>` and the like in a text as the special token: only for text that a person typed. Default false. */
  readonly recogniseSpecials?: boolean;
}

const NAMES: readonly Readonly<Record<keyof SpecialTokens, string>>[] = [
  { bos: '<s>', eos: '</s>', pad: '<pad>', mask: '<mask>', unk: '<unk>' },
  { bos: '[CLS]', eos: '[SEP]', pad: '[PAD]', mask: '[MASK]', unk: '[UNK]' },
];
const BATCH_CHARS = 1_000_000; // an Encoding also holds strings and offsets: about 100 bytes a token while it lives

/**
 * Loads a `tokenizer.json`. Its padding, truncation and added markers are switched off: packing does that.
 *
 * @throws CptError CPT_TOKENIZER when it is not such a file or lacks one of the five special tokens
 */
export function loadTokenizer(tokenizerJson: string, options: TokenizerOptions = {}): Tokenizer {
  const file = parse(tokenizerJson);
  const added = list(file.added_tokens).filter(isAdded);
  const idOf = new Map<string, number>(
    Object.entries(record(record(file.model).vocab)).filter(
      (entry): entry is [string, number] => typeof entry[1] === 'number',
    ),
  );
  for (const token of added) idOf.set(token.content, token.id);

  const plain = { ...file, truncation: null, padding: null, post_processor: null };
  const kept = options.recogniseSpecials ? added : added.filter((token) => !token.special);
  const encoder = load(JSON.stringify({ ...plain, added_tokens: kept }));
  const decoder = load(JSON.stringify(plain));

  return {
    vocabSize: [...idOf.values()].reduce((most, id) => Math.max(most, id + 1), 0),
    special: specialTokens(idOf),
    async encodeBatch(texts) {
      const out: Int32Array[] = [];
      for (let from = 0; from < texts.length; ) {
        let to = from;
        for (let chars = 0; to < texts.length && (to === from || chars < BATCH_CHARS); to++) {
          chars += texts[to]!.length;
        }
        const encodings = await encoder.encodeBatch(texts.slice(from, to), { addSpecialTokens: false });
        for (const encoding of encodings) out.push(Int32Array.from(encoding.getIds()));
        from = to;
      }
      return out;
    },
    decode: (ids) => decoder.decode(Array.from(ids), false),
  };
}

function specialTokens(idOf: ReadonlyMap<string, number>): SpecialTokens {
  for (const names of NAMES) {
    const id = (role: keyof SpecialTokens): number => idOf.get(names[role]) ?? -1;
    const found = { bos: id('bos'), eos: id('eos'), pad: id('pad'), mask: id('mask'), unk: id('unk') };
    if (Object.values(found).every((at) => at >= 0)) return found;
  }
  throw new CptError('CPT_TOKENIZER', 'The tokenizer has no <s>, </s>, <pad>, <mask> and <unk>.', {
    hint: 'Use the tokenizer.json of a masked language model of the RoBERTa or BERT family.',
  });
}

function load(json: string): RustTokenizer {
  try {
    return RustTokenizer.fromString(json);
  } catch (cause) {
    throw malformed(cause);
  }
}

function parse(json: string): Record<string, unknown> {
  try {
    return record(JSON.parse(json));
  } catch (cause) {
    throw malformed(cause);
  }
}

function malformed(cause: unknown): CptError {
  const why = cause instanceof Error ? cause.message : String(cause);
  return new CptError('CPT_TOKENIZER', `tokenizer.json cannot be read: ${why}.`, {
    hint: 'Take tokenizer.json from the same place as the base model.',
    cause,
  });
}

interface AddedToken {
  readonly id: number;
  readonly content: string;
  readonly special: boolean;
}

function isAdded(value: unknown): value is AddedToken {
  const token = record(value);
  return typeof token.id === 'number' && typeof token.content === 'string';
}

function record(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
}

function list(value: unknown): unknown[] {
  return Array.isArray(value) ? value : [];
}
