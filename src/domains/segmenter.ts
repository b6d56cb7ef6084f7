/** Cuts a stream of passages into domains: numbers in, verdicts out. */
import { Detector, type Drift } from './detector.ts';
import { type Features, featurize } from './features.ts';
import { forget, identify, nearest } from './known.ts';
import { Nearby } from './nearby.ts';
import { SEGMENTER_DEFAULTS, type SegmenterOptions, thresholdOf } from './options.ts';
import { onward, RAMP_COSINE, RAMP_PASSAGES } from './ramp.ts';
import type { Signature } from './signature.ts';
import { decodeState, encodeState, type Snapshot } from './snapshot.ts';
import { emptyState, type SegmenterState } from './state.ts';
import type { ClosedVerdict, Neighbour, Verdict } from './verdict.ts';

export interface PassageInput {
  readonly text: string;
  /** Made elsewhere; absent: the words of the text. */
  readonly features?: Features;
  /** Explicit domain, already validated; null or absent: detection decides. */
  readonly domain?: string | null;
  /** Size for the bound by bytes; absent: the text's in UTF-8, as it is stored. */
  readonly bytes?: number;
  /** Seconds on the feed's clock; only needed for the bounds by age and idle time. */
  readonly time?: number | null;
}

export interface SegmenterStatus {
  /** Accepted so far. */
  readonly passages: number;
  readonly openFirst: number;
  readonly openPassages: number;
  readonly statistic: number;
  readonly threshold: number;
  /** The open domain's most distinctive words; null while it is too short to tell. */
  readonly label: string | null;
  /** Nearest known domains, at most five; empty while the open one is too short to tell. */
  readonly distances: readonly Neighbour[];
}

/**
 * Online segmentation by a cross-fitted mean shift. `push` returns what became certain with that passage;
 * verdicts depend on the passages before them alone and not on how a stream is cut into calls.
 */
export class Segmenter {
  private readonly options: SegmenterOptions;
  private readonly threshold: number;
  private readonly nearby = new Nearby();
  private state: SegmenterState = emptyState();

  constructor(options: Partial<SegmenterOptions> = {}) {
    this.options = { ...SEGMENTER_DEFAULTS, ...options };
    this.threshold = thresholdOf(this.options.falseAlarmEvery);
  }

  push(passage: PassageInput): Verdict[] {
    const { state, options } = this;
    const explicit = passage.domain ?? null;
    const time = passage.time ?? null;
    const bytes = passage.bytes ?? Buffer.byteLength(passage.text);
    const verdicts: Verdict[] = [];
    const isOpen = state.passages > state.first;
    if (explicit !== state.explicit) {
      if (isOpen) verdicts.push(this.close(state.passages));
      this.open(state.passages, []);
    } else if (isOpen && this.isOverdue(time)) verdicts.push(this.closeAndGoOn(state.passages));
    state.explicit = explicit;
    if (state.passages === state.first) state.firstTime = time;
    state.lastTime = time ?? state.lastTime;
    state.bytes += bytes;
    state.passages++;
    state.recent.push({ bytes, time });
    state.detector.push(passage.features ?? featurize(passage.text));
    this.trimRecent();
    this.label(passage.text);
    if (explicit === null) verdicts.push(...this.detect());
    if (state.passages - state.first >= options.maxPassages || state.bytes >= options.maxBytes) {
      verdicts.push(this.closeAndGoOn(state.passages - 1));
    }
    return verdicts;
  }

  /** The end of the feed: closes the open domain, if any passage is in it. */
  end(): Verdict[] {
    const { state } = this;
    const verdicts = state.passages > state.first ? [this.close(state.passages - 1)] : [];
    this.open(state.passages, []);
    return verdicts;
  }

  get status(): SegmenterStatus {
    const { passages, first, detector, labeller, known } = this.state;
    return {
      passages,
      openFirst: first,
      openPassages: passages - first,
      statistic: detector.statistic,
      threshold: this.threshold,
      label: labeller.label,
      distances: nearest(this.nearby.of(known, detector.reference), detector.reference).slice(0, 5),
    };
  }

  /** All that is remembered; `restore` continues from it exactly. */
  snapshot(): Snapshot {
    return encodeState(this.state);
  }

  /** Throws CptError: CPT_STATE_VERSION or CPT_STATE where it is not a state of this version. */
  static restore(snapshot: Snapshot, options: Partial<SegmenterOptions> = {}): Segmenter {
    const segmenter = new Segmenter(options);
    segmenter.state = decodeState(snapshot);
    return segmenter;
  }

