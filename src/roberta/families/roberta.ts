/** RoBERTa (Liu et al. 2019, arXiv 1907.11692) and XLM-RoBERTa (Conneau et al. 2020, arXiv 1911.02116): one graph. */
import type { Family } from './family.ts';

export const ROBERTA: Family = {
  name: 'roberta',
  title: 'RoBERTa',
  classes: 'Roberta',
  mask: '<mask>',
  positions: 'behind-padding',
  fields: {
    vocabSize: 'vocab_size',
    hidden: 'hidden_size',
    layers: 'num_hidden_layers',
    heads: 'num_attention_heads',
    intermediate: 'intermediate_size',
    maxPositions: 'max_position_embeddings',
    typeVocab: 'type_vocab_size',
    layerNormEpsilon: 'layer_norm_eps',
    padId: 'pad_token_id',
  },
  fixed: {},
  defaults: { typeVocab: 2, layerNormEpsilon: 1e-12, padId: 1 },
  activation: 'hidden_act',
  others: {
    attention_probs_dropout_prob: 0.1,
    bos_token_id: 0,
    eos_token_id: 2,
    hidden_act: 'gelu',
    hidden_dropout_prob: 0.1,
    initializer_range: 0.02,
    position_embedding_type: 'absolute',
  },
  prefix: 'roberta.',
  renamed: [],
};

export const XLM_ROBERTA: Family = {
  ...ROBERTA,
  name: 'xlm-roberta',
  title: 'XLM-RoBERTa',
  classes: 'XLMRoberta',
};
