/** `cpt pretrain --base`: an encoder of another family that comes without a head, in half precision. */
import assert from 'node:assert/strict';
import fs from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, test } from 'node:test';
import { encodeSafetensors, toFloat16 } from '../../../src/checkpoint/index.ts';
import { dispatch } from '../../../src/cli/dispatch.ts';
import { StateFolder } from '../../../src/cli/pretrain/state-folder.ts';
import { type LoadedBase, loadBase } from '../../../src/edge/base.ts';
import { CptError } from '../../../src/errors.ts';
import { makeRng } from '../../../src/rng.ts';
import { robertaConfigJson } from '../../../src/roberta/config.ts';
import { FAMILIES, type FamilyName, publishedName } from '../../../src/roberta/families/index.ts';
import { isHead, robertaShapes } from '../../../src/roberta/weights.ts';
import { tinyBase, tinyConfig, tinyPassages, tinyTokenizer } from '../../fixtures/tiny.ts';
import { tinyFlags } from '../../fixtures/tiny-base.ts';
import { type FakeHostOptions, fakeHost } from '../fake-host.ts';

const root = fs.mkdtempSync(path.join(tmpdir(), 'cpt-from-base-'));
after(() => fs.rmSync(root, { recursive: true, force: true }));
const at = (name: string): string => path.join(root, name);

/** A folder with an encoder alone. */
function writeEncoder(folder: string, family: FamilyName): void {
  const config = { ...tinyConfig, ...FAMILIES[family].fixed, family };
  const { weights } = tinyBase('encoder', config);
  const tensors = Object.entries(robertaShapes(config))
    .filter(([name]) => !isHead(name))
    .map(([name, shape]) => [publishedName(FAMILIES[family], name), toFloat16(weights[name]!, shape)]);
  fs.mkdirSync(folder);
  fs.writeFileSync(path.join(folder, 'model.safetensors'), encodeSafetensors(Object.fromEntries(tensors)));
  fs.writeFileSync(path.join(folder, 'config.json'), JSON.stringify(robertaConfigJson(config)));
  fs.writeFileSync(path.join(folder, 'LICENSE'), 'Do as you like.');
  for (const [name, text] of Object.entries(tinyTokenizer)) fs.writeFileSync(path.join(folder, name), text);
}

const lines = (topic: string, count: number): string =>
  `${tinyPassages(topic, count, makeRng(topic)).join('\n')}\n`;
fs.writeFileSync(at('sea.txt'), lines('sea', 150));
fs.writeFileSync(at('held-out.txt'), lines('garden', 30));
writeEncoder(at('bert'), 'bert');
writeEncoder(at('roberta'), 'roberta');

async function cpt(argv: string[], options: FakeHostOptions = {}) {
  const host = fakeHost(options);
  const status = await dispatch(argv, host);
  return { status, out: host.out(), err: host.err() };
}

const FILES = ['--data', at('sea.txt'), '--held-out', at('held-out.txt')];
const HOW = ['--phases', '20:4x32@15%', '--learning-rate', '0.003', '--average', '5'];
const SPEED = ['--save-every', '10', '--threads', '1', '--device', 'cpu'];

function pretrain(name: string, argv: string[], options: FakeHostOptions = {}) {
  return cpt(
    ['pretrain', ...FILES, '--out', at(name), '--work', at(`${name}-work`), ...argv, ...SPEED],
    options,
  );
}

const bytes = (values: Float32Array): string =>
  Buffer.from(values.buffer, values.byteOffset, values.byteLength).toString('base64');
const encoderOf = ({ weights }: Pick<LoadedBase, 'weights'>) =>
  Object.entries(weights)
    .filter(([name]) => !isHead(name))
    .map(([name, values]) => [name, bytes(values)]);

