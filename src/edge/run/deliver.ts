/** Sends events on. What is not taken waits, in the state: intake and training do not. */
import { createHash } from 'node:crypto';
import { CptError } from '../../errors.ts';
import type { CptEvent } from '../../events.ts';
import { Channel } from '../channel.ts';
import { patiently } from '../patience.ts';
import type { Outgoing } from '../state/types.ts';
import type { RunParts } from './parts.ts';

/** Seconds for which events are tried once nothing else is left to do; the next run sends them. */
const LAST_PATIENCE = 60;

/**
 * Sends events in their order; each is taken when the next is sent.
 * @param last whether nothing else is left to do
 * @throws CptError CPT_INTERRUPTED once the publisher is closed, CPT_KAFKA where nothing else is left to do
 */
export async function* deliver(
  {
    publish,
    lineage,
    clock,
  }: Pick<RunParts, 'lineage' | 'clock'> & {
    readonly publish: NonNullable<RunParts['publish']>;
  },
  outgoing: readonly Outgoing[],
  last: () => boolean,
): AsyncGenerator<CptEvent> {
  const told = new Channel<CptEvent>();
  const all = async (): Promise<void> => {
    for (const [at, one] of outgoing.entries()) {
      await patiently(() => publish(one.event, eventId(lineage, one)), {
        clock,
        failed(error, seconds) {
          if (!(error instanceof CptError) || error.code === 'CPT_INTERRUPTED') throw error;
          if (last() && seconds >= LAST_PATIENCE) throw error;
          const waiting = outgoing.length - at;
          const { message } = error;
          told.push({ event: 'SendingHeld', lineage, of: 'events', waiting, seconds, message });
        },
        recovered: (seconds) =>
          told.push({ event: 'SendingHeld', lineage, of: 'events', waiting: 0, seconds, message: null }),
      });
    }
  };
  all().then(
    () => told.end(),
    (error: unknown) => told.fail(error),
  );
  yield* told;
}

/**
 * Equal for each sending of one event, and for no other one: a state that was begun anew, or restored from a
 * backup, gives a number again, but to what says the same.
 */
export function eventId(lineage: string, { sequence, event }: Outgoing): string {
  const content = createHash('sha256').update(JSON.stringify(event)).digest('hex').slice(0, 16);
  return `${lineage}/${sequence}/${content}`;
}
