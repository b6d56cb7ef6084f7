/** `cpt inspect` on state folders made by hand: of this version, of another, and damaged. */
import assert from 'node:assert/strict';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { after, test } from 'node:test';
import { dispatch } from '../../src/cli/dispatch.ts';
import { Segmenter } from '../../src/domains/index.ts';
import type { StateInspection } from '../../src/edge/inspect/state.ts';
import { STATE_VERSION } from '../../src/edge/state/identity.ts';
import { openRoot } from '../../src/edge/state/root.ts';
import { State } from '../../src/edge/state/state.ts';
import type { ClosedDomain } from '../../src/edge/state/types.ts';
import type { CptEvent } from '../../src/events.ts';
import { fakeHost } from './fake-host.ts';

const place = fs.mkdtempSync(path.join(os.tmpdir(), 'cpt-inspect-'));
after(() => fs.rmSync(place, { recursive: true }));

async function cpt(...argv: string[]): Promise<{ status: number; out: string; err: string }> {
  const host = fakeHost();
  const status = await dispatch(argv, host);
  return { status, out: host.out(), err: host.err() };
}

const closed = (domain: string, first: number, last: number): ClosedDomain => {
  return {
    domain,
    ranges: [[first, last]],
    returnOf: null,
    label: 'ta\u001b[31mble',
    near: [],
    signatures: [],
  };
};
const told: CptEvent = { event: 'CheckpointPublished', lineage: 'demo', domain: 'a', task: 1 } as CptEvent;

/** 50 passages: two closed domains of 20, 8 that are held under a name, 2 of an open domain. */
async function makeState(name: string): Promise<string> {
  const folder = path.join(place, name);
  const state = State.open(folder, { lineage: 'demo', features: 'lexical' });
  const segmenter = new Segmenter({ minPassages: 10 });
  const names = ['a', 'b', 'c', 'd'].flatMap((domain, at) =>
    Array<string>(at < 2 ? 20 : at < 3 ? 8 : 2).fill(domain),
  );
  for (const [at, domain] of names.entries()) segmenter.push({ text: `text ${at}`, domain });
  const texts = names.map((_, at) => `text ${at}`);
  state.commit({
    offsets: { 'reviews/10': '7', 'reviews/2': '33' },
    segmenter: segmenter.snapshot(),
    first: 0,
    texts,
    closed: [closed('a', 0, 19), closed('b', 20, 39)],
    deadLetters: 3,
    deadLetterBytes: 1200,
    events: { history: [], outgoing: [told, told] },
  });
  state.begin(state.nextTask()!, 5);
  await state.close();
  return folder;
}

test('a state is told in lines, without its lock and as it was', async () => {
  const folder = await makeState('lines');
  const before = fs.readFileSync(path.join(folder, 'state.lmdb'));
  const { status, out } = await cpt('inspect', folder);
  assert.equal(status, 0);
  const lines = out.split('\n');
  assert.deepEqual(
    lines.filter((line) => !line.startsWith('on disk: ')),
    [
      `${folder}: lineage demo, state version ${STATE_VERSION}`,
      'features: lexical',
      'no process runs on it',
      'feed: 50 passages accepted, 3 dead letters (1.2 kB)',
      'offsets: 2',
      '  read to     offset',
      '  reviews/2       33',
      '  reviews/10       7',
      'outbox: 2 events, oldest 1 (CheckpointPublished)',
      'open domain: 2 passages since index 48, statistic 0.00',
      'held beside it: c 8',
      'known domains: 2',
      '  domain  passages  label',
      '  a             20  text',
      '  b             20',
      'closed domains that wait: 2',
      '  task  domain  passages   size  begun  label',
      '     1  a             20  130 B  yes    ta [31mble',
      '     2  b             20  140 B  no     ta [31mble',
      'passages kept: 50, 340 B, those of open domains too',
      'tasks trained: none',
      '',
    ],
  );
  assert.deepEqual(fs.readFileSync(path.join(folder, 'state.lmdb')), before);
  assert.equal(fs.existsSync(path.join(folder, 'lock')), false);
});

test('a folder of states is told one after the other, as JSON one a line', async () => {
  const folder = path.join(place, 'two');
  for (const name of ['x', 'y']) await makeState(path.join('two', name));
  fs.writeFileSync(path.join(folder, 'x', 'lock'), '999999999 1\n');
  const { status, out } = await cpt('inspect', folder, '--json');
  assert.equal(status, 0);
  const [first, second, ...more] = out
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as StateInspection);
  assert.equal(more.length, 0);
  assert.deepEqual([first!.folder, second!.folder], [path.join(folder, 'x'), path.join(folder, 'y')]);
  assert.deepEqual([first!.holder, second!.holder], [{ pid: 999999999, alive: false }, null]);
  assert.equal((await cpt('inspect', folder)).out.match(/^on disk: /gm)?.length, 2);
});

test('of another version what can be read is told, and what cannot', async () => {
  const folder = await makeState('other');
  const root = openRoot(folder);
  const identity = { version: 99, lineage: 'demo', features: 'lexical' };
  root.openDB('meta', { encoding: 'json' }).putSync('identity', identity);
  root.openDB('queue', { encoding: 'json' }).putSync(1, { task: 1, first: 0, last: 14 });
  root
    .openDB<Buffer, string>('blobs', { encoding: 'binary' })
    .putSync('segmenter', Buffer.from('CSEG\u0063rest'));
  await root.close();
  const { status, out } = await cpt('inspect', folder);
  assert.equal(status, 0);
  assert.match(out, /lineage demo, state version 99, which this program does not run on as it is$/m);
  assert.match(out, /^feed: 50 passages accepted/m);
  assert.match(
    out,
    /^not readable: the segmenter: The segmenter state has version 99, this program reads \d+\.$/m,
  );
  assert.match(out, /^not readable: the queue: it has another layout$/m);
});

test('a file that is no database is refused', async () => {
  const folder = path.join(place, 'broken');
  fs.mkdirSync(folder);
  fs.writeFileSync(path.join(folder, 'state.lmdb'), 'x'.repeat(10_000));
  const { status, err } = await cpt('inspect', folder);
  assert.equal(status, 1);
  assert.match(err, /^CPT_STATE: .*state\.lmdb is not an LMDB database\./);
});
