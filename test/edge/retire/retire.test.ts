/** A domain of several is retired: what it alone had is gone, whatever interrupts, and the others stay bit for bit. */
import assert from 'node:assert/strict';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { domainProof, hashesOf, isHex } from '../../../src/checkpoint/index.ts';
import { loadBase } from '../../../src/edge/base.ts';
import { openRetirement, type RetireOptions } from '../../../src/edge/retire/retire.ts';
import { State } from '../../../src/edge/state/state.ts';
import { openLineage, openStore } from '../../../src/edge/store/index.ts';
import { LineageFolder } from '../../../src/edge/trainer/lineage-folder.ts';
import type { CheckpointPublished, CheckpointWithdrawn, TaskTrained } from '../../../src/events.ts';
import { type Lineage, lineageOccupancy, lineageUses, prunedVersion } from '../../../src/train/lineage.ts';
import { openLineageEvaluator } from '../../../src/train/measure-lineage.ts';
import { pluginConfigFor } from '../../../src/train/options.ts';
import { tinyConfig, tinyTask } from '../../fixtures/tiny.ts';
import { tree, writeTinyBase } from '../../fixtures/tiny-base.ts';
import { faultsOf } from '../store/help.ts';
import { copyOf, type Place, placeIn, trainTasks } from './lineage.ts';

const root = fs.mkdtempSync(path.join(os.tmpdir(), 'cpt-retire-'));
const base = path.join(root, 'base');
const plugin = pluginConfigFor(tinyConfig, tinyTask);
const whole = placeIn(path.join(root, 'whole'));
const published: CheckpointPublished[] = [];
let calm: Place;
let told: CheckpointWithdrawn;
let serial = 0;

const folderOf = ({ state }: Place) => path.join(state, 'l', 'lineage');
/** Drafts as another process would have left them: one does not sweep its own. */
function disown(folder: string): void {
  for (const name of fs.readdirSync(folder).filter((file) => file.endsWith('.tmp'))) {
    fs.renameSync(path.join(folder, name), path.join(folder, name.replace(`.${process.pid}-`, '.9-')));
  }
}
const lineageIn = (place: Place): Lineage => {
  const folder = new LineageFolder(folderOf(place));
  return folder.read(folder.tasks().at(-1)!, plugin);
};
const copy = () => copyOf(whole, path.join(root, `copy-${serial++}`));

async function retire(place: Place, domain: string, at?: RetireOptions['at']): Promise<CheckpointWithdrawn> {
  const retirement = await openRetirement({ lineage: 'l', domain, ...place, ...(at ? { at } : {}) });
  try {
    return await retirement.carryOut();
  } finally {
    await retirement.close();
  }
}

before(async () => {
  writeTinyBase(base);
  const tasks = [
    ['a', 'kitchen'],
    ['b', 'sea'],
    ['a', 'kitchen'],
    ['c', 'garden'],
  ] as const;
  const events = await trainTasks(whole, base, tasks);
  published.push(...events.filter((event) => event.event === 'CheckpointPublished'));
  // a task that was killed while it saved, and while it wrote its segment
  fs.writeFileSync(path.join(folderOf(whole), 'running.safetensors'), 'x');
  fs.writeFileSync(path.join(folderOf(whole), '000004.safetensors.9-9.tmp'), 'x');
  calm = copy();
  told = await retire(calm, 'a');
});
after(() => fs.rmSync(root, { recursive: true }));

test('the event names the versions, what was reset, and who uses the rest', () => {
  const { bytes, ...event } = told;
  const before = lineageIn(whole);
  const others = before.versions.filter(({ domain }) => domain !== 'a');
  const uses = lineageUses(before);
  const rest = lineageUses({ ...before, versions: others });
  const count = (want: (all: number, rest: number) => boolean): number =>
    Object.entries(uses).reduce((sum, [name, { first, second }]) => {
      const over = (all: Uint32Array, left: Uint32Array) =>
        all.filter((users, at) => want(users, left[at]!)).length;
      return sum + over(first, rest[name]!.first) + over(second, rest[name]!.second);
    }, 0);
  assert.equal(
    event.reset,
    count((all, left) => all > 0 && left === 0),
  );
  assert.equal(
    event.kept,
    count((all, left) => left > 0 && all > left),
  );
  assert.ok(event.reset > 0 && event.kept > 0 && bytes > 0);
  assert.deepEqual(
    event.later.map(({ domain }) => domain),
    ['b', 'c'],
  );
  for (const { neurons } of event.later) assert.ok(neurons > 0 && neurons <= event.kept);
  assert.deepEqual(event.earlier, []);
  assert.equal(event.main, published[3]!.revision);
  assert.deepEqual(
    event.revisions,
    [0, 2].map((at) => ({ ref: `a.${at / 2 + 1}`, task: at + 1, revision: published[at]!.revision })),
  );
  assert.deepEqual(event.neurons, lineageOccupancy(lineageIn(calm)));
});

