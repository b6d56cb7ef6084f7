/** A RoBERTa-style tokenizer learnt from texts, as the three files that hub clients read. */
import { learnMerges } from './learn-merges.ts';

const MODEL_MAX_LENGTH = 512;
const HEAD = ['<s>', '<pad>', '</s>', '<unk>'] as const; // ids 0 to 3, as RoBERTa numbers them
const MASK = '<mask>'; // the last id

export interface TokenizerFiles {
  readonly 'tokenizer.json': string;
  readonly 'tokenizer_config.json': string;
  readonly 'special_tokens_map.json': string;
}

/**
 * Learns a byte-level BPE of exactly `vocabSize` entries (5 of them special) and writes it as `tokenizer.json`.
 * The same texts give the same bytes. Merges are written as strings `"a b"`, which every client loads.
 *
 * @throws RangeError when the texts are too small for so many entries
 */
export function trainBpe(texts: Iterable<string>, vocabSize: number): string {
  const wanted = vocabSize - HEAD.length - 1;
  const { symbols, merges } = learnMerges(texts, wanted);
  if (symbols.length < wanted) {
    throw new RangeError(`the texts give only ${symbols.length} of the ${wanted} symbols wanted`);
  }
  const entries = [...HEAD, ...symbols, MASK];
  const special = [...HEAD, MASK].map((content) => ({
    id: entries.indexOf(content),
    content,
    single_word: false,
    lstrip: content === MASK, // "a <mask>" is one space fewer, as in RoBERTa
    rstrip: false,
    normalized: false,
    special: true,
  }));
  const spaces = { type: 'ByteLevel', add_prefix_space: false, trim_offsets: true, use_regex: true };
  return `${JSON.stringify(
    {
      version: '1.0',
      truncation: null,
      padding: null,
      added_tokens: special,
      normalizer: null,
      pre_tokenizer: spaces,
      post_processor: {
        type: 'RobertaProcessing',
        sep: ['</s>', 2],
        cls: ['<s>', 0],
        trim_offsets: true,
        add_prefix_space: false,
      },
      decoder: spaces,
      model: {
        type: 'BPE',
        dropout: null,
        unk_token: null,
        continuing_subword_prefix: '',
        end_of_word_suffix: '',
        fuse_unk: false,
        vocab: Object.fromEntries(entries.map((entry, id) => [entry, id])),
        merges: merges.map(([left, right]) => `${left} ${right}`),
      },
    },
    null,
    1,
  )}\n`;
}

/** The tokenizer with the two small files beside it that name its class and its special tokens. */
export function tokenizerFiles(tokenizerJson: string): TokenizerFiles {
  const names = {
    bos_token: '<s>',
    cls_token: '<s>',
    eos_token: '</s>',
    sep_token: '</s>',
    pad_token: '<pad>',
    unk_token: '<unk>',
    mask_token: { content: MASK, lstrip: true, normalized: false, rstrip: false, single_word: false },
  };
  const config = {
    tokenizer_class: 'RobertaTokenizer',
    model_max_length: MODEL_MAX_LENGTH,
    add_prefix_space: false,
    trim_offsets: true,
    errors: 'replace',
    ...names,
    mask_token: MASK,
  };
  return {
    'tokenizer.json': tokenizerJson,
    'tokenizer_config.json': `${JSON.stringify(config, null, 2)}\n`,
    'special_tokens_map.json': `${JSON.stringify(names, null, 2)}\n`,
  };
}
