/** `cpt retire` as a person calls it. */
import assert from 'node:assert/strict';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { dispatch } from '../../src/cli/dispatch.ts';
import { retiredLines } from '../../src/cli/retirement.ts';
import { Segmenter } from '../../src/domains/index.ts';
import { State } from '../../src/edge/state/state.ts';
import type { CheckpointWithdrawn } from '../../src/events.ts';
import { makeRng } from '../../src/rng.ts';
import { withdrawn } from '../edge/prometheus/story.ts';
import { copyOf, type Place, placeIn, trainTasks } from '../edge/retire/lineage.ts';
import { tinyPassages } from '../fixtures/tiny.ts';
import { tree, writeTinyBase } from '../fixtures/tiny-base.ts';
import { closed } from './events.ts';
import { fakeHost } from './fake-host.ts';

const root = fs.mkdtempSync(path.join(os.tmpdir(), 'cpt-retire-cli-'));
const whole = placeIn(path.join(root, 'whole'));
let serial = 0;

before(async () => {
  const base = path.join(root, 'base');
  writeTinyBase(base);
  const tasks = [
    ['kitchen', 'kitchen'],
    ['ocean', 'sea'],
  ] as const;
  await trainTasks(whole, base, tasks);
});
after(() => fs.rmSync(root, { recursive: true }));

const copy = () => copyOf(whole, path.join(root, `copy-${serial++}`));

async function retire(place: Place, ...argv: string[]) {
  const host = fakeHost();
  const flags = ['--state', place.state, '--out', place.out, '--lineage', 'l'];
  const status = await dispatch(['retire', ...flags, ...argv], host);
  return { status, out: host.out(), err: host.err() };
}

test('without --yes it tells what it would do and changes nothing', async () => {
  const place = copy();
  const { status, out, err } = await retire(place, 'ocean');
  assert.equal(status, 2);
  assert.match(err, /^CPT_USAGE: ocean was not retired: .* Give --yes/);
  assert.match(out, /^Retiring ocean of l would withdraw\n {2}ocean\.1 {2}[0-9a-f]{40}\n/);
  assert.match(
    out,
    /^\d[\d,]* neurons that others use too: would stay as they are\n {2}by earlier domains: kitchen/m,
  );
  assert.deepEqual(tree(place.out), tree(whole.out));
  assert.deepEqual(
    tree(path.join(place.state, 'l', 'lineage')),
    tree(path.join(whole.state, 'l', 'lineage')),
  );
});

test('with it the domain is gone, for people and as an event, and verify and inspect go on', async () => {
  const place = copy();
  const done = await retire(place, 'kitchen', '--yes', '--json');
  assert.equal(done.status, 0, done.err);
  const event = JSON.parse(done.out) as CheckpointWithdrawn;
  assert.deepEqual([event.event, event.lineage, event.domain], ['CheckpointWithdrawn', 'l', 'kitchen']);
  const state = State.open(path.join(place.state, 'l'), { lineage: 'l' });
  assert.deepEqual(
    state.outgoing().map((one) => one.event),
    [event],
  );
  assert.deepEqual(state.history().at(-1), event);
  await state.close();

  const dir = path.join(place.out, 'l');
  const verified = fakeHost();
  assert.equal(await dispatch(['verify', dir], verified), 0);
  assert.match(verified.out(), /^sound: \d+ files, .*, 1 withdrawn revision\n$/);
  const inspected = fakeHost();
  assert.equal(await dispatch(['inspect', dir, '--json'], inspected), 0);
  const { revisions } = JSON.parse(inspected.out()) as { revisions: { domain: string }[] };
  assert.deepEqual(
    revisions.map(({ domain }) => domain),
    ['ocean'],
  );

  const again = await retire(place, 'kitchen', '--yes');
  assert.equal(again.status, 1);
  assert.match(
    again.err,
    /^CPT_CONFIG: l has no domain "kitchen"\. It was retired before\. It has ocean\.\n$/,
  );
  const last = await retire(place, 'ocean', '--yes');
  assert.equal(last.status, 0);
  assert.match(last.out, /^No checkpoint is left; main is gone\.$/m);
  const none = fakeHost();
  assert.equal(await dispatch(['inspect', dir], none), 1);
  assert.match(none.err(), /^CPT_VERIFY: All checkpoints of .* were withdrawn\./);
});

test('what cannot be retired is refused, and nothing is changed', async () => {
  const place = copy();
  const refused = async (pattern: RegExp, ...argv: string[]) => {
    const { status, err } = await retire(place, ...argv);
    assert.notEqual(status, 0);
    assert.match(err, pattern);
  };
  await refused(/^CPT_USAGE: cpt retire needs a domain\./);
  await refused(
    /^CPT_CONFIG: l has no domain "kitchem"\. Did you mean kitchen\? It has kitchen, ocean\./,
    'kitchem',
  );
  await refused(/^CPT_CONFIG: There is no lineage ll in .*\. Did you mean l\?/, 'kitchen', '--lineage', 'll');
  await refused(/^CPT_CONFIG: l has no checkpoint of kitchen in /, 'kitchen', '--yes', '--out', root);

  const folder = path.join(place.state, 'l');
  const running = State.open(folder, { lineage: 'l' });
  await refused(/^CPT_STATE_LOCKED: .* Stop it first/, 'kitchen', '--yes');
  const waiting = { domain: 'd9', ranges: [], returnOf: null, near: [], signatures: null };
  running.end([waiting], new Segmenter().snapshot(), { history: [], outgoing: [] });
  await running.close();
  await refused(/^CPT_STATE: Closed domains of l wait for their tasks\./, 'kitchen', '--yes');
  assert.deepEqual(tree(place.out), tree(whole.out));
});

test('the segmenter forgets it, and words of its text that named it are gone', async () => {
  const place = copy();
  const folder = path.join(place.state, 'l');
  const segmenter = new Segmenter();
  for (const topic of ['kitchen', 'sea']) {
    const domain = topic === 'sea' ? 'ocean' : topic;
    for (const text of tinyPassages(topic, 60, makeRng(topic))) segmenter.push({ text, domain });
  }
  segmenter.end();
  const state = State.open(folder, { lineage: 'l' });
  const events = ['kitchen', 'ocean'].map((domain) => closed(domain, 0, 59, 60, null, 'salt, oven'));
  state.end([], segmenter.snapshot(), { history: events, outgoing: [] });
  await state.close();
  assert.equal((await retire(place, 'kitchen', '--yes')).status, 0);
  const after = State.open(folder, { lineage: 'l' });
  const known = Segmenter.restore(after.progress.segmenter!);
  assert.deepEqual(
    known.signatures().map(({ domain }) => domain),
    ['ocean'],
  );
  assert.deepEqual([...known.labels.keys()], ['ocean']);
  const labels = after.history().flatMap((event) => (event.event === 'DomainClosed' ? [event.label] : []));
  assert.deepEqual(labels, [null, 'salt, oven']);
  await after.close();
});

test('the report for a person', () => {
  const event = withdrawn('news', 'd1');
  assert.deepEqual(retiredLines(event, event), [
    'Retired d1 of news: withdrawn',
    `  d1.1  ${'1'.repeat(40)}`,
    `  d1.2  ${'2'.repeat(40)}`,
    '40 neurons that only it used: reset',
    '60 neurons that others use too: kept as they are',
    '  by later domains: d2 (60)',
    `main is ${'2'.repeat(40)}`,
    '700 kB freed',
    'What is published does not change: router.json of other checkpoints may still describe d1, cpt route leaves it out.',
  ]);
});