test('every other version is made again with its first proof, and answers its probe as then', async () => {
  const evaluator = await openLineageEvaluator(await loadBase(base), plugin, tinyTask, { threads: 1 });
  const lineage = lineageIn(calm);
  const earlier = lineageIn(whole).versions.filter(({ domain }) => domain !== 'a');
  assert.deepEqual(lineage.versions, earlier);
  assert.deepEqual(lineage.retired, [
    { task: 1, domain: 'a', version: 1 },
    { task: 3, domain: 'a', version: 2 },
  ]);
  for (const version of lineage.versions) {
    const pruned = prunedVersion(lineage, version);
    assert.equal(domainProof(pruned, hashesOf(pruned)), version.proof);
    const { heldOut } = lineage.archive.detail(version.task);
    assert.equal((await evaluator.measure(evaluator.batches(heldOut), pruned)).probe, version.probe);
  }
  await evaluator.dispose();
});

test('no file of the state has a number of a neuron that only it kept, nor its held-out text', () => {
  const before = lineageIn(whole);
  const uses = lineageUses({ ...before, versions: before.versions.filter(({ domain }) => domain !== 'a') });
  const files = Object.values(tree(folderOf(calm))).map((bytes) => Buffer.from(bytes, 'base64'));
  const bytesOf = (values: Float32Array | Int32Array) =>
    Buffer.from(values.buffer, values.byteOffset, values.byteLength);
  const stands = (values: Float32Array | Int32Array) => files.some((file) => file.includes(bytesOf(values)));
  let looked = 0;
  for (const [name, { first, second }] of Object.entries(uses)) {
    const kept = before.versions.filter(({ domain }) => domain === 'a').map((version) => version.kept[name]!);
    const alone = [...new Set(kept.flatMap(({ index1 }) => [...index1]))].filter((n) => first[n] === 0);
    const rows = before.archive.rows(name, Uint32Array.from(alone.sort((a, b) => a - b)));
    for (const at of alone.keys()) {
      const row = (values: Float32Array) => values.subarray(at * plugin.hidden, (at + 1) * plugin.hidden);
      assert.ok(!stands(row(rows.fc1)) && !stands(row(rows.fc2)), `${name}, neuron ${alone[at]}`);
      looked += 1;
    }
    const { archive } = lineageIn(calm);
    for (const output of kept.flatMap(({ index2 }) => [...index2]).filter((n) => second[n] === 0)) {
      assert.equal(archive.outputBias(name)[output], 0);
    }
  }
  assert.ok(looked > 10);
  const text = (task: number) => before.archive.detail(task).heldOut[0]!;
  assert.ok(!stands(text(1)) && !stands(text(3)) && stands(text(2)));
  assert.deepEqual(
    Object.keys(tree(folderOf(calm))).filter((name) => name !== 'device.json'),
    [1, 2, 3, 4].map((n) => `00000${n}.safetensors`),
  );
});

test('a weight between a neuron and an output that others keep, but not together, is gone too', () => {
  const { versions, archive, widths } = lineageIn(calm);
  for (const name of Object.keys(widths)) {
    const known = Array.from({ length: widths[name]! }, (_, n) => n).filter((n) =>
      versions.some(({ kept }) => kept[name]!.index1.includes(n)),
    );
    const { index, fc2 } = archive.rows(name, Uint32Array.from(known));
    for (const [at, value] of fc2.entries()) {
      const [neuron, output] = [index[Math.floor(at / plugin.hidden)]!, at % plugin.hidden];
      const read = versions.some(
        ({ kept }) => kept[name]!.index1.includes(neuron) && kept[name]!.index2.includes(output),
      );
      assert.ok(read || value === 0, `${name}: ${neuron} to ${output}`);
    }
  }
});

