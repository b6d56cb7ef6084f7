import assert from 'node:assert/strict';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { test } from 'node:test';
import { Segmenter } from '../../../src/domains/index.ts';
import { type BytesByKey, SegmenterStore } from '../../../src/edge/state/segmenter-store.ts';
import { State } from '../../../src/edge/state/state.ts';

/** A database that tells what is written to it and taken from it. */
class Recorded implements BytesByKey {
  readonly rows = new Map<string, Buffer>();
  changes: string[] = [];

  get(key: string): Buffer | undefined {
    return this.rows.get(key);
  }

  putSync(key: string, value: Buffer): void {
    this.rows.set(key, value);
    this.changes.push(`+${key}`);
  }

  removeSync(key: string): void {
    this.rows.delete(key);
    this.changes.push(`-${key}`);
  }

  *getRange() {
    for (const [key, value] of this.rows) yield { key, value };
  }

  told(): string[] {
    return this.changes.splice(0);
  }
}

function closeDomains(segmenter: Segmenter, ...names: string[]): void {
  for (const domain of [...names, 'open']) {
    for (let k = 0; k < 40; k++) segmenter.push({ text: `of ${domain} the ${k % 7} is ${k}`, domain });
  }
}

test('a signature is written when it changed, and goes with its domain', () => {
  const [blobs, signatures] = [new Recorded(), new Recorded()];
  let segmenter = new Segmenter();
  let store = new SegmenterStore(blobs, signatures);
  assert.equal(store.read(), null);
  const write = (): string[] => {
    store.write(segmenter.snapshot());
    assert.deepEqual(blobs.told(), ['+segmenter']);
    return signatures.told();
  };
  closeDomains(segmenter, 'x', 'y');
  assert.deepEqual(write(), ['+x', '+y']);
  assert.deepEqual(write(), []);
  closeDomains(segmenter, 'x', 'z');
  assert.deepEqual(write(), ['+open', '+x', '+z']);

  store = new SegmenterStore(blobs, signatures);
  segmenter = Segmenter.restore(store.read()!);
  assert.deepEqual(write(), []);
  segmenter.forget('y');
  assert.deepEqual(write(), ['-y']);
  assert.deepEqual(Segmenter.restore(store.read()!).snapshot(), segmenter.snapshot());
});

test('a failed transaction leaves nothing behind, and the next one writes all that it lacks', async () => {
  const place = fs.mkdtempSync(path.join(os.tmpdir(), 'cpt-segmenter-'));
  let fails = true;
  const at = (point: string): void => {
    if (fails && point === 'mid-commit') throw new Error('no');
  };
  const state = State.open(place, { lineage: 'l', at });
  const segmenter = new Segmenter();
  const commit = (): void => {
    const none = { closed: [], texts: [], deadLetters: 0, deadLetterBytes: 0 };
    const events = { history: [], outgoing: [] };
    state.commit({ ...none, offsets: {}, segmenter: segmenter.snapshot(), first: 0, events });
  };
  closeDomains(segmenter, 'x', 'y');
  assert.throws(commit);
  assert.equal(state.progress.segmenter, null);
  fails = false;
  commit();
  await state.close();
  const again = State.open(place, { lineage: 'l' });
  assert.deepEqual(Segmenter.restore(again.progress.segmenter!).snapshot(), segmenter.snapshot());
  await again.close();
});
