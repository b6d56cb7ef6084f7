/** A trainer of its own process: `STORE STATE BASE MESSAGES.json EVENTS.jsonl`, killed where CPT_CRASH_AT says. */
import { appendFileSync, readFileSync } from 'node:fs';
import { crashPoints } from '../../../src/edge/crash.ts';
import type { TaskMessage } from '../../../src/edge/kafka/task-message.ts';
import { openObjectStore } from '../../../src/edge/objects/object-store.ts';
import { TaskTrainer } from '../../../src/edge/roles/train-task.ts';
import { WorkFolder } from '../../../src/edge/roles/work-folder.ts';
import { TRAINER_DEFAULTS } from '../../../src/edge/trainer/options.ts';
import { startTrainer } from '../../../src/edge/trainer/process.ts';
import { tinyTask } from '../../fixtures/tiny.ts';

const [place, state, base, messages, events] = process.argv.slice(2) as [
  string,
  string,
  string,
  string,
  string,
];
const trainer = new TaskTrainer({
  store: await openObjectStore(place),
  owner: `process-${process.pid}`,
  work: new WorkFolder(state),
  setup: {
    base,
    baseName: base,
    options: { ...tinyTask, device: 'cpu' },
    trainer: TRAINER_DEFAULTS,
    version: '0',
  },
  start: startTrainer,
  publish: async (event, id) => appendFileSync(events, `${JSON.stringify({ id, event })}\n`),
  emit: () => {},
  at: crashPoints(process.env.CPT_CRASH_AT),
});
for (const message of JSON.parse(readFileSync(messages, 'utf8')) as TaskMessage[]) {
  await trainer.handle(message, new AbortController().signal);
}
await trainer.close();
process.exit(0);
