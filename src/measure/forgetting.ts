/**
 * What sequential training does to earlier domains and to later ones, on held-out masked-LM loss in nats
 * (Lopez-Paz & Ranzato 2017, arXiv 1706.08840, with losses in place of accuracies: lower is better).
 */

/** Held-out losses of one domain: when its checkpoint was published, and of the same checkpoint now. */
export interface OwnLoss {
  readonly published: number;
  readonly own: number;
}

/** Loss gained since publication: 0 when nothing was forgotten. */
export function forgetting({ published, own }: OwnLoss): number {
  return own - published;
}

/** Mean over earlier domains of published less own loss; null where there is none. Negative: forgotten. */
export function backwardTransfer(earlier: readonly OwnLoss[]): number | null {
  if (earlier.length === 0) return null;
  const lost = earlier.reduce((sum, loss) => sum + forgetting(loss), 0);
  return lost === 0 ? 0 : -lost / earlier.length;
}

/**
 * What earlier tasks already give a new domain before it is trained on.
 * @param base loss of the untouched base on the new domain
 * @param newest loss of the newest earlier checkpoint on it; null on the first task
 */
export function forwardTransfer(base: number, newest: number | null): number | null {
  return newest === null ? null : base - newest;
}

/** exp of a loss in nats. */
export function perplexity(loss: number): number {
  return Math.exp(loss);
}
