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

/**
 * Scale of the gate at a step: from 1/s_max at the first to s_max at the last, linearly
 * (Serra et al. 2018, arXiv 1801.01423, equation 3).
 * @param step counted from 1
 */
export function gateScaleAt(step: number, steps: number, sMax: number): number {
  if (steps <= 1) return sMax;
  return 1 / sMax + (sMax - 1 / sMax) * ((step - 1) / (steps - 1));
}
