/** cpt route on a small published lineage of two domains. */
import assert from 'node:assert/strict';
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, test } from 'node:test';
import { dispatch } from '../../src/cli/dispatch.ts';
import { routerJson, Segmenter } from '../../src/domains/index.ts';
import { openStore } from '../../src/edge/store/index.ts';
import { makeRng } from '../../src/rng.ts';
import { smallRevision } from '../checkpoint/help/small-revision.ts';
import { tinyPassages } from '../fixtures/tiny.ts';
import { fakeHost } from './fake-host.ts';

const out = await mkdtemp(path.join(tmpdir(), 'cpt-route-'));
after(() => rm(out, { recursive: true, force: true }));
const rng = makeRng('route');

const segmenter = new Segmenter();
for (const [domain, topic] of Object.entries({ d1: 'kitchen', d2: 'sea', gone: 'garden' })) {
  for (const text of tinyPassages(topic, 60, rng.fork(domain))) segmenter.push({ text, domain });
}
segmenter.end();
const signatures = routerJson(segmenter.signatures(), new Map([['d2', 'tide, harbour']]));
const store = openStore(out, 'sample');
const first = smallRevision({ signatures });
const second = smallRevision({ domain: 'd2', task: 2, parents: [first.revision], signatures });
for (const revision of [first, second]) await store.publish(revision);
const dir = path.join(out, 'sample');

const kitchen = tinyPassages('kitchen', 8, rng.fork('kitchen'));
const sea = tinyPassages('sea', 8, rng.fork('sea'));
const strangers = Array.from({ length: 8 }, (_, k) => `${k} quarks couple weakly; ${k + 7} gluons do not ?!`);

async function cpt(argv: readonly string[], stdin = '') {
  const host = fakeHost({ stdin });
  const status = await dispatch(['route', ...argv], host);
  return { status, out: host.out(), err: host.err() };
}

test('each batch of standard input goes to its domain and the newest checkpoint of it, or to none', async () => {
  const lines = [...sea, ...kitchen, ...strangers, sea[0]!].join('\n');
  const { status, out: printed, err } = await cpt(['--lineage', dir, '--input', '-', '--json'], lines);
  assert.equal(status, 0, err);
  const found = printed
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Record<string, unknown> & { scores: { domain: string }[] });
  assert.deepEqual(
    found.map(({ first: from, last, domain, label, revision }) => ({ from, last, domain, label, revision })),
    [
      { from: 0, last: 7, domain: 'd2', label: 'tide, harbour', revision: second.revision },
      { from: 8, last: 15, domain: 'd1', label: null, revision: first.revision },
      { from: 16, last: 23, domain: null, label: null, revision: null },
      { from: 24, last: 24, domain: 'd2', label: 'tide, harbour', revision: second.revision },
    ],
  );
  // a domain without a checkpoint is no candidate
  for (const { scores } of found) assert.deepEqual(scores.map(({ domain }) => domain).sort(), ['d1', 'd2']);
});

test('for a person it is a line a batch; records that hold no passage are left out', async () => {
  const file = path.join(out, 'texts.jsonl');
  const records = [...kitchen.slice(0, 4), ''].map((body) => JSON.stringify({ body }));
  await writeFile(file, ['{broken', ...records, JSON.stringify({ body: '¿' })].join('\n'));
  const argv = ['--lineage', dir, '--input', file, '--text-field', 'body', '--ref', 'd1', '--batch', '4'];
  const { status, out: printed, err } = await cpt(argv);
  assert.equal(status, 0, err);
  const [one, two] = printed.split('\n');
  assert.match(
    one!,
    new RegExp(`^0–3: d1, revision ${first.revision}, fit -?\\d+\\.\\d\\d, score -\\d+\\.\\d{3}$`),
  );
  assert.match(two!, /^4: none, nearest d\d( \(tide, harbour\))?, fit -\d+\.\d\d, score -\d+\.\d{3}$/);
});

test('wrong usage, an empty input, a revision that is not there', async () => {
  assert.equal((await cpt(['--input', '-'])).status, 2);
  assert.equal((await cpt(['--lineage', dir])).status, 2);
  assert.equal((await cpt(['--lineage', dir, '--input', '-', '--batch', '0'])).status, 2);
  const empty = await cpt(['--lineage', dir, '--input', '-']);
  assert.match(empty.err, /^CPT_FEED: Standard input holds no passage\./);
  const missing = await cpt(['--lineage', dir, '--input', '-', '--ref', 'd7'], 'tide');
  assert.match(missing.err, /^CPT_VERIFY: There is no published "d7"\./);
  assert.match((await cpt(['--lineage', out, '--input', '-'], 'tide')).err, /^CPT_VERIFY: .* is not a publ/);
});

test('a router that is damaged or none is told', async () => {
  const routerOf = (revision: typeof first) =>
    store.layout.blob(revision.files.find((file) => file.path === 'router.json')!.sha256);
  const strange = smallRevision({ domain: 'd3', task: 3, signatures: [] });
  await store.publish(strange);
  const none = await cpt(['--lineage', dir, '--input', '-', '--ref', 'd3'], 'tide');
  assert.match(none.err, /^CPT_VERIFY: The router is wrong: it is an array, not an object\./);
  await chmod(routerOf(first), 0o644);
  await writeFile(routerOf(first), '{}\n');
  const damaged = await cpt(['--lineage', dir, '--input', '-', '--ref', 'd1'], 'tide');
  assert.equal(damaged.status, 1);
  assert.match(damaged.err, /^CPT_VERIFY: router\.json of revision .* does not have the hash/);
});
