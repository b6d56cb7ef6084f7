/** Options of the segmenter: units, defaults, and how the one number that a person sets becomes a threshold. */

export interface SegmenterOptions {
  /** Expected number of passages per false alarm. */
  readonly falseAlarmEvery: number;
  /** A run of strangers shorter than this is a burst, not a domain. Passages. */
  readonly minPassages: number;
  /** The open domain is closed when it has this many passages. */
  readonly maxPassages: number;
  /** The open domain is closed when its passages have this many bytes together. */
  readonly maxBytes: number;
  /** The open domain is closed when its first passage is this old, in seconds of the passages' own time. */
  readonly maxAgeSeconds: number;
  /** The open domain is closed when a passage comes this long after the one before it, in seconds. */
  readonly maxIdleSeconds: number;
  /** Closed domains that a later one is compared with; beyond it the one closed longest ago is forgotten. */
  readonly maxKnown: number;
}

export const SEGMENTER_DEFAULTS: SegmenterOptions = {
  falseAlarmEvery: 50_000,
  minPassages: 30,
  maxPassages: 50_000,
  maxBytes: 64 * 1024 * 1024,
  maxAgeSeconds: Number.POSITIVE_INFINITY,
  maxIdleSeconds: Number.POSITIVE_INFINITY,
  maxKnown: 1024,
};

/**
 * The statistic at which drift is declared, in the open domain's scales (see noise.ts): the tail of the least of
 * three normal variables goes as exp(−z²), so that the square root of the logarithm of the rate decides. On the safe
 * side for what is stationary: set to 500 and to 2,000, one false alarm came in 7,900 and in 30,000 of 150,000
 * passages of one kind or of mixtures; set to 50,000, one in 50,000 of locally correlated text.
 */
export function thresholdOf(falseAlarmEvery: number): number {
  return 1.085 * Math.sqrt(Math.log(Math.max(falseAlarmEvery, 10)) - 1);
}
