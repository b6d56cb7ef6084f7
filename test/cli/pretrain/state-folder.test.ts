import assert from 'node:assert/strict';
import fs from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, test } from 'node:test';
import { corpusKey, readCorpus, writeCorpus } from '../../../src/cli/pretrain/corpus-cache.ts';
import { StateFolder } from '../../../src/cli/pretrain/state-folder.ts';
import { savedState } from './saved-state.ts';

const root = fs.mkdtempSync(path.join(tmpdir(), 'cpt-pretrain-'));
after(() => fs.rmSync(root, { recursive: true, force: true }));
const fresh = (): string => fs.mkdtempSync(path.join(root, 'state-'));

test('a saved state comes back bit for bit, with its rounds and its average', async () => {
  const folder = fresh();
  const state = savedState();
  state.slots['lm_head.bias']!.value.set([Number.NaN, -0, Infinity]);
  assert.equal(new StateFolder(folder).load(), null);
  await new StateFolder(folder).save(state);
  assert.deepEqual(new StateFolder(folder).load(), state);
  await new StateFolder(folder).save({ ...state, average: null });
  assert.equal(new StateFolder(folder).load()!.average, null);
});

test('two files by turns: while one is written the other is whole, after a restart too', async () => {
  const folder = fresh();
  const used: string[] = [];
  for (const step of [1, 2, 3, 4]) {
    const opened = new StateFolder(folder);
    opened.load();
    await opened.save(savedState(step));
    const { bin } = JSON.parse(fs.readFileSync(path.join(folder, 'state.json'), 'utf8')) as { bin: string };
    used.push(bin);
  }
  assert.deepEqual(used, ['state.a.bin', 'state.b.bin', 'state.a.bin', 'state.b.bin']);
  // The state before the newest is untouched by what is written next.
  fs.writeFileSync(path.join(folder, 'state.a.bin'), 'half a fi');
  assert.equal(new StateFolder(folder).load()!.step, 4);
});

test('damage is CPT_STATE, another version CPT_STATE_VERSION', async () => {
  const folder = fresh();
  await new StateFolder(folder).save(savedState());
  const note = path.join(folder, 'state.json');
  const file = JSON.parse(fs.readFileSync(note, 'utf8')) as { format: number; sizes: [string, number][] };
  const rewritten = (change: object) => {
    fs.writeFileSync(note, JSON.stringify({ ...file, ...change }));
    return new StateFolder(folder);
  };
  assert.throws(() => rewritten({ format: 1 }).load(), { code: 'CPT_STATE_VERSION' });
  assert.throws(() => rewritten({ sizes: file.sizes.slice(1) }).load(), { code: 'CPT_STATE' });
  const swapped = file.sizes.map(([name, size], at) => [at === 0 ? 'other' : name, size]);
  assert.throws(() => rewritten({ sizes: swapped }).load(), {
    code: 'CPT_STATE',
    message: /has 0 values in/,
  });
  rewritten({});
  fs.truncateSync(path.join(folder, 'state.a.bin'), 12);
  assert.throws(() => new StateFolder(folder).load(), {
    code: 'CPT_STATE',
    message: /has 12 bytes, not \d+/,
  });
  fs.rmSync(path.join(folder, 'state.a.bin'));
  assert.throws(() => new StateFolder(folder).load(), { code: 'CPT_STATE' });
  fs.writeFileSync(note, '{');
  assert.throws(() => new StateFolder(folder).load(), { code: 'CPT_STATE' });
});

test('a cached corpus is used for what it was made from, and for nothing else', async () => {
  const folder = fresh();
  const data = path.join(folder, 'data.jsonl');
  fs.writeFileSync(data, 'one');
  const key = corpusKey([data], 'tokenizer', 'seed');
  assert.equal(readCorpus(folder, key), null);
  for (const tokens of [Uint16Array.of(5, 6, 2), Uint32Array.of(250_001, 6, 2)]) {
    await writeCorpus(folder, key, { tokens, texts: 1 });
    assert.deepEqual(readCorpus(folder, key), { tokens, texts: 1 });
  }
  assert.notEqual(corpusKey([data], 'tokenizer', 'other'), key);
  fs.writeFileSync(data, 'more');
  assert.notEqual(corpusKey([data], 'tokenizer', 'seed'), key);
  assert.equal(readCorpus(folder, corpusKey([data], 'tokenizer', 'seed')), null);
});
