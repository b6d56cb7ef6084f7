import assert from 'node:assert/strict';
import fs from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, test } from 'node:test';
import { corpusKey, readCorpus, writeCorpus } from '../../../src/cli/pretrain/corpus-cache.ts';
import { PLAN_DEFAULTS } from '../../../src/cli/pretrain/plan.ts';
import { StateFolder } from '../../../src/cli/pretrain/state-folder.ts';
import type { PretrainState } from '../../../src/train/pretrain.ts';

const root = fs.mkdtempSync(path.join(tmpdir(), 'cpt-pretrain-'));
after(() => fs.rmSync(root, { recursive: true, force: true }));
const fresh = (): string => fs.mkdtempSync(path.join(root, 'state-'));

const state = (step: number): PretrainState => ({
  step,
  slots: {
    'a.weight': {
      value: Float32Array.of(step, -0),
      first: Float32Array.of(1, 2),
      second: Float32Array.of(3, 4),
    },
    'a.bias': { value: Float32Array.of(Number.NaN), first: Float32Array.of(5), second: Float32Array.of(6) },
  },
  curve: [{ step, tokens: 10, trainLoss: 5, heldOut: { loss: 6, accuracy: 0.1, maskedTokens: 7 } }],
});

test('a saved state comes back bit for bit, with its plan', async () => {
  const folder = fresh();
  assert.equal(new StateFolder(folder).load(), null);
  await new StateFolder(folder).save(state(3), PLAN_DEFAULTS);
  assert.deepEqual(new StateFolder(folder).load(), { ...state(3), plan: PLAN_DEFAULTS });
});

test('two files by turns: while one is written the other is whole, after a restart too', async () => {
  const folder = fresh();
  const used: string[] = [];
  for (const step of [1, 2, 3, 4]) {
    const opened = new StateFolder(folder);
    opened.load();
    await opened.save(state(step), PLAN_DEFAULTS);
    const { bin } = JSON.parse(fs.readFileSync(path.join(folder, 'state.json'), 'utf8')) as { bin: string };
    used.push(bin);
  }
  assert.deepEqual(used, ['state.a.bin', 'state.b.bin', 'state.a.bin', 'state.b.bin']);
  // The state before the newest is untouched by what is written next.
  fs.writeFileSync(path.join(folder, 'state.a.bin'), 'half a fi');
  assert.equal(new StateFolder(folder).load()!.step, 4);
});

test('a state without a plan, its weights named by a whole path, is taken too', async () => {
  const folder = fresh();
  await new StateFolder(folder).save(state(5), PLAN_DEFAULTS);
  const file = path.join(folder, 'state.json');
  const { plan: _, ...rest } = JSON.parse(fs.readFileSync(file, 'utf8')) as { plan: unknown; bin: string };
  fs.writeFileSync(file, JSON.stringify({ ...rest, bin: path.join(folder, rest.bin) }));
  assert.deepEqual(new StateFolder(folder).load(), { ...state(5), plan: {} });
});

test('damage is CPT_STATE', async () => {
  const folder = fresh();
  await new StateFolder(folder).save(state(1), PLAN_DEFAULTS);
  fs.truncateSync(path.join(folder, 'state.a.bin'), 12);
  assert.throws(() => new StateFolder(folder).load(), { code: 'CPT_STATE', message: /has 12 bytes, not 36/ });
  fs.rmSync(path.join(folder, 'state.a.bin'));
  assert.throws(() => new StateFolder(folder).load(), { code: 'CPT_STATE' });
  fs.writeFileSync(path.join(folder, 'state.json'), '{');
  assert.throws(() => new StateFolder(folder).load(), { code: 'CPT_STATE' });
});

test('a cached corpus is used for what it was made from, and for nothing else', async () => {
  const folder = fresh();
  const data = path.join(folder, 'data.jsonl');
  fs.writeFileSync(data, 'one');
  const key = corpusKey([data], 'tokenizer', 'seed');
  assert.equal(readCorpus(folder, key), null);
  const corpus = { tokens: Uint16Array.of(5, 6, 2), texts: 1 };
  await writeCorpus(folder, key, corpus);
  assert.deepEqual(readCorpus(folder, key), corpus);
  assert.notEqual(corpusKey([data], 'tokenizer', 'other'), key);
  fs.writeFileSync(data, 'more');
  assert.notEqual(corpusKey([data], 'tokenizer', 'seed'), key);
  assert.equal(readCorpus(folder, corpusKey([data], 'tokenizer', 'seed')), null);
});
