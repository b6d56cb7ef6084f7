/** The commands on a base from a hub, against one on loopback. */
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, beforeEach, test } from 'node:test';
import { dispatch } from '../../src/cli/dispatch.ts';
import { baseCheck } from '../../src/cli/doctor/checks.ts';
import { resolveConfig } from '../../src/config.ts';
import { makeRng } from '../../src/rng.ts';
import { filesOf, openFakeHub } from '../edge/hub/fake-hub.ts';
import { tinyPassages } from '../fixtures/tiny.ts';
import { tinyFeed, tinyFlags, tree, writeTinyBase } from '../fixtures/tiny-base.ts';
import { fakeHost } from './fake-host.ts';

const place = mkdtempSync(path.join(tmpdir(), 'cpt-hub-cli-'));
const at = (...parts: string[]): string => path.join(place, ...parts);
writeTinyBase(at('base'));
writeFileSync(at('feed.jsonl'), tinyFeed(['kitchen', 'sea'], 40));
writeFileSync(at('sea.txt'), `${tinyPassages('sea', 40, makeRng('more')).join('\n')}\n`);
const hub = await openFakeHub();
after(async () => {
  await hub.close();
  rmSync(place, { recursive: true });
});

const files = filesOf(at('base'));
const other = Buffer.from(files['model.safetensors']!);
other[other.length - 2]! ^= 1;
let first = '';
beforeEach(() => {
  hub.token = null;
  hub.seen.length = 0;
  first = hub.publish('acme/tiny', files);
});

interface Ended {
  readonly status: number;
  readonly stdout: string;
  readonly stderr: string;
}

async function cpt(args: readonly string[], env: Record<string, string> = {}): Promise<Ended> {
  const host = fakeHost({ env: { ...envOf(), ...env } });
  return { status: await dispatch(args, host), stdout: host.out(), stderr: host.err() };
}

const envOf = () => ({ HF_ENDPOINT: hub.url, HF_HUB_CACHE: at('cache') });

const task = tinyFlags.slice(0, tinyFlags.indexOf('--port'));
const places = (name: string) => ['--state', at(name, 'state'), '--out', at(name, 'out'), '--lineage', 'l'];
const run = (name: string, base: string, ...flags: string[]) =>
  cpt(['run', '--feed', at('feed.jsonl'), '--base', base, ...places(name), ...tinyFlags, ...flags]);

test('a run on a hub id publishes the same bytes as on the folder, and tells the commit', async () => {
  const folder = await run('folder', at('base'));
  assert.equal(folder.status, 0, folder.stderr);
  const named = await run('hub', 'acme/tiny@main');
  assert.equal(named.status, 0, named.stderr);
  assert.deepEqual(tree(at('hub', 'out')), tree(at('folder', 'out')));
  const size = Object.values(files).reduce((sum, { length }) => sum + length, 0);
  assert.match(
    named.stdout,
    new RegExp(`^base acme/tiny@main: commit ${first}, ${Math.round(size / 1000)} kB fetched$`, 'm'),
  );
  assert.match(named.stdout, /^base acme\/tiny@main: \d+ .?B of \d+ kB/m);
});

