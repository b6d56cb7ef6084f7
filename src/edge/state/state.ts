/**
 * The durable state of a run: one LMDB environment. What a batch changes (passages, the segmenter, the feed's
 * offsets, the queue of closed domains, events to send) is one transaction, so that a crash leaves all or nothing.
 */
import fs from 'node:fs';
import path from 'node:path';
import { type Database, open, type RootDatabase } from 'lmdb';
import type { Snapshot } from '../../domains/index.ts';
import { CptError } from '../../errors.ts';
import type { CptEvent } from '../../events.ts';
import { diskError } from '../disk.ts';
import { identify } from './identity.ts';
import { lockState } from './lock.ts';
import { SegmenterStore } from './segmenter-store.ts';
import type { ClosedDomain, Happened, Outgoing, Progress, StateOptions, Turn } from './types.ts';

type Meta = Omit<Progress, 'segmenter'> & { readonly sequence: number };

const HISTORY = 1000;

const FRESH: Meta = {
  offsets: null,
  accepted: 0,
  closed: 0,
  trained: 0,
  deadLetters: 0,
  deadLetterBytes: 0,
  ended: false,
  sequence: 0,
};

export class State {
  readonly folder: string;
  readonly #root: RootDatabase;
  readonly #meta: Database<unknown, string>;
  readonly #segmenter: SegmenterStore;
  readonly #passages: Database<string, number>;
  readonly #queue: Database<ClosedDomain, number>;
  readonly #outbox: Database<CptEvent, number>;
  readonly #history: Database<CptEvent, number>;
  readonly #unlock: () => void;
  readonly #at: (point: string) => void;

  private constructor(folder: string, root: RootDatabase, unlock: () => void, options: StateOptions) {
    this.folder = folder;
    this.#root = root;
    this.#unlock = unlock;
    this.#at = options.at ?? (() => {});
    this.#meta = root.openDB('meta', { encoding: 'json' });
    const blobs = root.openDB<Buffer, string>('blobs', { encoding: 'binary' });
    const signatures = root.openDB<Buffer, string>('signatures', { encoding: 'binary' });
    this.#segmenter = new SegmenterStore(blobs, signatures);
    this.#passages = root.openDB('passages', { encoding: 'string' });
    this.#queue = root.openDB('queue', { encoding: 'json' });
    this.#outbox = root.openDB('outbox', { encoding: 'json' });
    this.#history = root.openDB('history', { encoding: 'json' });
  }

