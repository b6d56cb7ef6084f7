/**
 * The durable state of a run: one LMDB environment. What a batch changes (passages, the segmenter, the feed's
 * offsets, the queue of closed domains, events to send) is one transaction, so that a crash leaves all or nothing.
 */
import type { Database, RootDatabase } from 'lmdb';
import type { Snapshot } from '../../domains/index.ts';
import { countOf } from '../../domains/ranges.ts';
import type { CptEvent, DomainJoined } from '../../events.ts';
import { diskError, requireSpace } from '../disk.ts';
import { EventLog } from './event-log.ts';
import { identify } from './identity.ts';
import { lockState } from './lock.ts';
import { FRESH, type Meta } from './meta.ts';
import { migrate } from './migrate.ts';
import { Passages } from './passages.ts';
import { TaskQueue } from './queue.ts';
import { type Retirement, refuseInterrupted } from './retirement.ts';
import { openRoot } from './root.ts';
import { SegmenterStore } from './segmenter-store.ts';
import type { ClosedDomain, Happened, Outgoing, Progress, StateOptions, Task, Turn } from './types.ts';

/** Bytes: LMDB that runs out of space within a transaction damages its own memory at times. */
const LEAST_FREE = 16 << 20;

export class State {
  readonly folder: string;
  readonly #root: RootDatabase;
  readonly #meta: Database<unknown, string>;
  readonly #segmenter: SegmenterStore;
  readonly #passages: Passages;
  readonly #queue: TaskQueue;
  readonly #events: EventLog;
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
    this.#passages = new Passages(root);
    this.#queue = new TaskQueue(root, this.#passages, options);
    this.#events = new EventLog(root);
  }

  /**
   * Opens or creates the state in `folder`; one of an earlier version is migrated where there is a way.
   * @throws CptError CPT_STATE_LOCKED, CPT_STATE_VERSION, CPT_STATE, CPT_DISK_FULL
   */
  static open(folder: string, options: StateOptions): State {
    const unlock = lockState(folder);
    try {
      requireSpace(folder, LEAST_FREE); // also what opening writes, and a step from an earlier version
      const root = openRoot(folder);
      const { lineage, features, steps, at = () => {} } = options;
      const meta = root.openDB<unknown, string>('meta', { encoding: 'json' });
      const migrated = migrate(root, meta, { folder, lineage, at, ...(steps && { steps }) });
      if (migrated !== null) options.onMigrated?.(migrated);
      const state = new State(folder, root, unlock, options);
      const segmented = state.#segmenter.exists;
      identify(meta, folder, { lineage, features, segmented });
      if (options.retires !== true) refuseInterrupted(state.retirement);
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

  /** Counts alone: cheap, unlike all of `progress`. */
  get counts(): Omit<Progress, 'segmenter'> {
    return this.#now;
  }

  /** Makes one batch durable. @returns what became of the closed domains that joined a waiting task */
  commit(turn: Turn): DomainJoined[] {
    return this.#transaction(() => {
      const now = this.#now;
      const size = this.#passages.put(turn.first, turn.texts);
      const kept = {
        ...now,
        offsets: turn.offsets,
        accepted: now.accepted + turn.texts.length,
        deadLetters: now.deadLetters + turn.deadLetters,
        deadLetterBytes: turn.deadLetterBytes,
        waitingPassages: now.waitingPassages + turn.texts.length,
        waitingBytes: now.waitingBytes + size,
      };
      return this.#close(turn.closed, turn.segmenter, turn.events, kept);
    });
  }

  /** Records that the feed has ended, with the domains that this closed. @returns as `commit` */
  end(closed: readonly ClosedDomain[], segmenter: Snapshot, events: Happened): DomainJoined[] {
    return this.#transaction(() => this.#close(closed, segmenter, events, { ...this.#now, ended: true }));
  }

  #close(
    closed: readonly ClosedDomain[],
    segmenter: Snapshot,
    { history, outgoing }: Happened,
    now: Meta,
  ): DomainJoined[] {
    const joined: DomainJoined[] = [];
    let { tasks, waitingPassages, waitingBytes } = now;
    for (const domain of closed) {
      const join = this.#queue.join(domain);
      if (join === null) this.#queue.add(++tasks, domain);
      else {
        joined.push(join.event);
        waitingPassages -= join.event.sampledOut;
        waitingBytes -= join.bytesOut;
      }
    }
    this.#segmenter.write(segmenter);
    this.#at('mid-commit');
    const sequence = this.#events.post({ history: [...history, ...joined], outgoing }, now.sequence);
    this.#put({ ...now, tasks, waitingPassages, waitingBytes, sequence });
    return joined;
  }

  /** The task that is next, if any waits. */
  nextTask(): Task | null {
    return this.#queue.get(this.#now.trained + 1);
  }

  /** Records that a task is begun: from now on nothing joins it, and it is run as it is after a crash too. */
  begin(task: Task, at: number): void {
    this.#transaction(() => {
      this.#queue.begin(task);
      this.#put({ ...this.#now, begunAt: at });
    });
  }

  /** The passages of a closed domain. */
  passages({ ranges }: Pick<ClosedDomain, 'ranges'>): string[] {
    return this.#passages.read(ranges);
  }

  /** The texts of single passages, those that are still here, in the order of their indices. */
  texts(indices: readonly number[]): string[] {
    return this.#passages.some(indices);
  }

  /** Records a published task: its passages go, its events wait to be sent. */
  complete(task: Task, events: Happened): void {
    this.#at('before-complete');
    this.#transaction(() => {
      const now = this.#now;
      this.#queue.remove(task);
      this.#put({
        ...now,
        trained: now.trained + 1,
        waitingPassages: now.waitingPassages - countOf(task.ranges),
        waitingBytes: now.waitingBytes - task.bytes,
        sequence: this.#events.post(events, now.sequence),
      });
    });
    this.#at('after-complete');
  }

  /** Records events that no batch and no closed domain brought, and so many tasks trained by hand. */
  adopt(history: readonly CptEvent[], tasks: number): void {
    this.#transaction(() => {
      const now = this.#now;
      const sequence = this.#events.post({ history, outgoing: [] }, now.sequence);
      this.#put({ ...now, tasks: now.tasks + tasks, trained: now.trained + tasks, sequence });
    });
  }

  /** The retirement that has begun, or null. */
  get retirement(): Retirement | null {
    return (this.#meta.get('retirement') as Retirement | undefined) ?? null;
  }

  beginRetirement(retirement: Retirement): void {
    this.#transaction(() => this.#meta.putSync('retirement', retirement));
  }

  /** Records that it is complete, with the segmenter that has forgotten the domain, where there is one. */
  endRetirement(domain: string, segmenter: Snapshot | null, events: Happened): void {
    this.#transaction(() => {
      const now = this.#now;
      this.#events.unlabel(domain);
      if (segmenter !== null) this.#segmenter.write(segmenter);
      this.#meta.removeSync('retirement');
      this.#put({ ...now, sequence: this.#events.post(events, now.sequence) });
    });
  }

  /** What happened in earlier runs, oldest first. */
  history(): CptEvent[] {
    return this.#events.history();
  }

  /** The oldest events that wait to be sent. */
  outgoing(limit = 100): Outgoing[] {
    return this.#events.outgoing(limit);
  }

  /** Forgets events that were sent. */
  sent(events: readonly Outgoing[]): void {
    this.#at('before-sent');
    this.#transaction(() => this.#events.remove(events));
  }

  async close(): Promise<void> {
    await this.#root.close();
    this.#unlock();
  }

  #put(meta: Meta): void {
    this.#meta.putSync('progress', meta);
  }

  #transaction<T>(change: () => T): T {
    try {
      this.#at('before-commit');
      requireSpace(this.folder, LEAST_FREE);
      const result = this.#root.transactionSync(change);
      this.#at('after-commit');
      return result;
    } catch (error) {
      this.#segmenter.undone();
      throw diskError(error, `The state folder ${this.folder}`, 'CPT_STATE');
    }
  }
}
