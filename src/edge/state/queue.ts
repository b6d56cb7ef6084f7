/** The tasks that wait, in order. Everything here happens inside a transaction of the state. */
import type { Database, RootDatabase } from 'lmdb';
import { countOf, indicesOf, joinRanges, rangesOf } from '../../domains/ranges.ts';
import type { DomainJoined } from '../../events.ts';
import { makeRng } from '../../rng.ts';
import type { Passages } from './passages.ts';
import { drawInto } from './sample.ts';
import type { ClosedDomain, Joining, StateOptions, Task } from './types.ts';

export class TaskQueue {
  readonly #passages: Passages;
  readonly #tasks: Database<Task, number>;
  /** The newest task of each domain that is not begun. */
  readonly #open: Database<number, string>;
  readonly #lineage: string;
  readonly #joining: Joining | null;

  constructor(root: RootDatabase, passages: Passages, { lineage, joining = null }: StateOptions) {
    this.#passages = passages;
    this.#tasks = root.openDB('queue', { encoding: 'json' });
    this.#open = root.openDB('open-tasks', { encoding: 'json' });
    this.#lineage = lineage;
    this.#joining = joining;
  }

  get(task: number): Task | null {
    return this.#tasks.get(task) ?? null;
  }

  add(number: number, closed: ClosedDomain): void {
    const bytes = indicesOf(closed.ranges).reduce((sum, index) => sum + this.#passages.sizeOf(index), 0);
    const seen = countOf(closed.ranges);
    this.#tasks.putSync(number, { ...closed, task: number, seen, most: null, bytes, begun: false });
    this.#open.putSync(closed.domain, number);
  }

  /**
   * Lets a closed domain join the task of its name that waits. What the two have beyond the bounds is sampled, and
   * what is not in the sample goes from the state. The task stays as it is in all else: domains that were closed
   * since have no checkpoint before it.
   * @returns null where no such task waits, or nothing is joined
   */
  join(closed: ClosedDomain): { readonly event: DomainJoined; readonly bytesOut: number } | null {
    const bounds = this.#joining;
    const number = bounds === null ? undefined : this.#open.get(closed.domain);
    const task = number === undefined ? undefined : this.#tasks.get(number);
    if (bounds === null || task === undefined) return null;
    const sizeOf = (index: number): number => this.#passages.sizeOf(index);
    const incoming = indicesOf(closed.ranges);
    const before = incoming.reduce((sum, index) => sum + sizeOf(index), task.bytes);
    const most = Math.min(task.most ?? bounds.passages, bounds.passages);
    const sample = { ...task, kept: indicesOf(task.ranges), most };
    const rng = makeRng(bounds.seed).fork('sample').fork(task.task).fork(task.seen);
    const { kept, out, ...drawn } = drawInto(sample, incoming, bounds, sizeOf, rng);
    const ranges = out.length === 0 ? joinRanges(task.ranges, closed.ranges) : rangesOf(kept);
    const { domain } = closed;
    const { seen, bytes } = drawn;
    const limit = task.most === null && out.length === 0 ? null : drawn.most;
    this.#tasks.putSync(task.task, { ...task, ranges, seen, bytes, most: limit });
    this.#passages.remove(out);
    const event = {
      event: 'DomainJoined',
      lineage: this.#lineage,
      task: task.task,
      domain,
      passages: kept.length,
      sampledOut: out.length,
    } as const;
    return { event, bytesOut: before - bytes };
  }

  begin(task: Task): void {
    this.#tasks.putSync(task.task, { ...task, begun: true });
    if (this.#open.get(task.domain) === task.task) this.#open.removeSync(task.domain);
  }

  /** The task is done: it goes, with its passages. */
  remove(task: Task): void {
    this.#tasks.removeSync(task.task);
    this.#passages.remove(indicesOf(task.ranges));
  }
}
