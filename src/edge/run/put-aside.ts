/** Puts records without a passage away, and tells while that takes long. */
import type { CptEvent } from '../../events.ts';
import { Channel } from '../channel.ts';
import type { Rejection } from '../dead-letters.ts';
import type { RunParts } from './parts.ts';

/** @returns the dead-letter file's length */
export async function* putAside(
  { deadLetters, lineage }: Pick<RunParts, 'deadLetters' | 'lineage'>,
  rejected: readonly Rejection[],
): AsyncGenerator<CptEvent, number> {
  if (rejected.length === 0) return deadLetters.append([]);
  const told = new Channel<CptEvent>();
  let before = 0;
  const done = deadLetters.append(rejected, (letters) => {
    told.push({ event: 'SendingHeld', lineage, of: 'dead_letters', ...letters });
    told.push({ event: 'BackpressureApplied', lineage, seconds: letters.seconds - before });
    before = letters.seconds;
  });
  done.then(
    () => told.end(),
    (error: unknown) => told.fail(error),
  );
  yield* told;
  return done;
}
