/** A device that is named and cannot be used ends a command before it has read or written anything. */
import assert from 'node:assert/strict';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { test } from 'node:test';
import { dispatch } from '../../src/cli/dispatch.ts';
import { probeInChild } from '../../src/edge/devices/probe-in-child.ts';
import { ACCELERATORS } from '../../src/engine/index.ts';
import { tinyFeed, writeTinyBase } from '../fixtures/tiny-base.ts';
import { fakeHost } from './fake-host.ts';

test('run and train end with CPT_DEVICE and status 1, and no state is begun', async (t) => {
  const absent = (await probeInChild(ACCELERATORS)).find(({ reason }) => reason !== null)?.device;
  if (absent === undefined) return t.skip('every device can be used here');
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'cpt-device-'));
  const at = (name: string) => path.join(folder, name);
  writeTinyBase(at('base'));
  fs.writeFileSync(at('feed.jsonl'), tinyFeed(['kitchen'], 20));
  const places = ['--base', at('base'), '--state', at('state'), '--out', at('out'), '--length', '32'];
  const device = ['--device', absent];
  for (const command of [
    ['run', '--feed', at('feed.jsonl'), '--port', 'off'],
    ['train', '--lineage', 'l', '--data', at('feed.jsonl')],
  ]) {
    const host = fakeHost({});
    assert.equal(await dispatch([...command, ...places, ...device], host), 1);
    assert.match(host.err(), new RegExp(`^CPT_DEVICE: The device ${absent} cannot be used: .+`));
    assert.equal(fs.existsSync(at('out')), false);
    assert.equal(fs.existsSync(path.join(at('state'), 'feed')), false);
    assert.equal(fs.existsSync(path.join(at('state'), 'l', 'lineage')), false);
  }
});
