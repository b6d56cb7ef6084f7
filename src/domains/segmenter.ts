/** Cuts a stream of passages into domains: numbers in, verdicts out. */
import { closeAll, closeDue, makeRoom } from './beside.ts';
import { fullBy, overdueBy } from './bounds.ts';
import { tick } from './clock.ts';
import { asHeld, closeOpen, type Ending } from './close.ts';
import type { Drift } from './detector.ts';
import { type Features, featurize } from './features.ts';
import { ENOUGH } from './held.ts';
import { forget, nearest } from './known.ts';
import { Nearby } from './nearby.ts';
import { extentOf, goOn, openAt, trimRecent, watchFrom } from './open.ts';
import { SEGMENTER_DEFAULTS, type SegmenterOptions, thresholdOf } from './options.ts';
import { goesOn, RAMP_PASSAGES } from './ramp.ts';
import type { Signature } from './signature.ts';
import { decodeState, encodeState, type Snapshot } from './snapshot.ts';
import { emptyState, type SegmenterState } from './state.ts';
import type { ClosedVerdict, CloseReason, Neighbour, Verdict } from './verdict.ts';

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
  /** The open domain's newest run. */
  readonly openFirst: number;
  readonly openPassages: number;
  /** Domains of which earlier runs, too short to be closed, are held, and the passages of these. */
  readonly heldDomains: number;
  readonly heldPassages: number;
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
    const bytes = passage.bytes ?? Buffer.byteLength(passage.text);
    const idle = tick(state.clock, passage.time ?? null);
    const time = state.clock.now;
    const verdicts: Verdict[] = closeDue(state, options, state.passages);
    if (explicit !== state.explicit) verdicts.push(...this.turnTo(explicit));
    else if (state.passages > state.first) {
      const reason = overdueBy(extentOf(state), idle, state.clock, options);
      if (reason !== null) verdicts.push(this.closeAndGoOn(state.passages, reason));
    }
    if (state.passages === state.first) state.firstTime = time;
    if (state.firstTime !== null && time !== null && time < state.firstTime) state.firstTime = time;
    state.bytes += bytes;
    state.passages++;
    state.recent.push({ bytes, time });
    state.detector.push(passage.features ?? featurize(passage.text));
    trimRecent(state);
    this.label(passage.text);
    if (explicit === null) verdicts.push(...this.detect());
    const full = fullBy(extentOf(state), options);
    if (full !== null) verdicts.push(this.closeAndGoOn(state.passages - 1, full));
    return verdicts;
  }

  /** The end of the feed: closes every domain that has a passage. */
  end(): Verdict[] {
    const { state, options } = this;
    const newest = state.passages - 1;
    const verdicts: Verdict[] = closeAll(state, options, newest);
    if (newest >= state.first) verdicts.push(this.close(newest, 'end'));
    openAt(state, state.passages, []);
    return verdicts;
  }

  get status(): SegmenterStatus {
    const { passages, first, detector, labeller, known, held, earlier } = this.state;
    return {
      passages,
      openFirst: first,
      openPassages: passages - first,
      heldDomains: held.size + (earlier === null ? 0 : 1),
      heldPassages: held.passages + (earlier?.passages ?? 0),
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
      watchFrom(state, boundary, run);
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
      const verdict = this.close(detectedAt, 'change', boundary - 1);
      verdicts.push(verdict);
      closed = verdict.domain;
    }
    openAt(state, Math.max(boundary, state.first), run);
    state.before = (closed !== null && state.known.get(closed)) || null;
    return verdicts;
  }

  private isRamp(boundary: number, run: readonly Features[]): boolean {
    const { before, first, detector, passages } = this.state;
    const early = detector.reference.passages();
    if (before === null || early === null || boundary - first > RAMP_PASSAGES) return false;
    const since = [...early, ...detector.tail.slice(0, boundary - passages)];
    return goesOn(since, run, detector.reference, before);
  }

  private label(text: string): void {
    const { passages, first, detector, labeller } = this.state;
    labeller.see(passages - 1, passages - 1 - first, text);
    labeller.settle(passages - detector.tail.length);
  }

  private ending(detectedAt: number, reason: CloseReason): Ending {
    return { detectedAt, reason, maxKnown: this.options.maxKnown };
  }

  /** The records name another domain, or none: the open one is closed, or held where it is too small for that. */
  private turnTo(explicit: string | null): Verdict[] {
    const { state } = this;
    const { minPassages } = this.options;
    const run = state.passages - state.first;
    const verdicts: Verdict[] = [];
    if (run >= minPassages || extentOf(state).passages >= ENOUGH * minPassages) {
      verdicts.push(this.close(state.passages, 'explicit'));
    } else if (run > 0) {
      state.held.put(asHeld(state));
      verdicts.push(...makeRoom(state, this.options, state.passages));
    }
    openAt(state, state.passages, []);
    state.explicit = explicit;
    state.earlier = state.held.take(explicit ?? '');
    return verdicts;
  }

  /** The verdict on the open domain, which ends with `last`; absent: with the newest passage. */
  private close(detectedAt: number, reason: CloseReason, last?: number): ClosedVerdict {
    const { state } = this;
    const { reference, tail } = state.detector;
    if (last === undefined) state.detector.settle(tail.length);
    return closeOpen(state, last ?? state.passages - 1, reference, this.ending(detectedAt, reason));
  }

  /** A bound was met: the domain is closed, and the detector goes on watching for its end. */
  private closeAndGoOn(detectedAt: number, reason: CloseReason): ClosedVerdict {
    const { state } = this;
    const reference = state.detector.reference.clone();
    for (const features of state.detector.tail) reference.add(features);
    const ending = { ...this.ending(detectedAt, reason), goesOn: true };
    const verdict = closeOpen(state, state.passages - 1, reference, ending);
    goOn(state, verdict.domain);
    return verdict;
  }
}
