/** A lineage's tasks as they wait for a trainer, and what came of them. */
import assert from 'node:assert/strict';
import type { TaskMessage } from '../../../src/edge/kafka/task-message.ts';
import type { ObjectStore } from '../../../src/edge/objects/object-store.ts';
import { putTaskData } from '../../../src/edge/objects/task-data.ts';
import { makeRng } from '../../../src/rng.ts';
import { tinyPassages } from '../../fixtures/tiny.ts';

/** Three tasks, the last on a domain that returns; their data is put into the store. */
export async function queueTasks(store: ObjectStore, lineage: string): Promise<TaskMessage[]> {
  const messages: TaskMessage[] = [];
  for (const [at, [domain, topic]] of [
    ['d1', 'kitchen'],
    ['d2', 'sea'],
    ['d1', 'kitchen'],
  ].entries() as IterableIterator<[number, [string, string]]>) {
    const texts = tinyPassages(topic, 60, makeRng(`queue-${at}`));
    const near = at === 0 ? [] : ['d1'];
    const data = await putTaskData(store, { lineage, task: at + 1 }, texts, [{ at }]);
    messages.push({ lineage, task: at + 1, domain, near, label: null, ...data });
  }
  return messages;
}

/** All that is published of a lineage, by key. */
export async function published(store: ObjectStore, lineage: string): Promise<Record<string, string>> {
  const found: Record<string, string> = {};
  for (const key of await store.list(`${lineage}/`)) {
    const object = await store.get(key, 1 << 26);
    assert.ok(object !== null);
    found[key] = Buffer.from(object.bytes).toString('base64');
  }
  return found;
}