test('its refs, manifests and own blobs are gone, main stays on the newest, and verify is content', async () => {
  const dir = path.join(calm.out, 'l');
  assert.deepEqual(await faultsOf(dir), {});
  const { refs, main, store } = await openLineage(dir);
  assert.deepEqual(Object.keys(refs), ['b', 'b.1', 'c', 'c.1', 'main']);
  assert.equal(main, published[3]!.revision);
  const [left, earlier] = [tree(dir), tree(path.join(whole.out, 'l'))];
  const gone = Object.keys(earlier).filter((name) => !(name in left));
  const added = Object.keys(left).filter((name) => !(name in earlier));
  const ids = [0, 2].map((at) => published[at]!.revision).sort();
  assert.deepEqual(
    added,
    ids.map((id) => path.join('withdrawn', `${id}.json`)),
  );
  const manifests = await Promise.all([1, 3].map((at) => store.readManifest(published[at]!.revision)));
  const needed = new Set(manifests.flatMap(({ files }) => files.map(({ sha256 }) => sha256)));
  const blobs = Object.keys(left)
    .map((name) => path.basename(name))
    .filter((name) => isHex(name, 64));
  assert.deepEqual(blobs.sort(), [...needed].sort());
  assert.ok(manifests[0]!.parents.includes(published[0]!.revision), 'a parent was withdrawn');
  for (const id of ids) assert.ok(gone.includes(path.join('revisions', `${id}.json`)));
  for (const name of Object.keys(left)) if (!added.includes(name)) assert.equal(left[name], earlier[name]);
});

test('whatever interrupts it, the same call completes it and tells the same', async () => {
  const points: string[] = [];
  await retire(copy(), 'a', (point) => points.push(point));
  assert.ok(new Set(points).size >= 6 && points.length > 40, `${points.length} points`);
  const expected = { state: tree(folderOf(calm)), out: tree(calm.out) };
  // every kind of point, and the last ones
  const few = points.map((_, at) => at).filter((at) => points.indexOf(points[at]!) === at || at % 9 === 4);
  for (const wanted of few) {
    const place = copy();
    let passed = 0;
    const crash = (): void => {
      if (passed++ === wanted) throw new Error('crash');
    };
    await assert.rejects(retire(place, 'a', crash), `point ${wanted}`);
    const where = `${points[wanted]}, point ${wanted}`;
    disown(folderOf(place));
    const state = path.join(place.state, 'l');
    const reopened = State.open(state, { lineage: 'l', retires: true });
    const complete = reopened.history().some(({ event }) => event === 'CheckpointWithdrawn');
    const begun = reopened.retirement !== null;
    await reopened.close();
    if (begun) {
      assert.throws(() => State.open(state, { lineage: 'l' }), { code: 'CPT_STATE', message: /interrupted/ });
      await assert.rejects(retire(place, 'b'), { code: 'CPT_STATE', message: /retirement of a/ });
    }
    if (!complete) assert.deepEqual(await retire(place, 'a'), told, where);
    assert.deepEqual(tree(folderOf(place)), expected.state, where);
    assert.deepEqual(tree(place.out), expected.out, where);
  }
});

test('later tasks go on: freed numbers are used again, a retired name counts on', async () => {
  const place = copyOf(calm, path.join(root, 'later'));
  const before = lineageIn(whole);
  const events = await trainTasks(place, base, [
    ['d', 'sea'],
    ['a', 'kitchen'],
  ]);
  const trained = events.filter((event): event is TaskTrained => event.event === 'TaskTrained');
  for (const { losses } of trained) for (const { own, published } of losses) assert.equal(own, published);
  const after = lineageIn(place);
  assert.deepEqual(
    after.versions.map(({ domain, version }) => `${domain}.${version}`),
    ['b.1', 'c.1', 'd.1', 'a.3'],
  );
  const left = before.versions.filter(({ domain }) => domain !== 'a');
  const again = Object.keys(after.widths).filter((name) => {
    const kept = (of: Lineage['versions']) =>
      new Set(of.flatMap((version) => [...version.kept[name]!.index1]));
    const [a, others] = [kept(before.versions), kept(left)];
    return after.versions[2]!.kept[name]!.index1.some((n) => a.has(n) && !others.has(n));
  });
  assert.ok(again.length > 0, 'no freed neuron was used again');
  const dir = path.join(place.out, 'l');
  assert.deepEqual(await faultsOf(dir), {});
  const { refs } = await openLineage(dir);
  assert.deepEqual(
    Object.keys(refs).filter((name) => name.startsWith('a')),
    ['a', 'a.3'],
  );

  // of what is left: the newest, then all
  const newest = await retire(place, 'a');
  assert.deepEqual(
    newest.revisions.map(({ ref }) => ref),
    ['a.3'],
  );
  assert.equal(newest.main, refs['d.1']);
  for (const domain of ['b', 'c', 'd']) await retire(place, domain);
  assert.deepEqual(await faultsOf(dir), {});
  await assert.rejects(openLineage(dir), { code: 'CPT_VERIFY', message: /were withdrawn/ });
  assert.deepEqual(await openStore(place.out, 'l').refs(), {});
  assert.deepEqual(lineageOccupancy(lineageIn(place)).claimed, 0);
  const [first] = await trainTasks(place, base, [['e', 'garden']]);
  assert.ok(first?.event === 'TaskTrained' && first.losses.length === 1);
});