test('first the head alone, the encoder bit for bit as it came; resumed, then everything', async () => {
  const base = await loadBase(at('bert'), { head: 'optional' });
  const controller = new AbortController();
  const stopped = await pretrain('parts', ['--base', at('bert'), '--head-steps', '30', ...HOW], {
    signal: controller.signal,
    onOut: (text) => {
      if (text.startsWith('step 30 of 50')) controller.abort(new CptError('CPT_INTERRUPTED', 'Stopped.'));
    },
  });
  assert.equal(stopped.status, 1);
  const state = new StateFolder(at('parts-work')).load()!;
  const weights = Object.fromEntries(Object.entries(state.slots).map(([name, { value }]) => [name, value]));
  assert.deepEqual(encoderOf({ weights }), encoderOf(base));
  const losses = state.curve.map(({ heldOut }) => heldOut.loss);
  assert.ok(losses.length === 3 && losses[2]! < losses[0]!, losses.join());

  const resumed = await pretrain('parts', ['--resume']);
  assert.equal(resumed.status, 0, resumed.err);
  const whole = await pretrain('whole', ['--base', at('bert'), '--head-steps', '30', ...HOW]);
  assert.equal(whole.status, 0, whole.err);
  const file = (name: string) => fs.readFileSync(at(`${name}/model.safetensors`)).toString('base64');
  assert.equal(file('parts'), file('whole'));
  assert.notDeepEqual(encoderOf(await loadBase(at('whole'))), encoderOf(base));
});

test('what comes out is a base of the same family with its tokenizer, its licence, a card', async () => {
  const [base, made] = [await loadBase(at('bert'), { head: 'optional' }), await loadBase(at('whole'))];
  assert.ok(made.hasHead);
  assert.deepEqual(made.config, base.config);
  assert.deepEqual(made.tokenizerFiles, base.tokenizerFiles);
  assert.equal(made.licence, 'Do as you like.');
  const card = fs.readFileSync(at('whole/README.md'), 'utf8');
  for (const part of [
    '# bert, trained further by cpt-stream',
    'BERT, 2 layers, 32 wide',
    'Begun from bert, its masked-LM head first and alone',
    '| 1 to 30 | 3,840 | 4 × 32 | 15 % | head alone | 0.001,',
    '| 31 to 50 | 2,560 | 4 × 32 | 15 % | all weights | 0.003,',
  ]) {
    assert.ok(card.includes(part), `${part}\n${card}`);
  }
});

test('what comes out is trained on as a base, also once more', async () => {
  const first = await pretrain('own', [
    '--base',
    at('roberta'),
    '--head-steps',
    '5',
    '--phases',
    '5:4x32@15%',
  ]);
  assert.equal(first.status, 0, first.err);
  const again = await pretrain('again', ['--base', at('own'), '--steps', '3']);
  assert.equal(again.status, 0, again.err);
  const card = fs.readFileSync(at('again/README.md'), 'utf8');
  assert.ok(card.includes((await loadBase(at('own'))).sha256), card);
  assert.match(card, /\| 1 to 3 \| .* \| all weights \| 0\.0001,/);
  const task = tinyFlags.slice(0, tinyFlags.indexOf('--port')); // `--port` is no flag of train
  const places = ['--state', at('state'), '--out', at('lineages'), '--lineage', 'sea'];
  const { status, err } = await cpt([
    'train',
    '--base',
    at('again'),
    '--data',
    at('sea.txt'),
    ...places,
    ...task,
  ]);
  assert.equal(status, 0, err);
  assert.deepEqual(fs.readdirSync(at('lineages/sea/refs')).sort(), ['main', 'sea', 'sea.1']);
});

test('a base that is not there, and flags that are not for one, are told before anything is done', async () => {
  const nowhere = await pretrain('x', ['--base', at('nowhere'), '--steps', '1']);
  assert.deepEqual([nowhere.status, /^CPT_BASE: There is no folder/.test(nowhere.err)], [1, true]);
  const wrong = await pretrain('x', [
    '--base',
    at('bert'),
    '--steps',
    '1',
    '--layers',
    '3',
    '--tokenizer',
    'y',
  ]);
  assert.equal(wrong.status, 2);
  assert.match(wrong.err, /^CPT_USAGE: 2 flags are wrong:\n {2}--layers is for .*\n {2}--tokenizer is for/);
  assert.ok(!fs.existsSync(at('x-work')));
});
