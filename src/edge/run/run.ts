/** The effects of a running stream, one method a step; `pipelines/` says in which order they happen. */
import { setImmediate as turn } from 'node:timers/promises';
import type { Verdict } from '../../domains/index.ts';
import { CptError } from '../../errors.ts';
import type { CptEvent } from '../../events.ts';
import type { Passage } from '../../stream/accept-records.ts';
import { Signal } from '../../stream/signal.ts';
import { decodePassage } from '../../text/decode.ts';
import { Channel } from '../channel.ts';
import type { FeedBatch, FeedRecord } from '../feed/feed.ts';
import type { Outgoing, Task } from '../state/types.ts';
import { deliver } from './deliver.ts';
import { Leavable } from './leavable.ts';
import { isFull } from './pace.ts';
import type { RunParts } from './parts.ts';
import { putAside } from './put-aside.ts';
import {
  closedDomains,
  happened,
  measured,
  type ReadBatch,
  read,
  type Segmented,
  signed,
  taskFailed,
  verdictEvent,
} from './told.ts';

type Kept = ReadBatch & { readonly verdicts: readonly Segmented[] };

export class Run {
  readonly #parts: RunParts;
  readonly #closedDomain = new Signal();
  readonly #trained = new Signal();
  readonly #posted = new Signal();
  readonly #held: CptEvent[] = [];
  #intakeEnded = false;
  #tasksEnded = false;
  #stopping = false;
  readonly #reading = new Leavable();

  constructor(parts: RunParts) {
    this.#parts = parts;
  }

