/** Where a feed's partitions are, how far they are read, and what has become of them meanwhile. */
import { CptError } from '../../errors.ts';
import type { LostRecords } from '../../events.ts';
import type { FeedOffsets } from '../feed/feed.ts';
import type { Cluster } from './cluster.ts';
import type { KafkaFeedOptions } from './feed-options.ts';
import { nameOf, type Place, partsOf } from './place.ts';
import { lagOf, type Mark, type Start, settle, toOffsets } from './positions.ts';
import { topicChanges } from './topic-changes.ts';

export interface Beginning extends Start {
  /** How many partitions each topic has. */
  readonly partitions: Map<string, number>;
  readonly marks: Map<Place, Mark>;
}

export class Whereabouts {
  readonly #options: KafkaFeedOptions;
  readonly #cluster: Cluster;
  /** Of each topic that is read. */
  readonly partitions: Map<string, number>;
  readonly marks: Map<Place, Mark>;
  /** Next offset to be queued. */
  readonly next: Map<Place, bigint>;
  readonly #aside: Map<Place, bigint>;
  #firstLost: readonly LostRecords[];
  #missing: ReadonlySet<string> = new Set();
  /** Called where records are passed over; the position is moved by it. */
  onLost: (place: Place, lost: LostRecords) => void = () => {};

  constructor(options: KafkaFeedOptions, cluster: Cluster, beginning: Beginning) {
    this.#options = options;
    this.#cluster = cluster;
    this.partitions = beginning.partitions;
    this.marks = beginning.marks;
    this.next = beginning.next;
    this.#aside = beginning.aside;
    this.#firstLost = beginning.lost;
    for (const lost of beginning.lost) this.#log(lost);
  }

  /** How many partitions there are. */
  get places(): number {
    return [...this.partitions.values()].reduce((sum, count) => sum + count, 0);
  }

  /** What was passed over at the opening; once. */
  takeFirstLost(): readonly LostRecords[] {
    const lost = this.#firstLost;
    this.#firstLost = [];
    return lost;
  }

  /** With the offsets of partitions that were never read from in this run. */
  offsetsFrom(given: ReadonlyMap<Place, bigint>): FeedOffsets {
    return toOffsets(new Map([...this.#aside, ...given]));
  }

  setHigh(place: Place, high: bigint): void {
    const mark = this.marks.get(place);
    if (!mark || high > mark.high) this.marks.set(place, { low: mark?.low ?? 0n, high });
  }

  /**
   * Compares a position with what its partition holds now.
   * @returns whether it has become another one
   * @throws CptError CPT_KAFKA where records are gone and that must stop the feed
   */
  async check(place: Place): Promise<boolean> {
    const { topic } = partsOf(place);
    const isNew = !this.next.has(place);
    const mark = (await this.#cluster.marks([topic], isNew)).get(place);
    if (isNew) this.#enter(place, mark ?? { low: 0n, high: 0n });
    return this.#settle(place, mark) || isNew;
  }

  /** Renews the marks. @throws as `check` does, where retention has removed what was to be read */
  async refresh(): Promise<void> {
    for (const [place, mark] of await this.#cluster.marks(this.partitions.keys())) {
      this.setHigh(place, mark.high);
      // A high mark may be older than the position by now, a low mark that is passed stays passed.
      if (mark.low > (this.next.get(place) ?? mark.low)) this.#settle(place, mark);
    }
  }

  /**
   * Looks for new topics, new partitions and what is gone. Partitions that were not there are read from their
   * beginning.
   * @returns whether other partitions are to be read than before
   * @throws CptError CPT_KAFKA where a topic is gone with records that were not read, and that must stop the feed
   */
  async look(): Promise<boolean> {
    const found = await this.#cluster.partitions();
    const { changed, gone, missing } = topicChanges(this.partitions, found, this.#missing);
    this.#missing = missing;
    const marks = changed.length === 0 ? new Map<Place, Mark>() : await this.#cluster.marks(changed, true);
    for (const topic of gone) this.#leave(topic);
    for (const [place, mark] of marks) {
      if (!this.next.has(place)) this.#enter(place, mark);
      // One that is being read may be past its high mark by now; see `refresh`.
      const isRead = this.partitions.has(partsOf(place).topic);
      if (!isRead || mark.low > this.next.get(place)!) this.#settle(place, mark);
    }
    for (const topic of changed) this.partitions.set(topic, found.get(topic)!);
    const fewer = [...this.marks.keys()].filter(
      (place) => changed.includes(partsOf(place).topic) && !marks.has(place),
    );
    for (const place of fewer) {
      this.#settle(place, undefined);
      this.marks.delete(place);
    }
    if (changed.length > 0)
      this.#options.logger?.info({ topics: changed }, 'kafka: new topics or partitions');
    return changed.length > 0 || gone.length > 0;
  }

  async close(): Promise<void> {
    await this.#cluster.close();
  }

  #enter(place: Place, mark: Mark): void {
    this.marks.set(place, mark);
    this.next.set(place, this.#aside.get(place) ?? mark.low);
    this.#aside.delete(place);
  }

  #leave(topic: string): void {
    this.partitions.delete(topic);
    const places = [...this.marks.keys()].filter((place) => partsOf(place).topic === topic);
    for (const place of places) {
      const mark = this.marks.get(place)!;
      const at = this.next.get(place) ?? mark.low;
      const unread = lagOf(new Map([[place, at]]), new Map([[place, mark]]));
      if (unread > 0 && (this.#options.onLost ?? 'fail') === 'fail') throw deleted(place, unread);
      this.marks.delete(place);
      if (unread === 0) continue;
      const [from, to] = [Number(at), Number(mark.high) - 1];
      this.#told(place, { ...partsOf(place), reason: 'deleted', from, to, count: unread, next: from });
    }
    this.#options.logger?.warn({ topic }, 'kafka: the topic is gone');
  }

  #settle(place: Place, mark: Mark | undefined): boolean {
    const { lost } = settle(place, this.next.get(place)!, mark, this.#options.onLost ?? 'fail');
    if (lost === null) return false;
    if (mark) this.marks.set(place, mark);
    this.#told(place, lost);
    return true;
  }

  #told(place: Place, lost: LostRecords): void {
    this.#log(lost);
    this.onLost(place, lost);
  }

  #log(lost: LostRecords): void {
    this.#options.logger?.error({ ...lost }, 'kafka: records are gone that were not read');
  }
}

function deleted(place: Place, unread: number): CptError {
  return new CptError(
    'CPT_KAFKA',
    `${nameOf(place)} was deleted with ${unread} records that were not read.`,
    {
      hint: 'Create it again, or go on without them: --on-lost earliest.',
    },
  );
}
