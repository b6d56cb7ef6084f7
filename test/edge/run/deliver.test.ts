import assert from 'node:assert/strict';
import { test } from 'node:test';
import { deliver, eventId } from '../../../src/edge/run/deliver.ts';
import type { Outgoing } from '../../../src/edge/state/types.ts';
import { CptError } from '../../../src/errors.ts';
import type { CptEvent } from '../../../src/events.ts';

const lineage = 'l';
const drift = (boundary: number): CptEvent => {
  return { event: 'DriftDetected', lineage, boundary, detectedAt: 1, statistic: 7, threshold: 6 };
};
const outgoing: Outgoing[] = [1, 2, 3].map((sequence) => ({ sequence, event: drift(sequence) }));
const down = new CptError('CPT_KAFKA', 'no broker');

async function collect(events: AsyncIterable<CptEvent>): Promise<CptEvent[]> {
  const all: CptEvent[] = [];
  for await (const event of events) all.push(event);
  return all;
}

test('what is not taken is sent again, before what follows it, under the id that it had', async () => {
  const sent: string[] = [];
  let failures = 1;
  const publish = async (_: CptEvent, id: string): Promise<void> => {
    sent.push(id);
    if (sent.length === 2 && failures-- > 0) throw down;
  };
  const told = await collect(deliver({ publish, lineage, clock: () => 5 }, outgoing, () => false));
  const [a, b, c] = outgoing.map((one) => eventId(lineage, one));
  assert.deepEqual(sent, [a, b, b, c]);
  const held = { event: 'SendingHeld', lineage, of: 'events', seconds: 0 };
  assert.deepEqual(told, [
    { ...held, waiting: 2, message: 'no broker' },
    { ...held, waiting: 0, message: null },
  ]);
});

test('it ends where the publisher was closed, and where nothing else is left to do for a minute', async () => {
  const failing = (error: Error, clock: () => number, last: boolean) =>
    collect(deliver({ publish: () => Promise.reject(error), lineage, clock }, outgoing, () => last));
  await assert.rejects(
    failing(new CptError('CPT_INTERRUPTED', 'closed'), () => 0, false),
    /closed/,
  );
  let now = 0;
  await assert.rejects(
    failing(down, () => (now += 40), true),
    /no broker/,
  );
});

test('an id is of one event: of its number and of what it says', () => {
  const [one, two] = outgoing as [Outgoing, Outgoing];
  const ids = [one, two, { ...one, event: two.event }, { ...two, event: one.event }];
  assert.equal(new Set(ids.map((event) => eventId(lineage, event))).size, 4);
  assert.equal(eventId(lineage, structuredClone(one)), eventId(lineage, one));
});