  /** Reads no more, begins no task, leaves a running one where it can be gone on with, and sends what is to be sent. */
  stop(): void {
    this.#stopping = true;
    this.#parts.trainer.stop();
    this.#reading.leave();
    for (const waiting of [this.#closedDomain, this.#trained, this.#posted]) waiting.notify();
  }

  /** The feed's next batch, once there is room for it; null at its end, or where the run is stopped. */
  readBatch = async (): Promise<FeedBatch | null> => {
    const { state, feed, trainer, waiting, clock, lineage } = this.#parts;
    if (trainer.failure !== null) throw trainer.failure;
    const since = clock();
    let held = false;
    while (isFull(state.counts, waiting) && !this.#stopping) {
      held = true;
      await this.#trained.wait();
    }
    if (held) this.#held.push({ event: 'BackpressureApplied', lineage, seconds: clock() - since });
    await this.turn(); // a backlog that waits in memory would otherwise let no heartbeat, timer or request through
    if (this.#stopping) return null;
    return this.#reading.until(feed.read()); // what a read that is left gives was not kept, and is read again
  };

  turn = (): Promise<void> => turn();

  decode = (record: FeedRecord) => decodePassage(record, this.#parts.decode);

  features = (texts: readonly string[]) => this.#parts.features.of(texts);

  segment = (passage: Passage): Segmented[] => this.#signed(this.#parts.segmenter.push(passage));

  /** Makes a batch durable: one transaction. */
  keep = async function* (this: Run, kept: Kept): AsyncGenerator<CptEvent> {
    const { state, segmenter, lineage, watch, publish } = this.#parts;
    const { batch, passages, rejected, verdicts } = kept;
    const deadLetterBytes = yield* putAside(this.#parts, rejected);
    const closed = closedDomains(verdicts);
    const lost = (batch.lost ?? []).map(
      (records) => ({ event: 'RecordsLost', lineage, ...records }) as const,
    );
    const events = [...lost, ...verdicts.map((verdict) => verdictEvent(lineage, verdict))];
    const joined = state.commit({
      offsets: batch.offsets,
      segmenter: segmenter.snapshot(),
      first: state.counts.accepted,
      texts: passages.map(({ text }) => text),
      closed,
      deadLetters: rejected.length,
      deadLetterBytes,
      events: happened(events, publish !== null),
    });
    if (closed.length > 0) this.#closedDomain.notify();
    this.#posted.notify();
    yield* read(lineage, kept);
    const { status } = segmenter;
    yield { event: 'DriftMeasured', lineage, ...measured(status) };
    yield* [...events, ...joined];
    yield* await watch(status);
    yield* [...this.#held.splice(0), ...this.#parts.trainer.drain()];
  }.bind(this);

  /** The feed has ended: so does the open domain. Nothing ends where the run is only stopped. */
  finish = async function* (this: Run): AsyncGenerator<CptEvent> {
    const told = this.#stopping ? [] : this.#end();
    this.#intakeEnded = true;
    this.#closedDomain.notify();
    this.#posted.notify();
    yield* told;
  }.bind(this);

  #end(): CptEvent[] {
    const { state, segmenter, lineage, publish } = this.#parts;
    const verdicts = this.#signed(segmenter.end());
    const events = verdicts.map((verdict) => verdictEvent(lineage, verdict));
    const told = happened(events, publish !== null);
    const joined = state.end(closedDomains(verdicts), segmenter.snapshot(), told);
    return [...events, ...joined];
  }

  /** The next task, once it may begin; null once the feed has ended and all are done, or the run is stopped. */
  nextTask = async (): Promise<Task | null> => {
    const { state, pace, lineage } = this.#parts;
    for (let waited = 0; !this.#stopping; ) {
      const next = state.nextTask(); // nothing more can join it once the feed has ended
      const wait = next === null || next.begun || this.#intakeEnded ? 0 : pace.wait(state.counts.begunAt);
      if (next !== null && wait === 0) {
        if (waited > 0) this.#held.push({ event: 'TaskDelayed', lineage, task: next.task, seconds: waited });
        return next;
      }
      if (next !== null) {
        waited += await pace.rest(wait, this.#closedDomain.wait());
        continue;
      }
      if (this.#intakeEnded) break;
      await this.#closedDomain.wait();
    }
    this.#tasksEnded = true;
    this.#posted.notify();
    return null;
  };

  /** Trains and publishes one domain and records that it is done. */
  train = async function* (this: Run, next: Task): AsyncGenerator<CptEvent> {
    const { state, trainer, lineage, pace, publish } = this.#parts;
    if (!next.begun) state.begin(next, pace.now());
    yield* this.#held.splice(0);
    const texts = state.passages(next);
    const { task, domain: name, near, label = null, signatures } = next;
    yield { event: 'TaskStarted', lineage, task, domain: name, passages: texts.length, label };
    const progress = new Channel<CptEvent>();
    const job = { task, domain: name, texts, near, label, signatures };
    const result = trainer.run(job, (event) => progress.push(event));
    result.then(
      () => progress.end(),
      (error: unknown) => progress.fail(error),
    );
    try {
      yield* progress;
    } catch (error) {
      if (this.#stopping && error instanceof CptError && error.code === 'CPT_INTERRUPTED') return;
      const failed = taskFailed(lineage, next, error);
      if (failed.length > 0) state.adopt(failed, 0);
      yield* failed;
      throw error; // the domain waits for the next run
    }
    yield* trainer.drain();
    const { events } = await result;
    state.complete(next, happened(events, publish !== null));
    this.#trained.notify();
    this.#posted.notify();
    yield* events;
  }.bind(this);

  /** Events that wait to be sent; null once there will be no more. Where nobody listens they stay in the state. */
  nextOutgoing = async (): Promise<Outgoing[] | null> => {
    for (;;) {
      const waiting = this.#parts.publish === null ? [] : this.#parts.state.outgoing();
      if (waiting.length > 0) return waiting;
      if (this.#tasksEnded && this.#intakeEnded) return null;
      await this.#posted.wait();
    }
  };

  /** Sends events and forgets them; after a crash they are sent again under the same ids. */
  deliver = async function* (this: Run, outgoing: Outgoing[]): AsyncGenerator<CptEvent> {
    const { state, publish, lineage, clock } = this.#parts;
    if (publish === null) return;
    yield* deliver({ publish, lineage, clock }, outgoing, () => this.#tasksEnded);
    state.sent(outgoing);
  }.bind(this);

  #signed(verdicts: readonly Verdict[]): Segmented[] {
    return signed(verdicts, this.#parts.segmenter, this.#parts.features.encoder);
  }
}