  /** The closed domains that are remembered, the one closed longest ago first. */
  signatures(): Signature[] {
    return [...this.state.known.values()];
  }

  /** Labels of closed domains by id. */
  get labels(): ReadonlyMap<string, string> {
    return this.state.labels;
  }

  /**
   * Forgets a closed domain on purpose: what is like it later is new, under another id.
   * @returns false where it is not among the remembered ones
   */
  forget(domain: string): boolean {
    return forget(this.state, domain);
  }

  private detect(): Verdict[] {
    const { state, threshold } = this;
    const drift = state.detector.examine(threshold, this.options.minPassages);
    if (drift === null) return [];
    const boundary = state.passages - state.detector.tail.length + drift.start;
    const run = state.detector.tail.slice(drift.start);
    if (this.isRamp(boundary, run)) {
      this.replaceDetector(boundary, run);
      return [];
    }
    return this.cut(boundary, drift, run);
  }

  private cut(boundary: number, drift: Drift, run: readonly Features[]): Verdict[] {
    const { state, threshold } = this;
    const detectedAt = state.passages - 1;
    const verdicts: Verdict[] = [{ kind: 'drift', boundary, detectedAt, statistic: drift.z, threshold }];
    state.detector.settle(drift.start);
    // A bound may have closed the domain behind the boundary already: then the open one is new from its start.
    let closed = state.continues;
    if (boundary > state.first) {
      const verdict = this.close(detectedAt, boundary - 1);
      verdicts.push(verdict);
      closed = verdict.domain;
    }
    this.open(Math.max(boundary, state.first), run);
    state.before = (closed !== null && state.known.get(closed)) || null;
    return verdicts;
  }

  private isRamp(boundary: number, run: readonly Features[]): boolean {
    const { before, first, detector } = this.state;
    if (before === null || boundary - first > RAMP_PASSAGES) return false;
    return onward(run, detector.reference, before) > RAMP_COSINE;
  }

  private label(text: string): void {
    const { passages, first, detector, labeller } = this.state;
    labeller.see(passages - 1, passages - 1 - first, text);
    labeller.settle(passages - detector.tail.length);
  }

  private isOverdue(time: number | null): boolean {
    const { firstTime, lastTime } = this.state;
    if (time === null) return false;
    const age = firstTime === null ? 0 : time - firstTime;
    const idle = lastTime === null ? 0 : time - lastTime;
    return age > this.options.maxAgeSeconds || idle > this.options.maxIdleSeconds;
  }

  /** The verdict on the open domain, which ends with `last`; absent: with the newest passage. */
  private close(detectedAt: number, last?: number): ClosedVerdict {
    const { state } = this;
    if (last === undefined) state.detector.settle(state.detector.tail.length);
    const end = (last ?? state.passages - 1) + 1;
    const label = state.labeller.close(end);
    const identity = identify(state, state.detector.reference, label, this.options.maxKnown);
    return { kind: 'closed', first: state.first, last: end - 1, detectedAt, ...identity };
  }

  /** Begins a domain at `first`, of which the newest passages are `run`. */
  private open(first: number, run: readonly Features[]): void {
    const { state } = this;
    const own = state.passages - first;
    const recent = own > 0 ? state.recent.slice(-own) : [];
    state.first = first;
    state.explicit = null;
    state.continues = null;
    state.before = null;
    state.bytes = recent.reduce((sum, passage) => sum + passage.bytes, 0);
    state.firstTime = recent[0]?.time ?? null;
    this.replaceDetector(first, run);
  }

  /** A bound was met: the domain is closed, and the detector goes on watching for its end. */
  private closeAndGoOn(detectedAt: number): ClosedVerdict {
    const { state } = this;
    const reference = state.detector.reference.clone();
    for (const features of state.detector.tail) reference.add(features);
    const { first, passages, labeller } = state;
    const identity = identify(state, reference, labeller.labelUntil(passages), this.options.maxKnown);
    state.first = passages;
    state.continues = identity.domain;
    state.bytes = 0;
    state.firstTime = null;
    return { kind: 'closed', first, last: passages - 1, detectedAt, ...identity };
  }

  private replaceDetector(first: number, run: readonly Features[]): void {
    const { state } = this;
    state.detector = new Detector(first);
    for (const features of run) state.detector.push(features);
    this.trimRecent();
  }

  private trimRecent(): void {
    const { recent, detector } = this.state;
    const surplus = recent.length - detector.tail.length;
    if (surplus > 0) recent.splice(0, surplus);
  }
}
