/** A retirement that has begun stands in the state until it is complete: nothing else runs on it before. */
import { CptError } from '../../errors.ts';
import type { CheckpointWithdrawn } from '../../events.ts';

export interface Retirement {
  /** What is to be told at the end. */
  readonly event: Omit<CheckpointWithdrawn, 'main' | 'bytes'>;
  /** Bytes of the state's lineage and of the published one before it began. */
  readonly bytes: number;
}

/** @throws CptError CPT_STATE where one was interrupted */
export function refuseInterrupted(retirement: Retirement | null): void {
  if (retirement === null) return;
  const { lineage, domain } = retirement.event;
  throw new CptError('CPT_STATE', `The retirement of ${domain} from ${lineage} was interrupted.`, {
    hint: `Run cpt retire ${domain} --lineage ${lineage} --yes again: it goes on where it was.`,
  });
}
