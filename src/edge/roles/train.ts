/** The role `train`: takes closed domains from a topic, one lineage's in order, and publishes through the store. */
import { randomUUID } from 'node:crypto';
import { hostname } from 'node:os';
import path from 'node:path';
import { CptError } from '../../errors.ts';
import type { CptEvent } from '../../events.ts';
import type { TaskOptions } from '../../train/options.ts';
import { checkBase } from '../base.ts';
import { crashPoints } from '../crash.ts';
import { type KafkaLogger, kafkaClient, PATIENT } from '../kafka/client.ts';
import { connectionOf } from '../kafka/connection.ts';
import type { KafkaLogin } from '../kafka/login-options.ts';
import { runTaskConsumer } from '../kafka/task-consumer.ts';
import { parseTaskMessage, TASK_PARTITIONS, type TaskMessage } from '../kafka/task-message.ts';
import { ensureTopics } from '../kafka/topics.ts';
import { parseOneTopicUrl } from '../kafka/url.ts';
import { openObjectStore } from '../objects/object-store.ts';
import { taskFailed } from '../run/told.ts';
import { lockState } from '../state/lock.ts';
import type { TrainerOptions } from '../trainer/options.ts';
import { startTrainer } from '../trainer/process.ts';
import type { MachineOptions } from './options.ts';
import { type TaskParts, TaskTrainer } from './train-task.ts';
import { WorkFolder } from './work-folder.ts';

const GROUP = 'cpt-train';
/** Before a message is tried again whose store, topic or lineage is not as it should be. */
const FIRST_WAIT_MS = 1000;
const LONGEST_WAIT_MS = 60_000;

export interface TrainRole {
  readonly machines: MachineOptions;
  readonly kafka: KafkaLogin;
  readonly logger: KafkaLogger;
  /** Folder of states; this process needs one that no other one uses. */
  readonly state: string;
  /** Folder of the base model. */
  readonly base: string;
  readonly baseName: string;
  readonly task: TaskOptions;
  readonly trainer: TrainerOptions;
  readonly version: string;
  readonly publish: TaskParts['publish'];
  readonly emit: (event: CptEvent) => void;
  /** It is a member of the group, with so many partitions. */
  readonly onJoined: (partitions: number) => void;
  /** See `crashPoints`; for tests. */
  readonly crashAt?: string | undefined;
  readonly signal: AbortSignal;
}

/** Runs until the signal, whose reason it throws; the task that runs then is given up and left to others. */
export async function runTrainRole(role: TrainRole): Promise<never> {
  const { machines, logger, signal } = role;
  await checkBase(role.base);
  const folder = path.join(role.state, '_train'); // no lineage has such a name
  const unlock = lockState(folder);
  const closing: (() => Promise<unknown>)[] = [async () => unlock()];
  try {
    const { store: place, s3Endpoint, tasks } = machines;
    const store = await openObjectStore(place, { endpoint: s3Endpoint });
    const trainer = new TaskTrainer({
      store,
      owner: `${hostname()}-${process.pid}-${randomUUID()}`,
      work: new WorkFolder(folder),
      setup: {
        base: role.base,
        baseName: role.baseName,
        options: role.task,
        trainer: role.trainer,
        version: role.version,
      },
      start: startTrainer,
      publish: role.publish,
      emit: role.emit,
      at: crashPoints(role.crashAt),
    });
    closing.push(() => trainer.close());
    const { brokers, topic, group = GROUP } = parseOneTopicUrl(tasks);
    const connection = { brokers, ...connectionOf(role) };
    await ensureTopics(connection, [{ topic, partitions: TASK_PARTITIONS }]);
    const ended = new Promise<never>((_, reject) => {
      signal.addEventListener('abort', () => reject(signal.reason as Error), { once: true });
      const messages = handler(role, trainer);
      runTaskConsumer({
        kafka: kafkaClient(connection, PATIENT),
        topic,
        group,
        sessionTimeoutMs: machines.session * 1000,
        logger,
        onMessage: ({ key, value, offset }, stop) => messages(key, value, offset, stop),
        onAssigned: (partitions) => role.onJoined(partitions.length),
        onFailure: reject,
      }).then((consumer) => closing.push(() => consumer.stop(signal.reason ?? new Error('stopped'))), reject);
    });
    signal.throwIfAborted();
    return await ended;
  } finally {
    for (const close of closing.reverse()) await close();
  }
}

type Handler = (
  key: Uint8Array | null,
  value: Uint8Array | null,
  offset: string,
  stop: AbortSignal,
) => Promise<number | null>;

/** What becomes of a message: it is done, it waits, or this process ends. */
function handler({ emit, logger }: Pick<TrainRole, 'emit' | 'logger'>, trainer: TaskTrainer): Handler {
  const waits = new Map<string, number>();
  return async (key, value, offset, stop) => {
    let message: TaskMessage;
    try {
      message = parseTaskMessage(key, value);
    } catch (error) {
      if (!(error instanceof CptError)) throw error;
      // a task that lacks for this shows at the next one of its lineage
      logger.error({ offset, reason: error.message }, 'a message is passed over');
      return null;
    }
    const { lineage, task } = message;
    const name = `${lineage}/${task}`;
    try {
      await trainer.handle(message, stop);
      waits.delete(name);
      return null;
    } catch (error) {
      for (const event of taskFailed(lineage, message, error, WAITING)) emit(event);
      if (!(error instanceof CptError) || !WAITING.has(error.code)) throw error;
      const wait = Math.min(LONGEST_WAIT_MS, 2 * (waits.get(name) ?? FIRST_WAIT_MS / 2));
      waits.set(name, wait);
      logger.error({ lineage, task, wait, code: error.code, reason: error.message }, 'a task waits');
      return wait;
    }
  };
}

/** What only time, another trainer or a person mends, and does not concern other lineages. */
const WAITING: ReadonlySet<string> = new Set(['CPT_FENCED', 'CPT_STORE', 'CPT_KAFKA']);
