/** BERT (Devlin et al. 2019, arXiv 1810.04805), and what is built like it: MiniLM, most sentence encoders. */
import type { Family } from './family.ts';
import { ROBERTA } from './roberta.ts';

export const BERT: Family = {
  name: 'bert',
  title: 'BERT',
  classes: 'Bert',
  mask: '[MASK]',
  positions: 'from-zero',
  fields: ROBERTA.fields,
  fixed: {},
  defaults: { typeVocab: 2, layerNormEpsilon: 1e-12, padId: 0 },
  activation: 'hidden_act',
  others: {
    attention_probs_dropout_prob: 0.1,
    hidden_act: 'gelu',
    hidden_dropout_prob: 0.1,
    initializer_range: 0.02,
    position_embedding_type: 'absolute',
  },
  prefix: 'bert.',
  renamed: [
    ['roberta.', 'bert.'],
    ['lm_head.dense.', 'cls.predictions.transform.dense.'],
    ['lm_head.layer_norm.', 'cls.predictions.transform.LayerNorm.'],
    ['lm_head.', 'cls.predictions.'],
  ],
};
