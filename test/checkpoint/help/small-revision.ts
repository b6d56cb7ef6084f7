/** A whole small revision: a model of two layers and a tokenizer that knows single bytes and a few words. */
import {
  buildRevision,
  type PrunedPlugin,
  type Revision,
  type RevisionInput,
} from '../../../src/checkpoint/index.ts';
import type { Placement, PluginConfig } from '../../../src/plugin/config.ts';
import { makeRng } from '../../../src/rng.ts';
import type { RobertaConfig } from '../../../src/roberta/config.ts';
import type { FamilyName } from '../../../src/roberta/families/index.ts';
import { ALPHABET } from '../../../src/text/byte-level.ts';
import { unigramTokenizer, wordPieceTokenizer } from '../../fixtures/family-tokenizers.ts';
import { pruneDense } from './dense.ts';
import { randomMasks, SMALL, SMALL_FAMILIES, smallBase, smallPlugin, smallPlugins } from './small-model.ts';

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

const WORDS = ['the', 'food', 'was', 'good'];

/** The tokenizer's files that a family has, of `SMALL.vocabSize` entries. */
export function familyTokenizer(family: FamilyName): Readonly<Record<string, string>> {
  if (family === 'roberta') return smallTokenizer();
  if (family === 'xlm-roberta') return unigramTokenizer(WORDS, SMALL.vocabSize);
  return wordPieceTokenizer(WORDS, SMALL.vocabSize);
}

const bases = new Map<RobertaConfig, Record<string, Float32Array>>();

/** The same object each time: a base is never changed. */
function baseOf(config: RobertaConfig): Record<string, Float32Array> {
  const base = bases.get(config) ?? smallBase(config);
  bases.set(config, base);
  return base;
}

export function smallPruned(plugin: PluginConfig, domain: string): PrunedPlugin[] {
  return pruneDense(plugin, smallPlugins(plugin), randomMasks(plugin, domain));
}

export function smallInput(changed: Partial<RevisionInput> = {}): RevisionInput {
  const plugin = changed.plugin ?? smallPlugin();
  const config = changed.config ?? SMALL;
  return {
    lineage: 'sample',
    domain: 'd1',
    version: 1,
    task: 1,
    parents: [],
    config,
    plugin,
    base: baseOf(config),
    pruned: smallPruned(plugin, changed.domain ?? 'd1'),
    neurons: 2 * (16 + 20 + 2 * 24),
    tokenizer: familyTokenizer(config.family),
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

export interface SmallPublished {
  readonly config: RobertaConfig;
  readonly placement: Placement;
  readonly revision: Revision;
}

/** One revision of each placement for each family, by the name of its folder. */
export function smallPublished(): Readonly<Record<string, SmallPublished>> {
  const all = Object.entries(SMALL_FAMILIES).flatMap(([name, config]) =>
    (['sequential', 'parallel'] as const).map((placement) => {
      const folder = name === 'roberta' ? placement : `${name}-${placement}`;
      const plugin = smallPlugin(placement);
      const revision = smallRevision({
        config,
        plugin,
        domain: placement,
        pruned: smallPruned(plugin, placement),
      });
      return [folder, { config, placement, revision }] as const;
    }),
  );
  return Object.fromEntries(all);
}
