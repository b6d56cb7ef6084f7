/** The values of single domains: what is known of each, and nothing of those that are not there any more. */
import type { DomainLoss } from '../../events.ts';
import type { MetricSet } from './definitions.ts';
import { type BoundedLabel, OTHER } from './labels.ts';

const MODELS = ['base', 'own', 'current'] as const;

export class DomainValues {
  readonly #metrics: MetricSet;
  readonly #domains: BoundedLabel;
  /** By lineage and domain. */
  readonly #labels = new Map<string, string>();
  /** Domains near to the open one, as last told. */
  readonly #near = new Map<string, string[]>();

  constructor(metrics: MetricSet, domains: BoundedLabel) {
    this.#metrics = metrics;
    this.#domains = domains;
  }

  loss(lineage: string, loss: DomainLoss): void {
    const domain = this.#domains.value(loss.domain);
    for (const model of MODELS) this.#metrics.mlmLoss.set({ lineage, domain, model }, loss[model]);
    this.#metrics.forgetting.set({ lineage, domain }, loss.own - loss.published);
  }

  /** One label a domain; those that share a value have none. */
  named(lineage: string, raw: string, label: string | null): void {
    const domain = this.#domains.value(raw);
    const key = `${lineage} ${domain}`;
    const before = this.#labels.get(key);
    if (label === null || domain === OTHER || label === before) return;
    if (before !== undefined) this.#metrics.domainInfo.remove({ lineage, domain, label: before });
    this.#metrics.domainInfo.set({ lineage, domain, label }, 1);
    this.#labels.set(key, label);
  }

  /** A domain that is not among the nearest any more has no distance, rather than an old one. */
  distances(lineage: string, distances: readonly { domain: string; distance: number }[]): void {
    for (const domain of this.#near.get(lineage) ?? []) {
      this.#metrics.domainDistance.remove({ lineage, domain });
    }
    const near = distances.map(({ domain, distance }) => ({ domain: this.#domains.value(domain), distance }));
    for (const { domain, distance } of near) this.#metrics.domainDistance.set({ lineage, domain }, distance);
    this.#near.set(
      lineage,
      near.map(({ domain }) => domain),
    );
  }

  /** A retired domain has no values, rather than old ones. */
  forget(lineage: string, raw: string): void {
    const m = this.#metrics;
    const domain = this.#domains.forget(raw);
    if (domain === null) return;
    for (const model of MODELS) m.mlmLoss.remove({ lineage, domain, model });
    m.forgetting.remove({ lineage, domain });
    m.domainDistance.remove({ lineage, domain });
    const key = `${lineage} ${domain}`;
    const label = this.#labels.get(key);
    if (label !== undefined) m.domainInfo.remove({ lineage, domain, label });
    this.#labels.delete(key);
  }
}
