/**
 * What the rooms say to each other and to the outside. Only `edge/` turns an event into a metric, a Kafka
 * message or a line of output. Losses are masked-LM losses in nats per masked token; times are in seconds;
 * indices are 0-based over the accepted passages of the lineage in feed order.
 */
import type { BaseFetching, BaseReady } from './events/base.ts';
import type { CheckpointPublished, CheckpointWithdrawn } from './events/checkpoints.ts';
import type {
  DomainClosed,
  DomainJoined,
  DriftDetected,
  DriftMeasured,
  OpenTextMeasured,
} from './events/domains.ts';
import type {
  BackpressureApplied,
  DeadLetter,
  PassagesRead,
  PassagesSkipped,
  RecordsLost,
  SendingHeld,
} from './events/feed.ts';
import type { LineageTaken } from './events/roles.ts';
import type { RequestAnswered } from './events/serve.ts';
import type { StateMigrated } from './events/state.ts';
import type {
  OpenDomainMeasured,
  TaskDelayed,
  TaskFailed,
  TaskHandedOver,
  TaskProgress,
  TaskResumed,
  TaskStarted,
  TaskTrained,
} from './events/tasks.ts';
import type { TrainerMeasured, TrainerStarted, TrainerWarned } from './events/trainer.ts';

export type * from './events/base.ts';
export type * from './events/checkpoints.ts';
export type * from './events/domains.ts';
export type * from './events/feed.ts';
export type * from './events/roles.ts';
export type * from './events/serve.ts';
export type * from './events/state.ts';
export type * from './events/tasks.ts';
export type * from './events/trainer.ts';

export type CptEvent =
  | PassagesRead
  | PassagesSkipped
  | DeadLetter
  | RecordsLost
  | DriftMeasured
  | OpenTextMeasured
  | DriftDetected
  | DomainClosed
  | DomainJoined
  | SendingHeld
  | BackpressureApplied
  | StateMigrated
  | LineageTaken
  | BaseFetching
  | BaseReady
  | TrainerStarted
  | OpenDomainMeasured
  | TaskDelayed
  | TaskStarted
  | TaskHandedOver
  | TaskProgress
  | TaskResumed
  | TrainerMeasured
  | TrainerWarned
  | TaskTrained
  | TaskFailed
  | CheckpointPublished
  | CheckpointWithdrawn
  | RequestAnswered;
