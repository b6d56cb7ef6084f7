/** Closed domains that join a waiting task of their name. */
import assert from 'node:assert/strict';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { test } from 'node:test';
import { countOf, type Range } from '../../../src/domains/ranges.ts';
import { State } from '../../../src/edge/state/state.ts';
import type { StateOptions, Turn } from '../../../src/edge/state/types.ts';

const folder = () => fs.mkdtempSync(path.join(os.tmpdir(), 'cpt-joining-'));
const options: StateOptions = { lineage: 'l', joining: { passages: 20, bytes: 1000, seed: '1' } };
const turn = (state: State, texts: readonly string[], ...closed: [string, Range[]][]): Turn => ({
  offsets: { at: String(state.counts.accepted + texts.length) },
  segmenter: { open: Uint8Array.of(0), known: [] },
  first: state.counts.accepted,
  texts,
  closed: closed.map(([domain, ranges]) => ({
    domain,
    ranges,
    returnOf: null,
    near: [],
    signatures: [domain],
  })),
  deadLetters: 0,
  deadLetterBytes: 0,
  events: { history: [], outgoing: [] },
});
const texts = (first: number, count: number): string[] =>
  Array.from({ length: count }, (_, k) => `passage ${first + k}`);
/** Ten passages that are a domain of its own. */
const ten = (state: State, domain: string): Turn => {
  const { accepted } = state.counts;
  return turn(state, texts(accepted, 10), [domain, [[accepted, accepted + 9]]]);
};

test('what a domain goes on with joins its task while that waits, and not once it is begun', async () => {
  const state = State.open(folder(), options);
  assert.deepEqual(state.commit(ten(state, 'a')), []);
  assert.deepEqual(state.commit(ten(state, 'b')), []);
  const joined = { event: 'DomainJoined', lineage: 'l', task: 1, domain: 'a', passages: 20, sampledOut: 0 };
  assert.deepEqual(state.commit(ten(state, 'a')), [joined]);
  assert.equal(state.counts.tasks, 2);
  const first = state.nextTask()!;
  assert.deepEqual(first.ranges, [
    [0, 9],
    [20, 29],
  ]);
  state.begin(first, 77);
  assert.deepEqual(state.commit(ten(state, 'a')), []);
  assert.deepEqual([state.counts.tasks, state.counts.begunAt], [3, 77]);
  assert.deepEqual(state.nextTask(), { ...first, begun: true });
  assert.deepEqual(state.passages(first), [...texts(0, 10), ...texts(20, 10)]);
  state.complete(state.nextTask()!, { history: [], outgoing: [] });
  assert.equal(state.counts.waitingPassages, 20);
  assert.equal(state.nextTask()?.domain, 'b');
  assert.deepEqual(state.history(), [joined]);
  await state.close();
});

test('beyond the bounds a task is a sample; what falls out is gone from the state and counted', async () => {
  const state = State.open(folder(), options);
  let out = 0;
  for (let k = 0; k < 30; k++) {
    for (const { sampledOut, passages } of state.commit(ten(state, 'a'))) {
      out += sampledOut;
      assert.ok(passages <= 20);
    }
    assert.ok(state.counts.waitingPassages <= 20 && state.counts.waitingBytes <= 20 * 11);
  }
  const task = state.nextTask()!;
  assert.deepEqual([task.task, task.seen, countOf(task.ranges), out], [1, 300, 20, 280]);
  const left = state.passages(task);
  assert.equal(new Set(left).size, 20);
  assert.equal(
    left.reduce((sum, text) => sum + text.length, 0),
    state.counts.waitingBytes,
  );
  state.complete(task, { history: [], outgoing: [] });
  assert.deepEqual([state.counts.waitingPassages, state.counts.waitingBytes], [0, 0]);
  await state.close();
});

test('a crash inside the transaction: the same sample comes out as without it', async () => {
  const outcome = async (crashes: boolean) => {
    const place = folder();
    let state = State.open(place, options);
    for (let k = 0; k < 12; k++) {
      if (crashes) {
        await state.close();
        state = State.open(place, {
          ...options,
          at: (point) => {
            if (point === 'mid-commit') throw new Error('gone');
          },
        });
        assert.throws(() => state.commit(ten(state, 'a')));
        await state.close();
        state = State.open(place, options);
      }
      state.commit(ten(state, 'a'));
    }
    const result = [state.nextTask(), state.passages(state.nextTask()!), state.history(), state.counts];
    await state.close();
    return result;
  };
  assert.deepEqual(await outcome(true), await outcome(false));
});

test('without joining each closed domain is a task', async () => {
  const state = State.open(folder(), { lineage: 'l' });
  for (let k = 0; k < 3; k++) assert.deepEqual(state.commit(ten(state, 'a')), []);
  assert.deepEqual([state.counts.tasks, state.counts.waitingPassages], [3, 30]);
  await state.close();
});
