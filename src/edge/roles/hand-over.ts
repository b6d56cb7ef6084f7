/**
 * What takes the trainer's place where trainers are elsewhere: a closed domain's passages go to the object store, and a
 * message says that they wait. Done again after a crash it leaves the same objects and the same message once more,
 * which trainers tell by its task number.
 */
import type { TaskMessage } from '../kafka/task-message.ts';
import type { ObjectStore } from '../objects/object-store.ts';
import { putTaskData } from '../objects/task-data.ts';
import type { TrainerProcess } from '../trainer/process.ts';

export interface HandOverOptions {
  readonly lineage: string;
  readonly store: ObjectStore;
  /** Resolves when the brokers have the message. */
  readonly send: (message: TaskMessage) => Promise<void>;
}

export function handOver({ lineage, store, send }: HandOverOptions): TrainerProcess {
  return {
    async run({ task, domain, near, label = null, texts, signatures }) {
      const data = await putTaskData(store, { lineage, task }, texts, signatures);
      await send({ lineage, task, domain, near, label, ...data });
      const { bytes } = data.passages;
      return {
        events: [{ event: 'TaskHandedOver', lineage, task, domain, passages: texts.length, bytes }],
      };
    },
    measure: () => false,
    drain: () => [],
    failure: null,
    stop: () => {},
    close: async () => {},
  };
}
