import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, test } from 'node:test';
import { pinnedCommit, readPin, writePin } from '../../../src/edge/hub/pin.ts';

const root = mkdtempSync(path.join(tmpdir(), 'cpt-pin-'));
after(() => rmSync(root, { recursive: true }));

const [one, two] = ['1'.repeat(40), '2'.repeat(40)];

test('a lineage is bound to its commit once a task of it is trained, and only under the same name', async () => {
  const state = path.join(root, 'state');
  assert.equal(pinnedCommit(state, 'acme/tiny'), null);
  await writePin(state, { base: 'acme/tiny', commit: one });
  assert.equal(pinnedCommit(state, 'acme/tiny'), null);
  await writePin(state, { base: 'acme/tiny', commit: two });
  mkdirSync(path.join(state, 'lineage'));
  writeFileSync(path.join(state, 'lineage', '000001.safetensors'), '');
  assert.equal(pinnedCommit(state, 'acme/tiny'), two);
  assert.equal(pinnedCommit(state, 'acme/tiny@v2'), null);
  // an attempt on another base does not unbind it
  await writePin(state, { base: 'acme/tiny@v2', commit: one });
  assert.equal(pinnedCommit(state, 'acme/tiny'), two);
  assert.deepEqual(readPin(state), { base: 'acme/tiny', commit: two });
});

test('what is not a pin binds nothing', () => {
  const state = path.join(root, 'odd');
  mkdirSync(path.join(state, 'lineage'), { recursive: true });
  writeFileSync(path.join(state, 'lineage', '000001.safetensors'), '');
  for (const text of ['', '{', '[]', '{"base":"acme/tiny"}', '{"base":"acme/tiny","commit":"../../x"}']) {
    writeFileSync(path.join(state, 'base.json'), text);
    assert.equal(pinnedCommit(state, 'acme/tiny'), null);
  }
});