  /**
   * Opens or creates the state in `folder`.
   * @throws CptError CPT_STATE_LOCKED, CPT_STATE_VERSION, CPT_STATE, CPT_DISK_FULL
   */
  static open(folder: string, options: StateOptions): State {
    try {
      fs.mkdirSync(folder, { recursive: true });
    } catch (error) {
      throw diskError(error, `The state folder ${folder}`, 'CPT_STATE');
    }
    const unlock = lockState(folder);
    try {
      const root = open({ path: path.join(folder, 'state.lmdb'), noSubdir: true, maxDbs: 16 });
      const state = new State(folder, root, unlock, options);
      const segmented = state.#segmenter.exists;
      identify(state.#meta, { folder, lineage: options.lineage, features: options.features, segmented });
      return state;
    } catch (error) {
      unlock();
      throw diskError(error, `The state folder ${folder}`, 'CPT_STATE');
    }
  }

  get #now(): Meta {
    return (this.#meta.get('progress') as Meta | undefined) ?? FRESH;
  }

  get progress(): Progress {
    const { sequence: _, ...progress } = this.#now;
    return { ...progress, segmenter: this.#segmenter.read() };
  }

  /** Passages accepted, domains closed and trained so far; cheap, unlike all of `progress`. */
  get counts(): Pick<Progress, 'accepted' | 'closed' | 'trained'> {
    const { accepted, closed, trained } = this.#now;
    return { accepted, closed, trained };
  }

  /** Makes one batch durable. */
  commit(turn: Turn): void {
    this.#transaction(() => {
      const now = this.#now;
      for (const [at, text] of turn.texts.entries()) this.#passages.putSync(turn.first + at, text);
      for (const closed of turn.closed) this.#queue.putSync(closed.task, closed);
      this.#segmenter.write(turn.segmenter);
      this.#at('mid-commit');
      this.#put({
        ...now,
        offsets: turn.offsets,
        accepted: now.accepted + turn.texts.length,
        closed: now.closed + turn.closed.length,
        deadLetters: now.deadLetters + turn.deadLetters,
        deadLetterBytes: turn.deadLetterBytes,
        sequence: this.#post(turn.events, now.sequence),
      });
    });
  }

  /** Records that the feed has ended, with the domains that this closed. */
  end(closed: readonly ClosedDomain[], segmenter: Snapshot, events: Happened): void {
    this.#transaction(() => {
      const now = this.#now;
      for (const domain of closed) this.#queue.putSync(domain.task, domain);
      this.#segmenter.write(segmenter);
      const sequence = this.#post(events, now.sequence);
      this.#put({ ...now, closed: now.closed + closed.length, ended: true, sequence });
    });
  }

  /** Whether a closed domain waits for its task. */
  get taskWaits(): boolean {
    const { closed, trained } = this.#now;
    return closed > trained;
  }

  /** The closed domain whose task is next, if any waits. */
  nextTask(): ClosedDomain | null {
    return this.#queue.get(this.#now.trained + 1) ?? null;
  }

  /** Passages that wait for their task or for their domain's end. */
  get waitingPassages(): number {
    // domains are trained in feed order, so what is left is everything from the first one on
    const [first] = this.#passages.getKeys({ limit: 1 });
    return first === undefined ? 0 : this.#now.accepted - first;
  }

  /** The passages of a closed domain. */
  passages({ first, last }: ClosedDomain): string[] {
    const texts = Array.from(this.#passages.getRange({ start: first, end: last + 1 }), ({ value }) => value);
    if (texts.length !== last - first + 1) {
      throw new CptError('CPT_STATE', `The state lacks passages of the domain from ${first} to ${last}.`);
    }
    return texts;
  }

  /** The texts of single passages, those that are still here, in the order of their indices. */
  texts(indices: readonly number[]): string[] {
    return indices.flatMap((index) => this.#passages.get(index) ?? []);
  }

  /** Records a published task: its passages go, its events wait to be sent. */
  complete(task: ClosedDomain, events: Happened): void {
    this.#at('before-complete');
    this.#transaction(() => {
      const now = this.#now;
      this.#queue.removeSync(task.task);
      for (let index = task.first; index <= task.last; index++) this.#passages.removeSync(index);
      this.#put({ ...now, trained: now.trained + 1, sequence: this.#post(events, now.sequence) });
    });
    this.#at('after-complete');
  }

  /** Records events that no batch and no closed domain brought, and so many tasks trained by hand. */
  adopt(history: readonly CptEvent[], tasks: number): void {
    this.#transaction(() => {
      const { closed, trained, ...now } = this.#now;
      const sequence = this.#post({ history, outgoing: [] }, now.sequence);
      this.#put({ ...now, closed: closed + tasks, trained: trained + tasks, sequence });
    });
  }

  /** What happened in earlier runs, oldest first. */
  history(): CptEvent[] {
    return Array.from(this.#history.getRange(), ({ value }) => value);
  }

  /** The oldest events that wait to be sent. */
  outgoing(limit = 100): Outgoing[] {
    return Array.from(this.#outbox.getRange({ limit }), ({ key, value }) => ({
      sequence: key,
      event: value,
    }));
  }

  /** Forgets events that were sent. */
  sent(events: readonly Outgoing[]): void {
    this.#transaction(() => {
      for (const { sequence } of events) this.#outbox.removeSync(sequence);
    });
  }

  async close(): Promise<void> {
    await this.#root.close();
    this.#unlock();
  }

  #put(meta: Meta): void {
    this.#meta.putSync('progress', meta);
  }

  #post({ history, outgoing }: Happened, sequence: number): number {
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

  #transaction(change: () => void): void {
    try {
      this.#at('before-commit');
      this.#root.transactionSync(change);
      this.#at('after-commit');
    } catch (error) {
      this.#segmenter.undone();
      throw diskError(error, `The state folder ${this.folder}`, 'CPT_STATE');
    }
  }
}
