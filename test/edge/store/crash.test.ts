/** A crash at any point of a publication, then the same publication again. */
import assert from 'node:assert/strict';
import { cp, readFile, stat } from 'node:fs/promises';
import { test } from 'node:test';
import { openStore } from '../../../src/edge/store/index.ts';
import { smallRevision } from '../../checkpoint/help/small-revision.ts';
import { faultsOf, freshFolder, treeOf } from './help.ts';

const first = smallRevision();
const second = smallRevision({ domain: 'd2', task: 2, parents: [first.revision] });

class Crash extends Error {}

async function pointsOf(): Promise<string[]> {
  const points: string[] = [];
  const out = await freshFolder();
  await openStore(out, 'sample').publish(first);
  await openStore(out, 'sample', { at: (point) => points.push(point) }).publish(second);
  return points;
}

test('the points are passed in the order that keeps refs last', async () => {
  const points = await pointsOf();
  assert.deepEqual([...new Set(points)].sort(), [
    'after-blob',
    'after-rename',
    'before-refs',
    'before-rename',
  ]);
  assert.deepEqual(points.slice(points.indexOf('before-refs')), [
    'before-refs',
    ...['d2', 'd2.1', 'main'].flatMap(() => ['before-rename', 'after-rename']),
  ]);
});

test('whatever the point of the crash: before it is undone or done, after it the bytes are the same', async () => {
  const undisturbed = await freshFolder();
  for (const revision of [first, second]) await openStore(undisturbed, 'sample').publish(revision);
  const expected = await treeOf(undisturbed);
  const before = await freshFolder();
  await openStore(before, 'sample').publish(first);
  const points = await pointsOf();
  assert.ok(points.length > 20);
  await Promise.all(
    points.map((name, wanted) => crashAt(wanted, `${name}, point ${wanted}`, before, expected)),
  );
});

async function crashAt(
  wanted: number,
  where: string,
  before: string,
  expected: Record<string, string>,
): Promise<void> {
  const out = await freshFolder();
  await cp(before, out, { recursive: true });
  let passed = 0;
  const at = (): void => {
    if (passed++ === wanted) throw new Crash(where);
  };
  const crashing = openStore(out, 'sample', { at });
  await assert.rejects(crashing.publish(second), Crash);
  // what was published stays readable: every ref holds a whole revision
  assert.deepEqual(await faultsOf(crashing.layout.root), {}, where);
  const main = (await readFile(crashing.layout.ref('main'), 'utf8')).trim();
  assert.ok([first.revision, second.revision].includes(main), where);
  // a new process sweeps what the crash left and publishes again
  const later = openStore(out, 'sample');
  await later.publish(second);
  assert.deepEqual(await treeOf(out), expected, where);
  assert.deepEqual(await faultsOf(later.layout.root), {}, where);
}

test('a crash leaves its temporary file, and the next process removes it', async () => {
  const out = await freshFolder();
  const at = (point: string): void => {
    if (point === 'before-rename') throw new Crash();
  };
  const { layout, publish } = openStore(out, 'sample', { at });
  await assert.rejects(publish(first), Crash);
  const left = Object.keys(await treeOf(layout.temporary));
  assert.equal(left.length, 1);
  await openStore(out, 'sample').publish(first);
  assert.deepEqual(await treeOf(layout.temporary), {});
  assert.ok((await stat(layout.temporary)).isDirectory());
});
