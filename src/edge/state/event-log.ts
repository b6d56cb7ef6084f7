/** Events in a state: those that wait to be sent, and the newest of all for reports. Numbers are never given twice. */
import type { Database, RootDatabase } from 'lmdb';
import type { CptEvent } from '../../events.ts';
import type { Happened, Outgoing } from './types.ts';

const HISTORY = 1000;

export class EventLog {
  readonly #outbox: Database<CptEvent, number>;
  readonly #history: Database<CptEvent, number>;

  constructor(root: RootDatabase) {
    this.#outbox = root.openDB('outbox', { encoding: 'json' });
    this.#history = root.openDB('history', { encoding: 'json' });
  }

  /** @param sequence the last number given. @returns the last number given now */
  post({ history, outgoing }: Happened, sequence: number): number {
    let next = sequence;
    for (const event of outgoing) this.#outbox.putSync(++next, event);
    for (const event of history) {
      this.#history.putSync(++next, event);
      if (this.#history.getKeysCount({ limit: HISTORY + 1 }) > HISTORY) {
        for (const oldest of this.#history.getKeys({ limit: 1 })) this.#history.removeSync(oldest);
      }
    }
    return next;
  }

  /** Oldest first. */
  history(): CptEvent[] {
    return Array.from(this.#history.getRange(), ({ value }) => value);
  }

  /** A domain's label is words of its text: they go. */
  unlabel(domain: string): void {
    for (const rows of [this.#history, this.#outbox]) {
      for (const { key, value } of [...rows.getRange()]) {
        if (value.event !== 'DomainClosed' || value.domain !== domain) continue;
        rows.putSync(key, { ...value, label: null });
      }
    }
  }

  /** The oldest that wait to be sent. */
  outgoing(limit: number): Outgoing[] {
    const waiting = this.#outbox.getRange({ limit });
    return Array.from(waiting, ({ key, value }) => ({ sequence: key, event: value }));
  }

  remove(events: readonly Outgoing[]): void {
    for (const { sequence } of events) this.#outbox.removeSync(sequence);
  }
}
