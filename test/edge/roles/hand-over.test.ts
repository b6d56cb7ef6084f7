import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { TaskMessage } from '../../../src/edge/kafka/task-message.ts';
import { openObjectStore } from '../../../src/edge/objects/object-store.ts';
import { getTaskData } from '../../../src/edge/objects/task-data.ts';
import { handOver } from '../../../src/edge/roles/hand-over.ts';
import { CptError } from '../../../src/errors.ts';
import { freshFolder } from '../store/help.ts';

const job = { task: 3, domain: 'd2', near: ['d1'], texts: ['one', 'two'], signatures: { format: 'none' } };
const clock = () => 0;

test('passages lie in the store before the message says that they wait; again is the same', async () => {
  const store = await openObjectStore(await freshFolder());
  const sent: TaskMessage[] = [];
  const trainer = handOver({
    lineage: 'news',
    store,
    clock,
    async send(message) {
      const data = await getTaskData(store, message, message);
      assert.deepEqual(data, { texts: job.texts, signatures: job.signatures });
      sent.push(message);
    },
  });
  for (const _ of ['first', 'after a crash']) {
    const { events } = await trainer.run(job, () => {});
    assert.deepEqual(events, [
      { event: 'TaskHandedOver', lineage: 'news', task: 3, domain: 'd2', passages: 2, bytes: 12 },
    ]);
  }
  assert.equal(sent.length, 2);
  assert.deepEqual(sent[0], sent[1]);
  assert.equal(
    trainer.measure(() => ({ task: 1, openPassages: 1, texts: [] })),
    false,
  );
});

test('a broker that is away is waited for, until the run is stopped', async () => {
  const store = await openObjectStore(await freshFolder());
  let tries = 0;
  const warned: string[] = [];
  const quiet = {
    debug() {},
    info() {},
    error() {},
    warn: (_: object, line: string) => void warned.push(line),
  };
  const trainer = handOver({
    lineage: 'news',
    store,
    clock,
    logger: quiet,
    async send() {
      tries += 1;
      if (tries === 3) trainer.stop();
      throw new Error('no broker');
    },
  });
  await assert.rejects(
    trainer.run(job, () => {}),
    (error) => error instanceof CptError && error.code === 'CPT_INTERRUPTED' && error.retryable,
  );
  assert.equal(tries, 3);
  assert.match(warned[0]!, /^Task 3 of news cannot be handed over: .*; it waits$/);
});

test('what time does not mend ends the run', async () => {
  const store = await openObjectStore(await freshFolder());
  const fault = new CptError('CPT_STORE', 'It is too large.');
  const send = async () => {
    throw fault;
  };
  await assert.rejects(
    handOver({ lineage: 'news', store, clock, send }).run(job, () => {}),
    fault,
  );
});
