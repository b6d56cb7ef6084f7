/** The effects of a running stream, one method a step; `pipelines/` says in which order they happen. */
import { routerJson, type Segmenter, type SegmenterStatus, type Verdict } from '../../domains/index.ts';
import type { CptEvent } from '../../events.ts';
import type { Accepted, Passage } from '../../stream/accept-records.ts';
import { Signal } from '../../stream/signal.ts';
import { type DecodeOptions, decodePassage } from '../../text/decode.ts';
import { Channel } from '../channel.ts';
import type { DeadLetters } from '../dead-letters.ts';
import type { FeatureSource } from '../encoder/feature-source.ts';
import type { Feed, FeedBatch, FeedRecord } from '../feed/feed.ts';
import type { State } from '../state/state.ts';
import type { ClosedDomain, Happened, Outgoing } from '../state/types.ts';
import type { TrainerProcess } from '../trainer/process.ts';
import { queued, type Segmented, taskFailed, verdictEvent } from './told.ts';

type Kept = Accepted<FeedBatch, FeedRecord> & { readonly verdicts: readonly Segmented[] };

export interface RunParts {
  readonly lineage: string;
  readonly feed: Feed;
  readonly segmenter: Segmenter;
  readonly features: Pick<FeatureSource, 'of' | 'encoder'>;
  readonly state: State;
  readonly trainer: TrainerProcess;
  readonly deadLetters: DeadLetters;
  readonly decode: DecodeOptions;
  /** Sends one event on; null where nobody listens. */
  readonly publish: ((event: CptEvent, id: string) => Promise<void>) | null;
  /** Looks at the open domain's text once in a while; gives what it measured. */
  readonly watch: (open: SegmenterStatus) => Promise<readonly CptEvent[]>;
  /** Passages that may wait for training before the feed is held back. */
  readonly maxWaiting: number;
  /** Seconds, from any zero. */
  readonly clock: () => number;
}

/** Events that other programs hear of; the rest is for metrics and the terminal. */
const PUBLISHED = new Set<CptEvent['event']>(['DriftDetected', 'DomainClosed', 'CheckpointPublished']);

export class Run {
  readonly #parts: RunParts;
  readonly #closedDomain = new Signal();
  readonly #trained = new Signal();
  readonly #posted = new Signal();
  readonly #held: CptEvent[] = [];
  #intakeEnded = false;
  #tasksEnded = false;

  constructor(parts: RunParts) {
    this.#parts = parts;
  }

  /** The feed's next batch, once there is room for it. */
  readBatch = async (): Promise<FeedBatch | null> => {
    const { state, feed, trainer, maxWaiting, clock, lineage } = this.#parts;
    if (trainer.failure !== null) throw trainer.failure;
    const since = clock();
    let held = false;
    while (state.taskWaits && state.waitingPassages > maxWaiting) {
      held = true;
      await this.#trained.wait();
    }
    if (held) this.#held.push({ event: 'BackpressureApplied', lineage, seconds: clock() - since });
    return feed.read();
  };

