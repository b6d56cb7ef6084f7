/** `README.md` of a base model: what it is, what it was trained on and how, how good it is. */

import { FAMILIES } from '../../roberta/families/index.ts';
import type { CurvePoint } from '../../train/pretrain.ts';
import { phasesDone, type Round, tokensDone } from '../../train/pretrain-plan.ts';
import { count, duration, perplexity } from '../format.ts';
import type { Published } from './publish.ts';
import type { SavedState } from './state-folder.ts';

export interface BaseCard {
  readonly state: SavedState;
  readonly parameters: number;
  readonly published: Published;
  readonly version: string;
}

export function baseCard(card: BaseCard): string {
  const { state, version } = card;
  const { about } = state;
  const title =
    about.base === null
      ? `A small RoBERTa, pre-trained by cpt-stream ${version}`
      : `${about.base.name}, trained further by cpt-stream ${version}`;
  const sections = [
    `---
library_name: transformers
pipeline_tag: fill-mask
tags:
- masked-lm
- cpt-stream
${about.licence === null ? '' : `license: ${about.licence}\n`}---
# ${title}
`,
    whatItIs(card),
    `## Data\n${dataOf(state)}`,
    `## Training\n${training(state)}`,
    `## Held-out text\n${heldOut(card)}`,
    `## Limits
It repeats what its data hold, good and bad, and knows little: answers are not facts.${about.base === null ? ' English only.' : ''}
`,
  ];
  return sections.join('\n');
}

function whatItIs({ state, parameters }: BaseCard): string {
  const { layers, hidden, intermediate, heads, vocabSize } = state.config;
  const { title } = FAMILIES[state.config.family];
  const sizes = `${title}, ${layers} layers, ${hidden} wide (${intermediate} inside), ${heads} heads, `;
  const known = `a vocabulary of ${count(vocabSize)},\n${count(parameters)} parameters in half precision.`;
  if (state.about.base !== null) return `${sizes}${known}\n`;
  return `${sizes}${known} It is meant as a base that fits into a repository,
to post-train with cpt-stream; it is no match for models of a hundred times its size.
`;
}

function dataOf({ about: { sources, data } }: SavedState): string {
  const lines = sources.length > 0 ? sources : ['Not stated.'];
  const files = data.length === 0 ? '' : `\nFiles: ${data.map((name) => `\`${name}\``).join(', ')}.\n`;
  return `${lines.map((line) => `- ${line}`).join('\n')}\n${files}`;
}

function training(state: SavedState): string {
  const { step, rounds, curve, seed, about } = state;
  const tokens = tokensDone(rounds, step);
  const { corpusTokens } = about;
  const share = corpusTokens === null ? '' : ` (${(tokens / corpusTokens).toFixed(1)} times the corpus)`;
  const spent = rounds.reduce((sum, round) => sum + round.spent, 0);
  const notes = about.notes.length === 0 ? '' : `\n${about.notes.map((line) => `${line}\n`).join('')}`;
  return `${origin(state)}Masked-language modelling: ${count(step)} steps, ${count(tokens)} tokens in all${share}, in ${duration(spent)}. AdamW,
weight decay 0.01, gradient norm clipped to 1, seed \`${seed}\`.

| steps | tokens | blocks | masked | trained | rate |
|---|---|---|---|---|---|
${phaseRows(state)}${notes}
${curveTable(curve)}`;
}

/** A rate goes over all phases of a round, so it stands beside the first one. */
function phaseRows({ rounds, step }: SavedState): string {
  const done = phasesDone(rounds, step);
  const rows = done.map(({ round, first, last, tokens, batch, length, maskRate }, at) => {
    const { trains, rate } = rounds[round]!;
    const cells = [
      `${count(first)} to ${count(last)}`,
      count(tokens),
      `${batch} × ${length}`,
      `${Number((100 * maskRate).toFixed(1))} %`,
      trains === 'head' ? 'head alone' : 'all weights',
      done[at - 1]?.round === round ? 'goes on' : rateOf(rate),
    ];
    return `| ${cells.join(' | ')} |\n`;
  });
  return rows.join('');
}

function origin({ about: { base }, rounds }: SavedState): string {
  if (base === null) return '';
  const head = rounds[0]!.trains === 'head' ? ', its masked-LM head first and alone' : '';
  const hash =
    base.sha256 === null ? '' : `; SHA-256 of its weights in single precision:\n\`${base.sha256}\``;
  return `Begun from ${base.name}${head}${hash}.\n\n`;
}

function rateOf({ peak, warmup, decay, fall }: Round['rate']): string {
  const percent = (share: number) => `${Number((100 * share).toFixed(1))} %`;
  const rise = warmup > 0 ? `, rises over ${percent(warmup)}` : '';
  if (decay === 0) return `${peak}${rise}`;
  const over = decay < 1 ? ` over the last ${percent(decay)}` : '';
  return `${peak}${rise}, ${fall === 'linear' ? 'linear' : 'cosine'} to 0${over}`;
}

const CURVE_ROWS = 12;

/** A dozen points of the curve, evenly spread, the last one among them. */
function curveTable(curve: readonly CurvePoint[]): string {
  if (curve.length === 0) return '';
  const rows = Math.min(CURVE_ROWS, curve.length);
  const shown = Array.from(
    { length: rows },
    (_, at) => curve[Math.ceil(((at + 1) * curve.length) / rows) - 1]!,
  );
  const averages = shown.some(({ average }) => average !== undefined);
  const lines = shown.map(({ step, tokens, trainLoss, heldOut, average }) => {
    const cells = [
      count(step),
      count(tokens),
      trainLoss.toFixed(3),
      heldOut.loss.toFixed(3),
      accuracy(heldOut),
    ];
    if (averages) cells.push(average?.loss.toFixed(3) ?? '', average === undefined ? '' : accuracy(average));
    return `| ${cells.join(' | ')} |\n`;
  });
  return `The curve, on a part of the first held-out text (all points are in \`curve.json\`); training loss depends on how much
is masked:

| step | tokens | training loss | held-out loss | right |${averages ? ' averaged weights | right |' : ''}
|---|---|---|---|---|${averages ? '---|---|' : ''}
${lines.join('')}`;
}

function heldOut({ published: { measured, averaged, otherLoss } }: BaseCard): string {
  const published = averaged
    ? 'An average of the last weights is published'
    : 'The last weights are published';
  if (measured.length === 0) return `${published}. Not measured.\n`;
  const other = averaged ? 'the last weights themselves' : 'their average';
  const against = otherLoss === null ? '' : `; on the first text ${other} lost ${otherLoss.toFixed(3)}`;
  const rows = measured.map(({ name, loss, maskedTokens, ...rest }) => {
    return `| ${name} | ${loss.toFixed(3)} | ${perplexity(loss)} | ${accuracy(rest)} | ${count(maskedTokens)} |\n`;
  });
  return `${published}${against}. Measured on the weights as
they are here, in blocks of up to 128 tokens of which 15 % are masked; right is where the most probable token is
the one that was masked.

| text | loss, nats | perplexity | right | masked tokens |
|---|---|---|---|---|
${rows.join('')}`;
}

function accuracy({ accuracy: share }: { readonly accuracy: number }): string {
  return `${(100 * share).toFixed(1)} %`;
}
