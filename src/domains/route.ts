/** Which of the known domains a batch of texts belongs to, or that it belongs to none. */
import { featurize } from './features.ts';
import { likelihood, type OwnLikelihood } from './likelihood.ts';

/** What a router knows of a domain. */
export interface RoutedDomain {
  readonly domain: string;
  /** Its most distinctive words, or null. */
  readonly label: string | null;
  /** Passages that it was learnt from. */
  readonly passages: number;
  readonly own: OwnLikelihood;
  /** Natural logarithm of each bucket's share. */
  readonly shares: Float64Array;
}

export interface RouteScore {
  readonly domain: string;
  /** Likelihood of the batch, nats for each unit of weight; the greatest is the domain that fits best. */
  readonly score: number;
  /** Mean distance of the texts from the domain's own passages, in their standard deviations; 0: like its own. */
  readonly fit: number;
}

export interface Route {
  /** Null: none of the known domains is like this batch. */
  readonly domain: string | null;
  /** Best first; none where no text has a word. */
  readonly scores: readonly RouteScore[];
}

/**
 * Routes texts that belong together as one batch: the more there are, the surer. Naive Bayes picks the domain;
 * the batch belongs to it when it fits it as well as the domain's own passages do, see `leastFit`.
 */
export function route(domains: readonly RoutedDomain[], texts: readonly string[]): Route {
  const passages = texts.map(featurize).filter(({ bucket }) => bucket.length > 0);
  if (passages.length === 0) return { domain: null, scores: [] };
  const weights = passages.map(({ value }) => value.reduce((sum, v) => sum + v, 0));
  const weight = weights.reduce((sum, w) => sum + w, 0);
  const scores = domains.map(({ domain, own, shares }) => {
    let score = 0;
    let fit = 0;
    for (const [k, features] of passages.entries()) {
      const nats = likelihood(features, shares);
      score += (nats * weights[k]!) / weight;
      fit += (nats - own.mean) / own.spread / passages.length;
    }
    return { domain, score, fit };
  });
  scores.sort((a, b) => b.score - a.score);
  const [best] = scores;
  const belongs = best !== undefined && best.fit >= leastFit(passages.length);
  return { domain: belongs ? best.domain : null, scores };
}

/**
 * The worst fit with which `count` texts still belong: 2.5 standard errors, and a quarter of a standard deviation
 * for what neighbouring texts share and for what the domain's own passages varied (bench/route).
 */
export function leastFit(count: number): number {
  return -(2.5 / Math.sqrt(count) + 0.25);
}
