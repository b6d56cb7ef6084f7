/** How well found boundaries and returns agree with the true ones. A boundary is the first index of a domain. */

/** A true change: at one index where `from` equals `to`, else somewhere from one to the other (a ramp). */
export interface TrueBoundary {
  readonly from: number;
  readonly to: number;
}

export interface FoundBoundary {
  readonly at: number;
  /** Index of the newest passage when it was decided. */
  readonly detectedAt: number;
}

export interface BoundaryScore {
  readonly matched: number;
  readonly missed: number;
  readonly falseAlarms: number;
  /** 1 where nothing was found. */
  readonly precision: number;
  /** 1 where there was nothing to find. */
  readonly recall: number;
  readonly f1: number;
  /** Passages from the true boundary (a ramp's end) to the decision, one per match, in order of the boundaries. */
  readonly delays: readonly number[];
  /** Passages between the true and the found boundary, one per match; 0 inside a ramp. */
  readonly errors: readonly number[];
}

/** A true boundary at one index. */
export function at(index: number): TrueBoundary {
  return { from: index, to: index };
}

/**
 * Matches each true boundary with at most one found within `tolerance` passages, both in order of place: as many
 * as possible and, among those matchings, the one with the smallest errors.
 */
export function scoreBoundaries(
  truth: readonly TrueBoundary[],
  found: readonly FoundBoundary[],
  tolerance: number,
): BoundaryScore {
  const wanted = [...truth].sort((a, b) => a.to - b.to || a.from - b.from);
  const given = [...found].sort((a, b) => a.at - b.at || a.detectedAt - b.detectedAt);
  const pairs = pair(wanted, given, tolerance);
  const delays = pairs.map(([boundary, match]) => Math.max(0, match.detectedAt - boundary.to));
  const errors = pairs.map(([boundary, match]) => errorOf(boundary, match));
  const matched = pairs.length;
  const precision = found.length === 0 ? 1 : matched / found.length;
  const recall = truth.length === 0 ? 1 : matched / truth.length;
  const f1 = precision + recall === 0 ? 0 : (2 * precision * recall) / (precision + recall);
  const [missed, falseAlarms] = [truth.length - matched, found.length - matched];
  return { matched, missed, falseAlarms, precision, recall, f1, delays, errors };
}

/** The best matching of two sequences in their order, by dynamic programming over their prefixes. */
function pair(
  wanted: readonly TrueBoundary[],
  given: readonly FoundBoundary[],
  tolerance: number,
): [TrueBoundary, FoundBoundary][] {
  const width = given.length + 1;
  const most = Math.min(wanted.length, given.length);
  const worth = most * tolerance + 1; // of a match: more than all errors together
  const best = new Float64Array((wanted.length + 1) * width); // worth of matches less errors, by two prefixes
  for (const [i, boundary] of wanted.entries()) {
    for (const [j, candidate] of given.entries()) {
      const error = errorOf(boundary, candidate);
      const matched = error <= tolerance ? best[i * width + j]! + worth - error : 0;
      const without = Math.max(best[i * width + j + 1]!, best[(i + 1) * width + j]!);
      best[(i + 1) * width + j + 1] = Math.max(matched, without);
    }
  }
  const pairs: [TrueBoundary, FoundBoundary][] = [];
  for (let i = wanted.length, j = given.length; i > 0 && j > 0; ) {
    const own = best[i * width + j]!;
    if (own === best[i * width + j - 1]) j--;
    else if (own === best[(i - 1) * width + j]) i--;
    else pairs.push([wanted[--i]!, given[--j]!]);
  }
  return pairs.reverse();
}

function errorOf({ from, to }: TrueBoundary, { at }: FoundBoundary): number {
  return Math.max(0, from - at, at - to);
}

/** A run of passages, inclusive, with what it is called: by its source (true) or by the segmenter (found). */
export interface Labelled {
  readonly first: number;
  readonly last: number;
  readonly label: string;
}

/**
 * Part of the found domains whose return was judged rightly. The source of a found domain is that of most of its
 * passages; it is a return where an earlier found domain has the same source, and then must have the label of
 * one of those; otherwise it must have a label that is new. 1 where nothing was found.
 */
export function returnsAccuracy(truth: readonly Labelled[], found: readonly Labelled[]): number {
  const labelsOf = new Map<string, Set<string>>(); // source → labels that earlier found domains of it have
  const used = new Set<string>();
  let right = 0;
  for (const domain of found) {
    const source = sourceOf(truth, domain);
    const earlier = labelsOf.get(source) ?? new Set();
    if (earlier.size > 0 ? earlier.has(domain.label) : !used.has(domain.label)) right++;
    labelsOf.set(source, earlier.add(domain.label));
    used.add(domain.label);
  }
  return found.length === 0 ? 1 : right / found.length;
}

function sourceOf(truth: readonly Labelled[], domain: Labelled): string {
  const passages = new Map<string, number>();
  let best = '';
  for (const run of truth) {
    const shared = Math.min(run.last, domain.last) - Math.max(run.first, domain.first) + 1;
    if (shared <= 0) continue;
    const sum = (passages.get(run.label) ?? 0) + shared;
    passages.set(run.label, sum);
    if (best === '' || sum > passages.get(best)!) best = run.label;
  }
  return best;
}

/** The q-quantile (0 to 1) of some numbers, the nearest rank (the median of an even count: the lower one); NaN of none. */
export function quantile(values: readonly number[], q: number): number {
  if (values.length === 0) return Number.NaN;
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.max(0, Math.ceil(q * sorted.length) - 1))]!;
}
