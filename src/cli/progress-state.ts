/** What the bars show, kept up to date from events. */
import type { CptEvent } from '../events.ts';

export interface TaskView {
  readonly task: number;
  readonly domain: string;
  readonly step: number;
  readonly steps: number;
  readonly loss: number | null;
  readonly tokensPerSecond: number | null;
  /** Seconds to go, or null while it cannot be told. */
  readonly remaining: number | null;
}

/** A base on its way from a hub. */
export interface FetchView {
  readonly bytes: number;
  readonly total: number;
  readonly bytesPerSecond: number | null;
}

export interface ProgressView {
  readonly passages: number;
  /** Passages known to wait, or null. */
  readonly lag: number | null;
  readonly passagesPerSecond: number | null;
  readonly openPassages: number;
  /** Domains closed, and those of them that are published. */
  readonly closed: number;
  readonly published: number;
  readonly task: TaskView | null;
  readonly fetch: FetchView | null;
}

/** Rates are taken over so many seconds. */
const WINDOW = 10;

export class ProgressState {
  readonly #now: () => number;
  readonly #passages: Rate;
  readonly #tokens: Rate;
  readonly #fetched: Rate;
  #view: ProgressView = {
    passages: 0,
    lag: null,
    passagesPerSecond: null,
    openPassages: 0,
    closed: 0,
    published: 0,
    task: null,
    fetch: null,
  };
  #started = 0;
  /** The step that the running task began behind. */
  #from = 0;

  /** @param now seconds from any zero */
  constructor(now: () => number) {
    this.#now = now;
    this.#passages = new Rate(now());
    this.#tokens = new Rate(now());
    this.#fetched = new Rate(now());
  }

  get view(): ProgressView {
    return { ...this.#view, passagesPerSecond: this.#passages.perSecond(this.#now()) };
  }

  add(event: CptEvent): void {
    const now = this.#now();
    const view = this.#view;
    switch (event.event) {
      case 'PassagesRead':
        this.#passages.add(now, event.accepted);
        this.#view = { ...view, passages: view.passages + event.accepted, lag: event.lag };
        break;
      case 'DriftMeasured':
        this.#view = { ...view, openPassages: event.openPassages };
        break;
      case 'DomainClosed':
        this.#view = { ...view, closed: view.closed + 1 };
        break;
      case 'BaseFetching': {
        const { bytes, total } = event;
        // the first event tells what was here before
        if (view.fetch === null) this.#fetched.restart(now);
        else this.#fetched.add(now, Math.max(0, bytes - view.fetch.bytes));
        this.#view = { ...view, fetch: { bytes, total, bytesPerSecond: this.#fetched.perSecond(now) } };
        break;
      }
      case 'BaseReady':
        this.#view = { ...view, fetch: null };
        break;
      case 'TaskStarted': {
        const { task, domain } = event;
        this.#started = now;
        this.#from = 0;
        this.#tokens.restart(now);
        const fresh = { step: 0, steps: 0, loss: null, tokensPerSecond: null, remaining: null };
        this.#view = { ...view, task: { task, domain, ...fresh } };
        break;
      }
      case 'TaskProgress': {
        const { task, domain, step, steps, loss } = event;
        this.#tokens.add(now, event.tokens);
        const perStep = (now - this.#started) / Math.max(1, step - this.#from);
        const remaining = step > 0 && perStep > 0 ? perStep * (steps - step) : null;
        const tokensPerSecond = this.#tokens.perSecond(now);
        this.#view = { ...view, task: { task, domain, step, steps, loss, tokensPerSecond, remaining } };
        break;
      }
      case 'TaskResumed': {
        const { task, domain, step, steps } = event;
        this.#tokens.restart(now);
        const unknown = { loss: null, tokensPerSecond: null, remaining: null };
        this.#view = { ...view, task: { task, domain, step, steps, ...unknown } };
        this.#started = now;
        this.#from = step;
        break;
      }
      case 'CheckpointPublished':
        this.#view = { ...view, published: view.published + 1, task: null };
        break;
      case 'TaskFailed':
        this.#view = { ...view, task: null };
        break;
    }
  }
}

/** Amount per second over the last seconds. */
class Rate {
  #since: number;
  #samples: { at: number; amount: number }[] = [];

  constructor(now: number) {
    this.#since = now;
  }

  restart(now: number): void {
    this.#since = now;
    this.#samples = [];
  }

  add(at: number, amount: number): void {
    this.#samples.push({ at, amount });
    this.#forget(at);
  }

  perSecond(now: number): number | null {
    this.#forget(now);
    const span = Math.min(WINDOW, now - this.#since);
    if (span <= 0) return null;
    return this.#samples.reduce((sum, { amount }) => sum + amount, 0) / span;
  }

  #forget(now: number): void {
    const first = this.#samples.findIndex(({ at }) => at > now - WINDOW);
    if (first !== 0) this.#samples = first < 0 ? [] : this.#samples.slice(first);
  }
}
