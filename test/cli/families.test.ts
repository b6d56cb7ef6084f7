/** Bases of other families than RoBERTa from the folder to the published model and back, by the command line. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { after, test } from 'node:test';
import * as ort from 'onnxruntime-node';
import { seat } from '../../src/checkpoint/index.ts';
import { dispatch } from '../../src/cli/dispatch.ts';
import { loadBase } from '../../src/edge/base.ts';
import { storeAt } from '../../src/edge/store/index.ts';
import { readPublished } from '../../src/edge/store/published-model.ts';
import { emptyMasks } from '../../src/plugin/mask.ts';
import { makeRng } from '../../src/rng.ts';
import type { RobertaConfig } from '../../src/roberta/config.ts';
import { trainingTimeModel } from '../checkpoint/help/reference.ts';
import { tinyConfigOf, tinyPassages } from '../fixtures/tiny.ts';
import { tinyFlags, writeTinyBase } from '../fixtures/tiny-base.ts';
import { fakeHost } from './fake-host.ts';

const place = fs.mkdtempSync(path.join(os.tmpdir(), 'cpt-families-'));
after(() => fs.rmSync(place, { recursive: true }));
const text = path.join(place, 'kitchen.txt');
fs.writeFileSync(text, `${tinyPassages('kitchen', 60, makeRng('kitchen')).join('\n')}\n`);
// `--port` is no flag of these commands
const task = tinyFlags.slice(0, tinyFlags.indexOf('--port'));

async function cpt(...argv: string[]): Promise<string> {
  const host = fakeHost();
  assert.equal(await dispatch(argv, host), 0, host.err());
  return host.out();
}

/** As `cpt train` of a shell: the trainer is a process of its own. */
function train(...args: string[]): void {
  const { status, stderr } = spawnSync(
    process.execPath,
    ['--import', 'tsx', 'src/cli/main.ts', 'train', ...args],
    { encoding: 'utf8' },
  );
  assert.equal(status, 0, stderr);
}

const CASES: Readonly<Record<string, RobertaConfig>> = {
  'bert, untied': tinyConfigOf('bert', false),
  distilbert: tinyConfigOf('distilbert'),
  'xlm-roberta': tinyConfigOf('xlm-roberta'),
};

for (const [name, config] of Object.entries(CASES)) {
  test(`${name}: trained, proved, published, read back`, async () => {
    const at = (part: string) => path.join(place, name, part);
    writeTinyBase(at('base'), config);
    const places = ['--base', at('base'), '--state', at('state'), '--out', at('out'), '--lineage', 'own'];
    train(...places, ...task, '--data', text);
    const lineage = path.join(at('out'), 'own');

    assert.match(await cpt('verify', lineage), /^sound: /);
    assert.equal(JSON.parse(await cpt('inspect', lineage, '--json')).revisions.length, 1);
    const measured = JSON.parse(
      await cpt('evaluate', '--lineage', lineage, '--base', at('base'), ...task, '--data', text),
    );
    assert.ok(measured.domains.kitchen.loss < measured.base.loss);

    await cpt('export', lineage, '--to', at('model'));
    const base = await loadBase(at('base'));
    const again = await loadBase(at('model')); // what is published is a base too, its plugins left aside
    assert.deepEqual(again.config, config);
    assert.equal(again.sha256, base.sha256);
    const written = JSON.parse(fs.readFileSync(path.join(at('model'), 'config.json'), 'utf8'));
    assert.equal(written.model_type, config.family);

    const { plugin, pruned } = await readPublished(storeAt(lineage), 'main');
    const { weights, masks } = seat(plugin, pruned);
    const ids = Int32Array.of(9, 40, 41, 7, 12, 30, 31, 32, 33, config.padId, config.padId, config.padId);
    const mask = ids.map((id) => (id === config.padId ? 0 : 1));
    const batch = { batch: 2, length: 6, ids, mask };
    const trained = await trainingTimeModel(config, plugin, base.weights, weights, masks, batch);
    const untouched = await trainingTimeModel(
      config,
      plugin,
      base.weights,
      weights,
      emptyMasks(plugin),
      batch,
    );
    const session = await ort.InferenceSession.create(path.join(at('model'), 'onnx', 'model.onnx'));
    const feed = (of: Int32Array) => new ort.Tensor('int64', BigInt64Array.from(of, BigInt), [2, 6]);
    const { logits } = await session.run({ input_ids: feed(ids), attention_mask: feed(mask) });
    await session.release();
    const off = (from: Float32Array) =>
      from.reduce((most, value, i) => {
        const kept = mask[Math.floor(i / config.vocabSize)] === 1;
        return kept ? Math.max(most, Math.abs(value - Number(logits!.data[i]))) : most;
      }, 0);
    assert.ok(off(trained.logits) < 1e-4, `${off(trained.logits)}`);
    assert.ok(off(untouched.logits) > 1e-2, 'the plugins have a say');
  });
}
