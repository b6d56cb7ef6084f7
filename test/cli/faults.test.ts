/** The whole program on what a person can get wrong: one line with a code, exit status 1, nothing damaged. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import { createServer } from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { after, test } from 'node:test';
import { open } from 'lmdb';
import { decodeSafetensors, encodeSafetensors } from '../../src/checkpoint/index.ts';
import { tinyFeed, tinyFlags, tree, writeTinyBase } from '../fixtures/tiny-base.ts';

const place = fs.mkdtempSync(path.join(os.tmpdir(), 'cpt-faults-'));
const base = path.join(place, 'base');
const feed = path.join(place, 'feed.jsonl');
writeTinyBase(base);
fs.writeFileSync(feed, tinyFeed(['kitchen', 'sea'], 40));
after(() => fs.rmSync(place, { recursive: true }));

function run(name: string, ...more: string[]) {
  const places = ['--state', path.join(place, name, 'state'), '--out', path.join(place, name, 'out')];
  const flags = ['--feed', feed, '--base', base, '--lineage', 'l', ...places, ...tinyFlags, ...more];
  const command = ['--import', 'tsx', 'src/cli/main.ts', 'run', ...flags];
  return spawnSync(process.execPath, command, { encoding: 'utf8', env: { ...process.env, NO_COLOR: '1' } });
}

function refused({ status, stderr }: ReturnType<typeof run>, code: string, pattern: RegExp): void {
  assert.equal(status, 1, stderr);
  const lines = stderr.trim().split('\n');
  assert.equal(lines.length, 1, stderr);
  assert.ok(lines[0]!.startsWith(`${code}: `), stderr);
  assert.match(lines[0]!, pattern);
  assert.doesNotMatch(stderr, /\n\s+at /);
}

test('a base that is not there', () => {
  refused(run('missing-base', '--base', path.join(place, 'nowhere')), 'CPT_BASE', /nowhere/);
  assert.ok(!fs.existsSync(path.join(place, 'missing-base', 'out')));
});

test('weights that are cut short', () => {
  const cut = path.join(place, 'cut-base');
  fs.cpSync(base, cut, { recursive: true });
  const weights = path.join(cut, 'model.safetensors');
  fs.truncateSync(weights, fs.statSync(weights).size - 100);
  refused(run('cut-base-run', '--base', cut), 'CPT_SAFETENSORS', /model\.safetensors/);
});

test('an encoder without a masked-LM head, before anything of the feed is read', () => {
  const encoder = path.join(place, 'encoder');
  fs.cpSync(base, encoder, { recursive: true });
  const weights = path.join(encoder, 'model.safetensors');
  const { tensors } = decodeSafetensors(fs.readFileSync(weights));
  const own = Object.entries(tensors).filter(([name]) => !name.startsWith('lm_head.'));
  fs.writeFileSync(weights, encodeSafetensors(Object.fromEntries(own)));
  const { stdout, ...result } = run('encoder-run', '--base', encoder);
  refused({ stdout, ...result }, 'CPT_BASE', /no masked-LM head.* cpt pretrain --base/);
  assert.equal(stdout, '');
  assert.ok(!fs.existsSync(path.join(place, 'encoder-run')));
});

test('a feed that is not there', () => {
  refused(run('missing-feed', '--feed', path.join(place, 'no.jsonl')), 'CPT_FEED', /no\.jsonl/);
});

test('blocks longer than the base has positions for', () => {
  refused(run('too-long', '--length', '512'), 'CPT_CONFIG', /--length 64/);
});

test('all wrong settings are told together', () => {
  const { status, stderr } = run('settings', '--batch', '0', '--passes', 'many', '--lineage', 'No Name');
  assert.equal(status, 1);
  for (const name of ['batch', 'passes', 'lineage']) assert.match(stderr, new RegExp(name));
});

test('a port that another program has', async () => {
  const server = createServer().listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const { port } = server.address() as { port: number };
  try {
    refused(run('port', '--port', String(port)), 'CPT_PORT', new RegExp(String(port)));
  } finally {
    server.close();
  }
});

test('a state of another version is left as it is', async () => {
  assert.equal(run('version').status, 0);
  const before = tree(path.join(place, 'version', 'out'));
  const root = open({
    path: path.join(place, 'version', 'state', 'l', 'state.lmdb'),
    noSubdir: true,
    maxDbs: 8,
  });
  root.openDB('meta', { encoding: 'json' }).putSync('identity', { version: 99, lineage: 'l' });
  await root.close();
  refused(run('version'), 'CPT_STATE_VERSION', /99/);
  assert.deepEqual(tree(path.join(place, 'version', 'out')), before);
});

test('a lineage gone on with under other plugin sizes, or on another base', () => {
  assert.equal(run('sizes').status, 0);
  fs.appendFileSync(path.join(place, 'more.jsonl'), fs.readFileSync(feed, 'utf8') + tinyFeed(['garden'], 40));
  const more = ['--feed', path.join(place, 'more.jsonl')];
  refused(run('sizes', ...more, '--ffn-width', '2'), 'CPT_STATE', /other sizes/);
  assert.equal(run('sizes', ...more).status, 0, 'and with the old sizes it goes on');
});
