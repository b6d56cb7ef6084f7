/** Tasks by hand, and what they published, measured on texts. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { after, test } from 'node:test';
import { makeRng } from '../../src/rng.ts';
import { tinyPassages } from '../fixtures/tiny.ts';
import { tinyFlags, writeTinyBase } from '../fixtures/tiny-base.ts';

const place = fs.mkdtempSync(path.join(os.tmpdir(), 'cpt-hand-'));
const base = path.join(place, 'base');
writeTinyBase(base);
const text = (topic: string): string => {
  const file = path.join(place, `${topic}.txt`);
  fs.writeFileSync(file, `${tinyPassages(topic, 60, makeRng(topic)).join('\n')}\n`);
  return file;
};
const [kitchen, sea] = [text('kitchen'), text('sea')];
const out = path.join(place, 'out');
after(() => fs.rmSync(place, { recursive: true }));

function cpt(...args: string[]) {
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    ['--import', 'tsx', 'src/cli/main.ts', ...args],
    {
      encoding: 'utf8',
    },
  );
  return { status, stdout, stderr };
}

// `--port` is no flag of these commands
const task = tinyFlags.slice(0, tinyFlags.indexOf('--port'));
const places = ['--base', base, '--state', path.join(place, 'state'), '--out', out, '--lineage', 'hand'];
const train = (...args: string[]) => cpt('train', ...places, ...task, ...args);

test('two domains by hand, one of them twice; each lowers the loss of its own text', () => {
  assert.equal(train('--data', kitchen).status, 0);
  assert.equal(train('--data', sea, '--domain', 'ocean').status, 0);
  assert.equal(train('--data', kitchen).status, 0);
  assert.deepEqual(fs.readdirSync(path.join(out, 'hand', 'refs')).sort(), [
    'kitchen',
    'kitchen.1',
    'kitchen.2',
    'main',
    'ocean',
    'ocean.1',
  ]);

  const flags = ['--lineage', path.join(out, 'hand'), '--base', base, ...task];
  const { status, stdout, stderr } = cpt('evaluate', ...flags, '--data', kitchen, '--data', sea);
  assert.equal(status, 0, stderr);
  const [onKitchen, onSea] = stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
  assert.equal(onKitchen.passages, 60);
  assert.deepEqual(Object.keys(onKitchen.domains).sort(), ['kitchen', 'ocean']);
  assert.ok(onKitchen.domains.kitchen.loss < onKitchen.base.loss);
  assert.ok(onSea.domains.ocean.loss < onSea.base.loss);
  assert.equal(onSea.base.perplexity, Math.exp(onSea.base.loss));
});

test('a folder that is no lineage, another base, a file without text and a bad name are refused', () => {
  const nowhere = cpt('evaluate', '--lineage', place, '--data', sea, '--base', base);
  assert.equal(nowhere.status, 1);
  assert.match(nowhere.stderr, /^CPT_VERIFY: /);

  const other = path.join(place, 'other');
  fs.cpSync(base, other, { recursive: true });
  const weights = path.join(other, 'model.safetensors');
  const bytes = fs.readFileSync(weights);
  bytes[bytes.length - 1]! ^= 1;
  fs.writeFileSync(weights, bytes);
  const mixed = cpt('evaluate', '--lineage', path.join(out, 'hand'), '--data', sea, '--base', other);
  assert.equal(mixed.status, 1);
  assert.match(mixed.stderr, /^CPT_BASE: .*another base/);

  const empty = path.join(place, 'empty.txt');
  fs.writeFileSync(empty, '\n\n');
  assert.match(train('--data', empty).stderr, /^CPT_FEED: .*no passage/);
  assert.equal(train('--data', sea, '--domain', '../up').status, 2);
});
