/** What a run makes of verdicts and failures: closed domains for the queue, events for everybody else. */
import type { Verdict } from '../../domains/index.ts';
import { CptError } from '../../errors.ts';
import type { CptEvent } from '../../events.ts';
import type { ClosedDomain } from '../state/types.ts';

/** A verdict, and on a domain's end the signatures of all domains at that moment. */
export type Segmented = Verdict & { readonly signatures?: unknown };

/** @param closedBefore domains closed before these */
export function queued(verdicts: readonly Segmented[], closedBefore: number): ClosedDomain[] {
  return verdicts
    .filter((verdict) => verdict.kind === 'closed')
    .map(({ domain, first, last, returnOf, label, nearest, signatures }, at) => {
      const near = nearest.map((neighbour) => neighbour.domain);
      return { task: closedBefore + at + 1, domain, first, last, returnOf, label, near, signatures };
    });
}

export function verdictEvent(lineage: string, verdict: Verdict): CptEvent {
  if (verdict.kind === 'drift') {
    const { boundary, detectedAt, statistic, threshold } = verdict;
    return { event: 'DriftDetected', lineage, boundary, detectedAt, statistic, threshold };
  }
  const { domain, first, last, detectedAt, returnOf, label } = verdict;
  return { event: 'DomainClosed', lineage, domain, first, last, detectedAt, returnOf, label };
}

/** That a task failed for good; nothing where it was only stopped. */
export function taskFailed(
  lineage: string,
  { task, domain }: Pick<ClosedDomain, 'task' | 'domain'>,
  error: unknown,
): CptEvent[] {
  if (!(error instanceof CptError) || error.code === 'CPT_INTERRUPTED') return [];
  const { code, message } = error;
  return [{ event: 'TaskFailed', lineage, task, domain, code, message, willRetry: false }];
}
