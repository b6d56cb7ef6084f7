/**
 * How large the statistic gets without a change, learned from the open domain itself. Where neighbouring passages
 * share an event's words, a window has fewer independent passages than it counts, and what its blocks have in
 * common looks like a change. For each window the scale is
 *
 *     (mean of z⁴ over past looks with z > 0) ^ ¼
 *
 * and z is told in these scales. The fourth power follows the tail, which decides: over stationary, heterogeneous
 * and locally correlated streams of real text the largest z of 6,000 passages was 2 to 3.3 scales, whatever the
 * stream, but 4 to 11 root mean squares. Only looks that the reference has passed over are learned, so that a
 * change in progress does not raise what it is measured by.
 */

/** Passages in a window; 384: for mixtures that change in one of their parts. */
export const WINDOWS: readonly number[] = [24, 48, 96, 192, 384];

/** Before the first look: independent passages have about 0.9, and no feed starts as one that is known to be so. */
const PRIOR = 3.5;
/** Looks with z > 0 that the prior counts for. */
const PRIOR_LOOKS = 1;
/** Looks that the scale of the next shorter window counts for. */
const LENT_LOOKS = 2;
const LEAST = 0.85;
/** Looks that a domain hands on to the next: the feed is the same, its local correlation likely too. */
const HANDED_ON = 4;
/** One look counts as at most this many scales: no single one blinds the detector. */
const CLIPPED = 5;

export class Noise {
  /** For each window, looks with z > 0 and the sum of their z⁴. */
  readonly looks = new Float64Array(WINDOWS.length);
  readonly fourths = new Float64Array(WINDOWS.length);
  private known: readonly number[] | null = null; // follows from both

  /** Takes in a look: z for each window, as many as there were passages for. */
  learn(look: readonly number[]): void {
    const scales = this.scales();
    for (const [k, z] of look.entries()) {
      if (z <= 0) continue;
      this.looks[k]!++;
      this.fourths[k]! += Math.min(z, CLIPPED * scales[k]!) ** 4;
    }
    this.known = null;
  }

  /** For each window. Long windows overlap from look to look and count the less; what they lack the next shorter one lends. */
  scales(): readonly number[] {
    if (this.known) return this.known;
    let fourth = PRIOR ** 4;
    this.known = WINDOWS.map((window, k) => {
      const part = WINDOWS[0]! / window;
      const lent = k === 0 ? PRIOR_LOOKS : LENT_LOOKS;
      const looks = lent + part * this.looks[k]!;
      fourth = Math.max(LEAST ** 4, (lent * fourth + part * this.fourths[k]!) / looks);
      return fourth ** 0.25;
    });
    return this.known;
  }

  /** For a run of any length: the larger scale of the windows next to it. */
  scaleOf(length: number): number {
    const scales = this.scales();
    const above = WINDOWS.findIndex((window) => window > length);
    const at = above < 0 ? WINDOWS.length - 1 : above;
    return Math.max(scales[at]!, scales[Math.max(0, at - 1)]!);
  }

  /** What the next domain begins with. */
  handOn(): Noise {
    const next = new Noise();
    for (const [k, window] of WINDOWS.entries()) {
      const most = (HANDED_ON * window) / WINDOWS[0]!;
      const part = Math.min(1, most / Math.max(1, this.looks[k]!));
      next.looks[k] = this.looks[k]! * part;
      next.fourths[k] = this.fourths[k]! * part;
    }
    return next;
  }
}
