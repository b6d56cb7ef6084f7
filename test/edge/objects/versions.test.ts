import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { readNewest, swapNewest } from '../../../src/edge/objects/versions.ts';
import { freshFolder } from '../store/help.ts';

const serials = ['a', 'b', 'c', 'd'].map((digit) => `${digit.repeat(8)}-0000-4000-8000-${digit.repeat(12)}`);
const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const newest = async (folder: string): Promise<string> =>
  Buffer.from((await readNewest(folder, 100))!.bytes).toString();

test('a rename that a network file system does twice, as its answer was lost, has happened once', async () => {
  const place = await freshFolder();
  const folder = path.join(place, 'head.json');
  const drafts = path.join(place, 'drafts');
  fs.mkdirSync(drafts);
  const given = [...serials];
  const first = await swapNewest(folder, bytes('one'), null, { drafts, serial: () => given.shift()! });
  // the file system has renamed it before the call that finds the old name gone
  const serial = (): string => {
    const own = given.shift()!;
    fs.renameSync(path.join(folder, first!), path.join(folder, `@000000000002-${own}`));
    return own;
  };
  const second = await swapNewest(folder, bytes('two'), first, { drafts, serial });
  assert.match(second!, /^@000000000002-/);
  assert.equal(await newest(folder), 'two');
  // who really comes second still does
  assert.equal(
    await swapNewest(folder, bytes('late'), first, { drafts, serial: () => given.shift()! }),
    null,
  );
  assert.equal(await newest(folder), 'two');
});
