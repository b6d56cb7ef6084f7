/** Events of a made-up run. */
import type { CptEvent, DomainLoss, TaskTrained } from '../../src/events.ts';

export const lineage = 'demo';

export const read = (accepted: number, lag: number | null = null): CptEvent => ({
  event: 'PassagesRead',
  lineage,
  accepted,
  bytes: accepted * 100,
  lag,
});

export const closed = (
  domain: string,
  first: number,
  last: number,
  detectedAt: number,
  returnOf: string | null = null,
  label: string | null = null,
): CptEvent & { event: 'DomainClosed' } => ({
  event: 'DomainClosed',
  lineage,
  domain,
  first,
  last,
  detectedAt,
  returnOf,
  label,
  reason: 'change',
});

export const fetching = (bytes: number, total: number): CptEvent => ({
  event: 'BaseFetching',
  lineage,
  base: 'acme/tiny',
  file: 'model.safetensors',
  bytes,
  total,
});

export const ready = (fetched: number, pinned = false, note: string | null = null): CptEvent => ({
  event: 'BaseReady',
  lineage,
  base: 'acme/tiny',
  commit: 'c'.repeat(40),
  fetched,
  pinned,
  note,
});

export const started = (task: number, domain: string, passages: number): CptEvent => ({
  event: 'TaskStarted',
  lineage,
  task,
  domain,
  passages,
});

export const stepped = (task: number, domain: string, step: number, steps: number, loss = 5): CptEvent => ({
  event: 'TaskProgress',
  lineage,
  task,
  domain,
  step,
  steps,
  tokens: 1000,
  loss,
});

/** @param losses domain, base, published, own */
export const trained = (
  task: number,
  domain: string,
  losses: readonly (readonly [string, number, number, number])[],
  proved = true,
): TaskTrained => ({
  event: 'TaskTrained',
  lineage,
  task,
  domain,
  passages: 300,
  tokens: 98_304,
  seconds: 31,
  proofSeconds: 0.5,
  provider: 'cpu',
  microBatch: 16,
  losses: losses.map(
    ([name, base, published, own]): DomainLoss => ({ domain: name, base, published, own, current: own }),
  ),
  neurons: { free: 1024, claimed: 1024, shared: 128 },
  forwardTransfer: null,
  backwardTransfer: null,
  proved,
});

export const published = (task: number, domain: string, digit: string): CptEvent => ({
  event: 'CheckpointPublished',
  lineage,
  domain,
  task,
  revision: digit.repeat(40),
  ref: domain,
  bytes: 18_400_000,
  seconds: 0.8,
});
