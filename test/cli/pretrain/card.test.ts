import assert from 'node:assert/strict';
import { test } from 'node:test';
import { baseCard } from '../../../src/cli/pretrain/card.ts';
import type { SavedState } from '../../../src/cli/pretrain/state-folder.ts';
import { savedState } from './saved-state.ts';

const [round] = savedState().rounds;
const phase = { share: 0.5, batch: 64, length: 32, maskRate: 0.3 };
const state: SavedState = {
  ...savedState(),
  step: 1500,
  rounds: [
    { ...round!, spent: 3600, phases: [{ ...phase, steps: 1000 }] },
    {
      ...round!,
      spent: 120,
      rate: { peak: 5e-4, warmup: 0, decay: 0.2, fall: 'cosine' },
      phases: [
        { ...phase, steps: 300 },
        { ...phase, steps: 900, batch: 32, length: 128, maskRate: 0.15 },
      ],
    },
  ],
  curve: Array.from({ length: 30 }, (_, at) => ({
    step: 50 * (at + 1),
    tokens: 102_400 * (at + 1),
    trainLoss: 7 - at / 10,
    heldOut: { loss: 8 - at / 10, accuracy: at / 100, maskedTokens: 9 },
    ...(at === 29 ? { average: { loss: 4.25, accuracy: 0.31, maskedTokens: 9 } } : {}),
  })),
  about: {
    data: ['a.jsonl.gz'],
    sources: ['Encyclopaedia articles, CC BY-SA 3.0'],
    notes: ['The machine was busy.'],
    licence: 'cc-by-sa-4.0',
    corpusTokens: 1_000_000,
    base: null,
  },
};
const measured = [
  { name: '`valid.jsonl`', loss: 2, accuracy: 0.5, maskedTokens: 1234 },
  { name: '`test.jsonl`', loss: 3, accuracy: 0.25, maskedTokens: 99 },
];
const given = {
  state,
  parameters: 31_000,
  published: { averaged: true, measured, otherLoss: 2.125 },
  version: '1.2.3',
};

test('the card lists every phase as it was done, the curve and every text that was measured on', () => {
  const text = baseCard(given);
  for (const part of [
    'license: cc-by-sa-4.0',
    '- Encyclopaedia articles, CC BY-SA 3.0',
    'Files: `a.jsonl.gz`.',
    'The machine was busy.',
    // 1,000 and 300 × 2,048, 200 × 4,096
    '1,500 steps, 3,481,600 tokens in all (3.5 times the corpus), in 1 h 2 min',
    '| 1 to 1,000 | 2,048,000 | 64 × 32 | 30 % | all weights | 0.001, rises over 3 %, linear to 0 |',
    '| 1,001 to 1,300 | 614,400 | 64 × 32 | 30 % | all weights | 0.0005, cosine to 0 over the last 20 % |',
    '| 1,301 to 1,500 | 819,200 | 32 × 128 | 15 % | all weights | goes on |',
    '| 1,500 | 3,072,000 | 4.100 | 5.100 | 29.0 % | 4.250 | 31.0 % |',
    'An average of the last weights is published; on the first text the last weights themselves lost 2.125.',
    '| `valid.jsonl` | 2.000 | 7.4 | 50.0 % | 1,234 |',
    '| `test.jsonl` | 3.000 | 20.1 | 25.0 % | 99 |',
  ]) {
    assert.ok(text.includes(part), `${part}\n${text}`);
  }
  assert.ok(!text.includes('\n\n\n'), text);
});

test('the card of a model that began from another one names it', () => {
  const about = { ...state.about, base: { name: 'org/encoder', sha256: 'ab12' } };
  const rounds = [{ ...state.rounds[0]!, trains: 'head' as const }, state.rounds[1]!];
  const text = baseCard({
    ...given,
    state: { ...state, about, rounds, config: { ...state.config, family: 'bert' } },
  });
  for (const part of [
    '# org/encoder, trained further by cpt-stream 1.2.3',
    'BERT, 2 layers, 32 wide',
    'Begun from org/encoder, its masked-LM head first and alone',
    '`ab12`',
    '| 1 to 1,000 | 2,048,000 | 64 × 32 | 30 % | head alone |',
  ]) {
    assert.ok(text.includes(part), `${part}\n${text}`);
  }
  assert.ok(!text.includes('English only'));
});

test('the card owns up to what is not known', () => {
  const about = { ...state.about, sources: [], notes: [], licence: null, corpusTokens: null };
  const published = { averaged: false, measured: [], otherLoss: null };
  const text = baseCard({ ...given, state: { ...state, about }, published });
  for (const part of [
    '- Not stated.',
    'The last weights are published. Not measured.',
    'tokens in all, in',
  ]) {
    assert.ok(text.includes(part), `${part}\n${text}`);
  }
  assert.ok(!text.includes('license:'));
});
