/** A task from its start to its result. Losses are masked-LM losses in nats per masked token. */

/** A task waited although nothing else ran, because the one before it was begun not long ago. */
export interface TaskDelayed {
  readonly event: 'TaskDelayed';
  readonly lineage: string;
  readonly task: number;
  readonly seconds: number;
}

export interface TaskStarted {
  readonly event: 'TaskStarted';
  readonly lineage: string;
  readonly task: number;
  readonly domain: string;
  readonly passages: number;
  readonly label?: string | null;
}

/** A closed domain was handed to the trainers of another machine: its passages are in the object store. */
export interface TaskHandedOver {
  readonly event: 'TaskHandedOver';
  readonly lineage: string;
  readonly task: number;
  readonly domain: string;
  readonly passages: number;
  /** Of the passages as an object. */
  readonly bytes: number;
}

export interface TaskProgress {
  readonly event: 'TaskProgress';
  readonly lineage: string;
  readonly task: number;
  readonly domain: string;
  readonly step: number;
  readonly steps: number;
  /** Tokens trained on since the last progress event of this task. */
  readonly tokens: number;
  readonly loss: number;
}

/** The trainer was started again and goes on behind the last step that it saved. */
export interface TaskResumed {
  readonly event: 'TaskResumed';
  readonly lineage: string;
  readonly task: number;
  readonly domain: string;
  /** The step that was saved. */
  readonly step: number;
  readonly steps: number;
}

export interface TaskTrained {
  readonly event: 'TaskTrained';
  readonly lineage: string;
  readonly task: number;
  readonly domain: string;
  readonly passages: number;
  readonly tokens: number;
  readonly seconds: number;
  readonly provider: string;
  /** Blocks in one pass of a step; the whole batch where it fits. */
  readonly microBatch: number;
  readonly losses: readonly DomainLoss[];
  readonly neurons: NeuronCounts;
  /** Loss of the base less that of the newest earlier checkpoint on this domain, before it was trained; null on the first. */
  readonly forwardTransfer: number | null;
  /** Mean over the earlier domains of published less own loss: 0 while nothing is forgotten; null on the first. */
  readonly backwardTransfer: number | null;
  /** True when every earlier domain's neurons and probe logits hash as when published. */
  readonly proved: boolean;
  /** What that took, of `seconds`. */
  readonly proofSeconds: number;
}

/** Losses on a sample of the open domain, between tasks. */
export interface OpenDomainMeasured {
  readonly event: 'OpenDomainMeasured';
  readonly lineage: string;
  readonly openPassages: number;
  readonly maskedTokens: number;
  /** Loss of the untouched base. */
  readonly base: number;
  /** Loss under the newest checkpoint; null before the first. */
  readonly current: number | null;
}

/** Held-out masked-LM loss of one earlier domain, as this task left it. */
export interface DomainLoss {
  readonly domain: string;
  /** Loss of the untouched base model. */
  readonly base: number;
  /** Loss of the domain's own published checkpoint, when it was published. */
  readonly published: number;
  /** Loss of the same checkpoint measured again now; equal to `published` when nothing was forgotten. */
  readonly own: number;
  /** Loss under the newest domain's checkpoint. */
  readonly current: number;
}

export interface NeuronCounts {
  readonly free: number;
  readonly claimed: number;
  /** Claimed by more than one domain (also counted under `claimed`). */
  readonly shared: number;
}

export interface TaskFailed {
  readonly event: 'TaskFailed';
  readonly lineage: string;
  readonly task: number;
  readonly domain: string;
  readonly code: string;
  readonly message: string;
  readonly willRetry: boolean;
}
