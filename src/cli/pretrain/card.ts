/** `README.md` of a base model: what it is, what it was trained on, how good it is. */
import type { RobertaConfig } from '../../roberta/config.ts';
import type { CurvePoint } from '../../train/pretrain.ts';
import { count, perplexity } from '../format.ts';
import type { Plan } from './plan.ts';

export interface BaseCard {
  readonly config: RobertaConfig;
  readonly parameters: number;
  readonly plan: Plan;
  readonly step: number;
  readonly curve: readonly CurvePoint[];
  /** Names of the files, without their folders. */
  readonly data: readonly string[];
  /** What the data are and under which licence, a line each, as a person gave them. */
  readonly sources: readonly string[];
  /** Tokens of the corpus, or null where it is not known any more. */
  readonly corpusTokens: number | null;
  readonly heldOut: string | null;
  /** Of the weights as they are published, in half precision; null where no text was given. */
  readonly evaluation: {
    readonly loss: number;
    readonly accuracy: number;
    readonly maskedTokens: number;
  } | null;
  /** Identifier for hubs, `cc-by-sa-4.0` for example. */
  readonly licence: string | null;
  readonly version: string;
}

export function baseCard(card: BaseCard): string {
  const { config, plan, step, evaluation } = card;
  const seen = step * plan.batch * plan.length;
  const rounds =
    card.corpusTokens === null ? '' : `, ${(seen / card.corpusTokens).toFixed(1)} times the corpus`;
  const sources = card.sources.length > 0 ? card.sources : ['Not stated.'];
  return `---
library_name: transformers
pipeline_tag: fill-mask
tags:
- masked-lm
- cpt-stream
${card.licence === null ? '' : `license: ${card.licence}\n`}---
# A small RoBERTa, pre-trained by cpt-stream ${card.version}

${config.layers} layers, ${config.hidden} wide (${config.intermediate} inside), ${config.heads} heads, byte-level BPE with
${count(config.vocabSize)} entries, ${count(card.parameters)} parameters in half precision. It is meant as a base that
fits into a repository, to post-train with cpt-stream; it is no match for models of a hundred times its size.

## Data
${sources.map((line) => `- ${line}`).join('\n')}
${card.data.length === 0 ? '' : `\nFiles: ${card.data.map((name) => `\`${name}\``).join(', ')}.\n`}
## Training
Masked-language modelling, ${Math.round(100 * plan.maskRate)} % of the tokens masked; ${count(step)} steps of
${plan.batch} × ${plan.length} tokens: ${count(seen)} tokens${rounds}. AdamW, peak rate
${plan.learningRate}, ${count(plan.warmup)} steps of warm-up, linear fall over the last
${count(plan.decay ?? 0)} steps, weight decay 0.01, gradient norm clipped to 1. Seed \`${plan.seed}\`. The losses on the
way are in \`curve.json\`.

## Held-out text
${evaluation === null ? 'Not measured.' : measured(card)}
## Limits
It repeats what its data hold, good and bad, and knows little: answers are not facts. English only.
`;
}

function measured({ evaluation, heldOut }: BaseCard): string {
  const { loss, accuracy, maskedTokens } = evaluation!;
  return `Masked-LM loss ${loss.toFixed(3)} nats (perplexity ${perplexity(loss)}), accuracy ${(100 * accuracy).toFixed(1)} % on
${count(maskedTokens)} masked tokens (15 %) of ${heldOut === null ? 'text of the corpus that was not trained on' : `\`${heldOut}\``}, measured on
the weights as they are here.
`;
}
