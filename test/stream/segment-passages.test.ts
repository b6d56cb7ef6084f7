import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import { from, lastValueFrom, toArray } from 'rxjs';
import type { Passage } from '../../src/stream/accept-records.ts';
import { segmentPassages } from '../../src/stream/segment-passages.ts';

const passages = (first: number, count: number): Passage[] =>
  Array.from({ length: count }, (_, at) => ({ text: String(first + at), domain: null, time: null }));

test('passages are seen in order, one batch after the other, and others have their turns between', async () => {
  const batches = [{ passages: passages(0, 1000) }, { passages: passages(1000, 3) }];
  const seen: string[] = [];
  const turns: number[] = []; // passages seen at each turn of the event loop
  const turned = async (): Promise<void> => {
    turns.push(seen.length);
    await turn();
  };
  const push = ({ text }: Passage): string[] => {
    seen.push(text);
    return Number(text) % 400 === 399 ? [`drift ${text}`, `closed ${text}`] : [];
  };
  const out = await lastValueFrom(from(batches).pipe(segmentPassages(push, turned), toArray()));
  assert.deepEqual(
    seen,
    Array.from({ length: 1003 }, (_, at) => String(at)),
  );
  assert.deepEqual(
    out.map(({ verdicts }) => verdicts),
    [['drift 399', 'closed 399', 'drift 799', 'closed 799'], []],
  );
  assert.deepEqual(turns, [250, 500, 750]);
});
