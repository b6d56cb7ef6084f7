/** What a run makes of verdicts and failures: closed domains for the queue, events for everybody else. */
import {
  type ClosedVerdict,
  routerJson,
  type Segmenter,
  type SegmenterStatus,
  type Verdict,
} from '../../domains/index.ts';
import { CptError } from '../../errors.ts';
import type { CptEvent, DomainClosed, DriftMeasured } from '../../events.ts';
import type { Accepted } from '../../stream/accept-records.ts';
import type { FeedBatch, FeedRecord } from '../feed/feed.ts';
import { isPublic } from '../kafka/cloud-event.ts';
import type { ClosedDomain, Happened, Task } from '../state/types.ts';

/** A verdict, and on a domain's end the signatures of all domains at that moment. */
export type Segmented = Verdict & { readonly signatures?: unknown };

/** @param encoder that told passages apart, or null */
export function signed(
  verdicts: readonly Verdict[],
  segmenter: Pick<Segmenter, 'signatures' | 'labels'>,
  encoder: Parameters<typeof routerJson>[2],
): Segmented[] {
  return verdicts.map((verdict) => {
    if (verdict.kind !== 'closed') return verdict;
    return { ...verdict, signatures: routerJson(segmenter.signatures(), segmenter.labels, encoder) };
  });
}

export function closedDomains(verdicts: readonly Segmented[]): ClosedDomain[] {
  return verdicts
    .filter((verdict) => verdict.kind === 'closed')
    .map(({ domain, ranges, returnOf, label, nearest, signatures }) => {
      const near = nearest.map((neighbour) => neighbour.domain);
      return { domain, ranges, returnOf, label, near, signatures };
    });
}

export function verdictEvent(lineage: string, verdict: Verdict): CptEvent {
  if (verdict.kind === 'drift') {
    const { boundary, detectedAt, statistic, threshold } = verdict;
    return { event: 'DriftDetected', lineage, boundary, detectedAt, statistic, threshold };
  }
  return { event: 'DomainClosed', lineage, ...closedMembers(verdict) };
}

/** What is told of a closed domain. */
export function closedMembers({
  domain,
  first,
  last,
  detectedAt,
  returnOf,
  label,
  reason,
  ranges,
}: ClosedVerdict): Omit<DomainClosed, 'event' | 'lineage'> {
  const members = { domain, first, last, detectedAt, returnOf, label, reason };
  return ranges.length === 1 ? members : { ...members, ranges };
}

export type ReadBatch = Accepted<FeedBatch, FeedRecord>;

/** What is told of a batch that is durable. */
export function read(lineage: string, { batch, passages, rejected, skipped }: ReadBatch): CptEvent[] {
  const dead = rejected.map(({ record, reason }) => {
    return { event: 'DeadLetter', lineage, reason, position: record.position } as const;
  });
  const bytes = batch.records.reduce((sum, record) => sum + record.size, 0);
  const reason = 'language';
  const left = skipped > 0 ? [{ event: 'PassagesSkipped', lineage, reason, count: skipped } as const] : [];
  const accepted = passages.length;
  return [...dead, ...left, { event: 'PassagesRead', lineage, accepted, bytes, lag: batch.lag }];
}

/** What is told of the open domain. */
export function measured({
  statistic,
  threshold,
  openPassages,
  heldDomains,
  heldPassages,
  distances,
}: SegmenterStatus): Omit<DriftMeasured, 'event' | 'lineage'> {
  return { statistic, threshold, openPassages, heldDomains, heldPassages, distances };
}

/** What a transaction records of events: all but those of the moment, and those that other programs hear of. */
export function happened(events: readonly CptEvent[], isPublished: boolean): Happened {
  return {
    history: events.filter(({ event }) => event !== 'DriftDetected'),
    outgoing: isPublished ? events.filter(isPublic) : [],
  };
}

/** That a task failed, for good unless `willRetry` knows its code; nothing where it was only stopped. */
export function taskFailed(
  lineage: string,
  { task, domain }: Pick<Task, 'task' | 'domain'>,
  error: unknown,
  willRetry: ReadonlySet<string> = new Set(),
): CptEvent[] {
  if (!(error instanceof CptError) || error.code === 'CPT_INTERRUPTED') return [];
  const { code, message } = error;
  const again = willRetry.has(code);
  return [{ event: 'TaskFailed', lineage, task, domain, code, message, willRetry: again }];
}
