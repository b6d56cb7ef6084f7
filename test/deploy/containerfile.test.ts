/** No Docker here: the image's last stage is laid out in a folder, and the program run in it as nobody. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { after, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { tinyFeed, tinyFlags, writeTinyBase } from '../fixtures/tiny-base.ts';
import { copiedByStage, stepsOf } from './containerfile.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const steps = stepsOf(fs.readFileSync(path.join(root, 'deploy/Containerfile'), 'utf8'));
const said = (instruction: string): string[] =>
  steps.filter((step) => step.instruction === instruction).map(({ text }) => text);
const NOBODY = 65534;

const place = fs.mkdtempSync(path.join(os.tmpdir(), 'cpt-image-'));
after(() => fs.rmSync(place, { recursive: true, force: true }));

test('pinned, not root by number, stopped by SIGTERM, checked, labelled, without development packages', () => {
  assert.match(said('ARG')[0]!, /^NODE=node:2\d\.\d+\.\d+-[a-z]+-slim$/);
  assert.deepEqual(said('FROM'), ['$' + '{NODE} AS packages', '$' + '{NODE}']);
  assert.deepEqual(said('RUN')[0], 'npm ci --omit=dev');
  assert.match(said('USER').at(-1)!, /^[1-9]\d*:[1-9]\d*$/);
  assert.deepEqual(said('STOPSIGNAL'), ['SIGTERM']);
  assert.match(said('HEALTHCHECK')[0]!, /127\.0\.0\.1:9464\/livez/);
  assert.match(said('LABEL')[0]!, /org\.opencontainers\.image\.licenses="Apache-2\.0"/);
});

test('what is copied exists and is let into the build', () => {
  const allowed = fs.readFileSync(path.join(root, 'deploy/Containerfile.dockerignore'), 'utf8').split('\n');
  assert.equal(allowed.filter((line) => line !== '' && !/^[#!]/.test(line)).join(), '*');
  const copied = copiedByStage(steps).flat();
  for (const source of copied) {
    assert.ok(fs.existsSync(path.join(root, source)), source);
    assert.ok(allowed.includes(`!${source.replace(/^\.\//, '')}`), `${source} is left out of the build`);
  }
  const spare = allowed
    .filter((line) => line.startsWith('!'))
    .filter((line) => !copied.includes(line.slice(1)));
  assert.deepEqual(spare, []);
});

test('with nothing but what is copied, nothing of it writable, another user runs it to a checkpoint', () => {
  const app = path.join(place, 'app');
  const data = path.join(place, 'data');
  fs.chmodSync(place, 0o755);
  for (const source of copiedByStage(steps).at(-1)!) {
    fs.cpSync(path.join(root, source), path.join(app, source), { recursive: true });
  }
  // Before the packages are linked: those are not ours to change.
  for (const entry of fs.readdirSync(app, { recursive: true, withFileTypes: true })) {
    if (entry.isFile()) fs.chmodSync(path.join(entry.parentPath, entry.name), 0o444);
  }
  fs.symlinkSync(fs.realpathSync(path.join(root, 'node_modules')), path.join(app, 'node_modules'));
  for (const folder of [data, path.join(place, 'tmp')]) fs.mkdirSync(folder);
  const base = path.join(place, 'base');
  writeTinyBase(base);
  fs.writeFileSync(path.join(place, 'feed.jsonl'), tinyFeed(['kitchen'], 40));
  const isRoot = process.getuid?.() === 0;
  if (isRoot) {
    for (const folder of [data, path.join(place, 'tmp')]) fs.chownSync(folder, NOBODY, NOBODY);
  }
  const [program, ...entry] = JSON.parse(said('ENTRYPOINT')[0]!) as string[];
  assert.equal(program, 'node');
  const places = ['--state', path.join(data, 'state'), '--out', path.join(data, 'out')];
  const feed = ['--feed', path.join(place, 'feed.jsonl'), '--base', base, '--lineage', 'l'];
  const ran = spawnSync(process.execPath, [...entry, 'run', ...feed, ...places, ...tinyFlags], {
    cwd: app,
    encoding: 'utf8',
    env: {
      PATH: process.env.PATH,
      NODE_ENV: 'production',
      HOME: path.join(place, 'tmp'),
      TMPDIR: path.join(place, 'tmp'),
    },
    ...(isRoot ? { uid: NOBODY, gid: NOBODY } : {}),
  });
  assert.equal(ran.status, 0, ran.stderr);
  assert.equal(fs.readdirSync(path.join(data, 'out', 'l', 'revisions')).length, 1);
});