test('a lineage goes on with the commit that it was begun on, also where the branch has moved', async () => {
  const task1 = ['train', ...places('moved'), ...task, '--data', at('sea.txt')];
  const begun = await cpt([...task1, '--domain', 'one', '--base', 'acme/tiny']);
  assert.equal(begun.status, 0, begun.stderr);
  const second = hub.publish('acme/tiny', { ...files, 'model.safetensors': other });
  hub.seen.length = 0;
  const goes = await cpt([...task1, '--domain', 'two', '--base', 'acme/tiny', '--json']);
  assert.equal(goes.status, 0, goes.stderr);
  assert.equal(hub.seen.length, 0);
  const ready = goes.stdout
    .split('\n')
    .map((line) => JSON.parse(line || '{}'))
    .find(({ event }) => event === 'BaseReady');
  assert.deepEqual(ready, {
    event: 'BaseReady',
    lineage: 'l',
    base: 'acme/tiny',
    commit: first,
    fetched: 0,
    pinned: true,
    note: null,
  });
  const refused = await cpt([...task1, '--domain', 'three', '--base', `acme/tiny@${second}`]);
  assert.equal(refused.status, 1);
  assert.match(
    refused.stderr,
    new RegExp(
      `^CPT_STATE: l was begun on another base than acme/tiny@${second} .*Run it on acme/tiny, commit ${first}, .*--state`,
    ),
  );
  assert.equal(refused.stderr.trim().split('\n').length, 1);
  // that attempt has not unbound it
  const still = await cpt([...task1, '--domain', 'three', '--base', 'acme/tiny']);
  assert.equal(still.status, 0, still.stderr);
  const evaluated = await cpt([
    'evaluate',
    '--lineage',
    at('moved', 'out', 'l'),
    '--data',
    at('sea.txt'),
    ...task,
    '--base',
    'acme/tiny',
  ]);
  assert.match(
    evaluated.stderr,
    new RegExp(`CPT_BASE: .* stands on another base than acme/tiny \\(commit ${second}\\).*org/name@commit`),
  );
});

test('evaluate keeps its output clean; offline takes the cache; doctor looks up and does not fetch', async () => {
  assert.equal(
    (await cpt(['train', ...places('eval'), ...task, '--data', at('sea.txt'), '--base', 'acme/tiny'])).status,
    0,
  );
  hub.seen.length = 0;
  const flags = ['--lineage', at('eval', 'out', 'l'), '--data', at('sea.txt'), ...task];
  const evaluated = await cpt(['evaluate', ...flags, '--base', 'acme/tiny', '--offline']);
  assert.equal(evaluated.status, 0, evaluated.stderr);
  assert.equal(JSON.parse(evaluated.stdout).passages, 40);
  assert.match(evaluated.stderr, new RegExp(`base acme/tiny: commit ${first}, from the cache`));
  assert.equal(hub.seen.length, 0);

  const missing = await cpt(['evaluate', ...flags, '--base', 'acme/none'], { HF_HUB_OFFLINE: '1' });
  assert.equal(missing.status, 1);
  assert.match(missing.stderr, /^CPT_HUB: Offline, and acme\/none is not whole in the cache .*\n$/);
  assert.equal(hub.seen.length, 0);

  const third = hub.publish('acme/third', { ...files, LICENSE: 'x' });
  const check = (base: string) => {
    return baseCheck(resolveConfig({ flags: { base } }).config, envOf(), new AbortController().signal);
  };
  assert.deepEqual(await check('acme/third'), {
    name: 'base model',
    standing: 'ok',
    detail: `acme/third: commit ${third}, to be fetched by the first run`,
  });
  assert.equal(hub.seen.filter(({ url }) => url.includes('/resolve/')).length, 0);
  assert.match((await check('acme/tiny')).detail, new RegExp(`snapshots/${first}: 2 layers`));
  assert.equal((await check('acme/none')).standing, 'missing');
});

test('a token is told to nobody, on no stream', async () => {
  hub.token = 'hf_sesame';
  const good = await cpt(
    [
      'train',
      ...places('token'),
      ...task,
      '--data',
      at('sea.txt'),
      '--base',
      'acme/tiny',
      '--log-level',
      'trace',
    ],
    { HF_TOKEN: 'hf_sesame', HF_HUB_CACHE: at('other-cache'), CPT_DEBUG: '1' },
  );
  assert.equal(good.status, 0, good.stderr);
  const bad = await cpt(
    ['train', ...places('bad'), ...task, '--data', at('sea.txt'), '--base', 'acme/tiny'],
    {
      HF_TOKEN: 'hf_sesame_old',
      HF_HUB_CACHE: at('no-cache'),
      CPT_DEBUG: '1',
    },
  );
  assert.equal(bad.status, 1);
  assert.match(bad.stderr, /refuses acme\/tiny to the token in HF_TOKEN/);
  const told = [good, bad].flatMap(({ stdout, stderr }) => [stdout, stderr]).join('');
  assert.doesNotMatch(told, /sesame/);
  assert.doesNotMatch(readFileSync(at('token', 'state', 'l', 'base.json'), 'utf8'), /sesame/);
});
