/** Events in, Prometheus metrics out. */
import { collectDefaultMetrics, Registry } from 'prom-client';
import { CLOSE_REASONS } from '../../domains/index.ts';
import { ACCELERATORS } from '../../engine/device.ts';
import { DEAD_LETTER_REASONS } from '../../errors.ts';
import type { CptEvent, RecordsLost } from '../../events.ts';
import { defineMetrics, type MetricSet } from './definitions.ts';
import { BoundedLabel } from './labels.ts';
import { Observer, RESTART_REASONS } from './observer.ts';

export interface MetricsOptions {
  /** Of cpt-stream. */
  readonly version: string;
  /** Its counters are there, at 0, from the start; others begin with their first event. */
  readonly lineage?: string;
  /** Seconds since 1970. Default: the system clock. */
  readonly now?: () => number;
  /** Domains with a label value of their own; later ones share `other`. Default 200. */
  readonly maxDomains?: number;
  /** Also CPU, memory and event-loop delay of this process, as `cpt_process_…` and `cpt_nodejs_…`. */
  readonly processMetrics?: boolean;
}

export interface Metrics {
  /** @param at when it happened, seconds since 1970; for events that are told after the fact */
  observe(event: CptEvent, at?: number): void;
  /** The text exposition format. */
  exposition(): Promise<string>;
  readonly contentType: string;
}

const MAX_LINEAGES = 20;
/** Codes of what a task waits with where several machines share the work; alerts ask for their rates. */
const WAITING_REASONS = ['CPT_FENCED', 'CPT_STORE'] as const;
const LOST_REASONS: readonly RecordsLost['reason'][] = ['removed', 'deleted', 'recreated'];

/** A registry of its own: two of these in one process do not meet. */
export function createMetrics(options: MetricsOptions): Metrics {
  const { now = () => Date.now() / 1000 } = options;
  const registry = new Registry();
  const published = new Map<string, number>();
  const metrics = defineMetrics(registry, () => {
    const time = now();
    return new Map([...published].map(([lineage, at]) => [lineage, Math.max(0, time - at)]));
  });
  if (options.processMetrics) collectDefaultMetrics({ register: registry, prefix: 'cpt_' });
  metrics.build.set({ version: options.version }, 1);

  const observer = new Observer(metrics, new BoundedLabel(options.maxDomains ?? 200), published);
  const lineages = new BoundedLabel(MAX_LINEAGES);
  const seen = new Set<string>();
  const begin = (raw: string): string => {
    const lineage = lineages.value(raw);
    if (!seen.has(lineage)) startAtZero(metrics, lineage);
    seen.add(lineage);
    return lineage;
  };
  if (options.lineage !== undefined) begin(options.lineage);

  return {
    observe: (event, at = now()) => observer.observe(event, begin(event.lineage), at),
    exposition: () => registry.metrics(),
    contentType: registry.contentType,
  };
}

/** A counter that appears only with its first event has no rate for that event. */
function startAtZero(metrics: MetricSet, lineage: string): void {
  for (const name of [
    'passagesRead',
    'bytesRead',
    'backpressure',
    'driftDetected',
    'domainsClosed',
    'domainsReturned',
    'joined',
    'sampledOut',
    'taskDelay',
    'trainTokens',
    'tasksResumed',
    'published',
    'publishedBytes',
    'withdrawn',
  ] as const) {
    metrics[name].inc({ lineage }, 0);
  }
  for (const reason of DEAD_LETTER_REASONS) metrics.deadLetters.inc({ lineage, reason }, 0);
  metrics.skipped.inc({ lineage, reason: 'language' }, 0);
  for (const reason of CLOSE_REASONS) metrics.closings.inc({ lineage, reason }, 0);
  for (const outcome of ['trained', 'failed', 'retried']) metrics.tasks.inc({ lineage, outcome }, 0);
  for (const provider of ACCELERATORS) metrics.fallbacks.inc({ lineage, provider }, 0);
  for (const reason of WAITING_REASONS) metrics.taskFailures.inc({ lineage, reason }, 0);
  for (const of of ['dead_letters', 'events']) metrics.held.set({ lineage, of }, 0);
  for (const reason of LOST_REASONS) metrics.recordsLost.inc({ lineage, reason }, 0);
  for (const reason of RESTART_REASONS) metrics.restarts.inc({ lineage, reason }, 0);
  for (const outcome of ['passed', 'failed']) metrics.proofs.inc({ lineage, outcome }, 0);
}
