/** A whole small revision: a model of two layers and a tokenizer that knows single bytes and a few words. */
import { buildRevision, type Revision, type RevisionInput } from '../../../src/checkpoint/index.ts';
import type { Placement } from '../../../src/plugin/config.ts';
import { makeRng } from '../../../src/rng.ts';
import { ALPHABET } from '../../../src/text/byte-level.ts';
import { randomMasks, SMALL, smallBase, smallPlugin, smallPlugins } from './small-model.ts';

const SPECIAL = ['<s>', '<pad>', '</s>', '<unk>'];
const MERGES: readonly (readonly [string, string])[] = [
  ['t', 'h'],
  ['th', 'e'],
  ['o', 'o'],
  ['oo', 'd'],
  ['f', 'ood'],
  ['Ġ', 'food'],
  ['w', 'a'],
  ['wa', 's'],
  ['Ġ', 'was'],
  ['g', 'ood'],
  ['Ġ', 'good'],
];

/** A byte-level BPE tokenizer of `SMALL.vocabSize` entries, as a hub's files. */
export function smallTokenizer(pairs = false): Record<string, string> {
  const tokens = [...SPECIAL, ...ALPHABET, ...MERGES.map((pair) => pair.join(''))];
  for (let at = tokens.length; at < SMALL.vocabSize - 1; at++) tokens.push(`Ġunused${at}`);
  tokens.push('<mask>');
  const added = [...SPECIAL, '<mask>'].map((content) => ({
    id: tokens.indexOf(content),
    content,
    single_word: false,
    lstrip: content === '<mask>',
    rstrip: false,
    normalized: false,
    special: true,
  }));
  const byteLevel = { type: 'ByteLevel', add_prefix_space: false, trim_offsets: true, use_regex: true };
  const tokenizer = {
    version: '1.0',
    truncation: null,
    padding: null,
    added_tokens: added,
    normalizer: null,
    pre_tokenizer: byteLevel,
    post_processor: {
      type: 'RobertaProcessing',
      sep: ['</s>', 2],
      cls: ['<s>', 0],
      trim_offsets: true,
      add_prefix_space: false,
    },
    decoder: byteLevel,
    model: {
      type: 'BPE',
      dropout: null,
      unk_token: null,
      continuing_subword_prefix: '',
      end_of_word_suffix: '',
      fuse_unk: false,
      vocab: Object.fromEntries(tokens.map((token, id) => [token, id])),
      merges: MERGES.map((pair) => (pairs ? pair : pair.join(' '))),
    },
  };
  const names = {
    bos_token: '<s>',
    cls_token: '<s>',
    eos_token: '</s>',
    sep_token: '</s>',
    pad_token: '<pad>',
    unk_token: '<unk>',
    mask_token: '<mask>',
  };
  return {
    'tokenizer.json': JSON.stringify(tokenizer),
    'tokenizer_config.json': JSON.stringify({
      tokenizer_class: 'RobertaTokenizer',
      model_max_length: 32,
      ...names,
    }),
    'special_tokens_map.json': JSON.stringify(names),
  };
}

const base = smallBase();

export function smallInput(changed: Partial<RevisionInput> = {}): RevisionInput {
  const plugin = changed.plugin ?? smallPlugin();
  return {
    lineage: 'sample',
    domain: 'd1',
    version: 1,
    task: 1,
    parents: [],
    config: SMALL,
    plugin,
    base,
    plugins: smallPlugins(plugin),
    masks: randomMasks(plugin, changed.domain ?? 'd1'),
    tokenizer: smallTokenizer(),
    licence: 'Anybody may do anything.\n',
    losses: { base: 5.37, own: 5.07 },
    passages: 500,
    tokens: 123_456,
    signatures: [{ domain: 'd1', centre: [0.5, makeRng('signature').uniform()] }],
    provenance: { version: '0.1.0', seed: '1', provider: 'cpu' },
    ...changed,
  };
}

export const smallRevision = (changed: Partial<RevisionInput> = {}): Revision =>
  buildRevision(smallInput(changed));

/** One revision of each placement. */
export function smallPlacements(): Record<Placement, Revision> {
  const of = (placement: Placement) => smallRevision({ plugin: smallPlugin(placement), domain: placement });
  return { sequential: of('sequential'), parallel: of('parallel') };
}
