/** Text to token ids and back, through the Rust tokenizers library (batched: one call costs what ten texts do). */
import { type Encoding, Tokenizer as RustTokenizer } from 'tokenizers';
import { CptError } from '../errors.ts';
import { type SpecialTokens, specialTokens, unspellable } from './special-tokens.ts';

export type { SpecialTokens } from './special-tokens.ts';

/** Tokens with their places in the text. */
export interface PlacedTokens {
  readonly ids: Int32Array;
  /** [start, end) of each in code points of the text; empty where a token stands for none of them. */
  readonly spans: readonly (readonly [number, number])[];
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
  /** The same with the place of each token. */
  placeBatch(texts: readonly string[]): Promise<PlacedTokens[]>;
  /** The text of the ids; special ones are spelt out. */
  decode(ids: ArrayLike<number>): Promise<string>;
}

export interface TokenizerOptions {
  /** Read `<mask>` and the like in a text as the special token: only for text that a person typed. Default false. */
  readonly recogniseSpecials?: boolean;
}

const BATCH_CHARS = 1_000_000; // an Encoding also holds strings and offsets: about 100 bytes a token while it lives

/**
 * Loads a `tokenizer.json`. Its padding, truncation and added markers are switched off: packing does that.
 *
 * @throws CptError CPT_TOKENIZER when it is not such a file or lacks one of the five special tokens
 */
export function loadTokenizer(tokenizerJson: string, options: TokenizerOptions = {}): Tokenizer {
  const file = parse(tokenizerJson);
  const added = list(file.added_tokens).filter(isAdded);
  const model = record(file.model);
  const idOf = new Map(vocabulary(model.vocab));
  for (const token of added) idOf.set(token.content, token.id);
  const special = specialTokens(idOf);

  const plain = { ...file, truncation: null, padding: null, post_processor: null };
  const trusting = options.recogniseSpecials ?? false;
  const roles = new Set<number>(Object.values(special));
  const kept = added.filter((token) => !token.special && !roles.has(token.id));
  const distrusting = { ...plain, added_tokens: kept, model: unspellable(model, special) };
  const encoder = load(JSON.stringify(trusting ? plain : distrusting));
  const decoder = load(JSON.stringify(plain));
  const never = new Set(trusting ? [] : [special.bos, special.eos, special.pad, special.mask]);

  const idsOf = (encoding: Encoding): Int32Array =>
    Int32Array.from(encoding.getIds(), (id) => (never.has(id) ? special.unk : id));
  const encode = async <T>(texts: readonly string[], each: (encoding: Encoding) => T): Promise<T[]> => {
    const out: T[] = [];
    for (let from = 0; from < texts.length; ) {
      let to = from;
      for (let chars = 0; to < texts.length && (to === from || chars < BATCH_CHARS); to++) {
        chars += texts[to]!.length;
      }
      const encodings = await encoder.encodeBatch(texts.slice(from, to), { addSpecialTokens: false });
      for (const encoding of encodings) out.push(each(encoding));
      from = to;
    }
    return out;
  };

  return {
    vocabSize: [...idOf.values()].reduce((most, id) => Math.max(most, id + 1), 0),
    special,
    encodeBatch: (texts) => encode(texts, idsOf),
    placeBatch: (texts) =>
      encode(texts, (encoding) => ({
        ids: idsOf(encoding),
        spans: encoding.getOffsets() as [number, number][],
      })),
    decode: (ids) => decoder.decode(Array.from(ids), false),
  };
}

/** Ids by token: WordPiece and BPE have them in an object, Unigram in a list of pieces with their scores. */
function vocabulary(vocab: unknown): [string, number][] {
  if (Array.isArray(vocab)) {
    return vocab.map((piece: unknown, id) => [String(Array.isArray(piece) ? piece[0] : piece), id]);
  }
  return Object.entries(record(vocab)).filter(
    (entry): entry is [string, number] => typeof entry[1] === 'number',
  );
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