  decode = (record: FeedRecord) => decodePassage(record, this.#parts.decode);

  features = (texts: readonly string[]) => this.#parts.features.of(texts);

  segment = (passage: Passage): Segmented[] => this.#signed(this.#parts.segmenter.push(passage));

  /** Makes a batch durable: one transaction. */
  keep = async function* (this: Run, kept: Kept): AsyncGenerator<CptEvent> {
    const { state, segmenter, deadLetters, lineage, watch } = this.#parts;
    const { batch, passages, rejected, verdicts } = kept;
    const before = state.counts;
    const deadLetterBytes = await deadLetters.append(rejected);
    const closed = queued(verdicts, before.closed);
    const events = verdicts.map((verdict) => verdictEvent(lineage, verdict));
    state.commit({
      offsets: batch.offsets,
      segmenter: segmenter.snapshot(),
      first: before.accepted,
      texts: passages.map(({ text }) => text),
      closed,
      deadLetters: rejected.length,
      deadLetterBytes,
      events: this.#happened(events),
    });
    if (closed.length > 0) this.#closedDomain.notify();
    this.#posted.notify();
    for (const { record, reason } of rejected) {
      yield { event: 'DeadLetter', lineage, reason, position: record.position };
    }
    const bytes = batch.records.reduce((sum, record) => sum + record.size, 0);
    yield { event: 'PassagesRead', lineage, accepted: passages.length, bytes, lag: batch.lag };
    const { status } = segmenter;
    const { statistic, threshold, openPassages, distances } = status;
    yield { event: 'DriftMeasured', lineage, statistic, threshold, openPassages, distances };
    yield* events;
    yield* await watch(status);
    yield* [...this.#held.splice(0), ...this.#parts.trainer.drain()];
  }.bind(this);

  /** The feed has ended: so does the open domain. */
  finish = async function* (this: Run): AsyncGenerator<CptEvent> {
    const { state, segmenter, lineage } = this.#parts;
    const verdicts = this.#signed(segmenter.end());
    const events = verdicts.map((verdict) => verdictEvent(lineage, verdict));
    state.end(queued(verdicts, state.counts.closed), segmenter.snapshot(), this.#happened(events));
    this.#intakeEnded = true;
    this.#closedDomain.notify();
    this.#posted.notify();
    yield* events;
  }.bind(this);

  /** The next closed domain; null once the feed has ended and all are trained. */
  nextDomain = async (): Promise<ClosedDomain | null> => {
    for (;;) {
      const next = this.#parts.state.nextTask();
      if (next !== null) return next;
      if (this.#intakeEnded) {
        this.#tasksEnded = true;
        this.#posted.notify();
        return null;
      }
      await this.#closedDomain.wait();
    }
  };

  /** Trains and publishes one domain and records that it is done. */
  train = async function* (this: Run, domain: ClosedDomain): AsyncGenerator<CptEvent> {
    const { state, trainer, lineage } = this.#parts;
    const texts = state.passages(domain);
    const { task, domain: name, near, label = null, signatures } = domain;
    yield { event: 'TaskStarted', lineage, task, domain: name, passages: texts.length, label };
    const progress = new Channel<CptEvent>();
    const result = trainer.run({ task, domain: name, texts, near, label, signatures }, (event) =>
      progress.push(event),
    );
    result.then(
      () => progress.end(),
      (error: unknown) => progress.fail(error),
    );
    try {
      yield* progress;
    } catch (error) {
      const failed = taskFailed(lineage, domain, error);
      if (failed.length > 0) state.adopt(failed, 0);
      yield* failed;
      throw error; // the domain waits for the next run
    }
    yield* trainer.drain();
    const { events } = await result;
    state.complete(domain, this.#happened(events));
    this.#trained.notify();
    this.#posted.notify();
    yield* events;
  }.bind(this);

  /** Events that wait to be sent; null once there will be no more. */
  nextOutgoing = async (): Promise<Outgoing[] | null> => {
    for (;;) {
      const waiting = this.#parts.state.outgoing();
      if (waiting.length > 0) return waiting;
      if (this.#tasksEnded) return null;
      await this.#posted.wait();
    }
  };

  /** Sends events and forgets them; after a crash they are sent again under the same ids. */
  deliver = async function* (this: Run, outgoing: Outgoing[]): AsyncGenerator<CptEvent> {
    const { state, publish, lineage } = this.#parts;
    for (const { sequence, event } of publish === null ? [] : outgoing) {
      await publish!(event, `${lineage}/${sequence}`);
    }
    state.sent(outgoing);
    yield* [];
  }.bind(this);

  #signed(verdicts: readonly Verdict[]): Segmented[] {
    const { segmenter, features } = this.#parts;
    const signatures = () => routerJson(segmenter.signatures(), segmenter.labels, features.encoder);
    return verdicts.map((verdict) =>
      verdict.kind === 'closed' ? { ...verdict, signatures: signatures() } : verdict,
    );
  }

  #happened(events: readonly CptEvent[]): Happened {
    const outgoing = events.filter(({ event }) => PUBLISHED.has(event));
    return {
      history: events.filter(({ event }) => event !== 'DriftDetected'),
      outgoing: this.#parts.publish === null ? [] : outgoing,
    };
  }
}
