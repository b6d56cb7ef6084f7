/** Learning rates over the steps of a training, as pure functions of the step. */

export interface Schedule {
  /** Highest rate. */
  readonly peak: number;
  readonly steps: number;
  /** Steps of linear rise from 0. */
  readonly warmup: number;
  /** Steps of linear fall to 0 at the end; what lies between stays at the peak. */
  readonly decay: number;
}

/** @param step counted from 1 */
export function learningRateAt({ peak, steps, warmup, decay }: Schedule, step: number): number {
  const rise = warmup > 0 ? Math.min(1, step / warmup) : 1;
  const fall = decay > 0 ? Math.min(1, (steps - step + 1) / decay) : 1;
  return peak * Math.max(0, Math.min(rise, fall));
}

/** Linear warm-up, then linear to zero: the published post-training schedule. */
export function linearSchedule(peak: number, steps: number, warmupShare = 0.1): Schedule {
  const warmup = Math.floor(steps * warmupShare);
  return { peak, steps, warmup, decay: steps - warmup };
}

/** How the rate of a pre-training goes, whatever its number of steps. */
export interface RateCurve {
  /** Highest rate. */
  readonly peak: number;
  /** Share of the way in which the rate rises linearly from 0. */
  readonly warmup: number;
  /** Share of the way, at its end, in which the rate falls to 0; between rise and fall it stays at the peak. */
  readonly decay: number;
  readonly fall: Fall;
}

export type Fall = 'linear' | 'cosine';

/**
 * The rate at a point of the way. Linear to zero serves fixed budgets best (Li et al. 2020, arXiv 1905.04753);
 * half a cosine is the common alternative (Loshchilov & Hutter 2017, arXiv 1608.03983).
 * @param progress 0 to 1
 */
export function rateAt({ peak, warmup, decay, fall }: RateCurve, progress: number): number {
  if (progress < warmup) return (peak * Math.max(0, progress)) / warmup;
  const start = Math.max(warmup, 1 - decay);
  const fallen = start < 1 ? Math.min(1, Math.max(0, (progress - start) / (1 - start))) : 0;
  return peak * (fall === 'linear' ? 1 - fallen : (1 + Math.cos(Math.PI * fallen)) / 2);
}

/**
 * Scale of the gate at a step: from 1/s_max at the first to s_max at the last, linearly
 * (Serra et al. 2018, arXiv 1801.01423, equation 3).
 * @param step counted from 1
 */
export function gateScaleAt(step: number, steps: number, sMax: number): number {
  if (steps <= 1) return sMax;
  return 1 / sMax + (sMax - 1 / sMax) * ((step - 1) / (steps - 1));
}
