/** What each event does to the metrics. */
import { ACCELERATORS } from '../../engine/device.ts';
import type { CptEvent, NeuronCounts, TaskFailed, TaskTrained } from '../../events.ts';
import type { MetricSet } from './definitions.ts';
import { DomainValues } from './domain-values.ts';
import type { BoundedLabel } from './labels.ts';

/** Codes of what a trainer is started again after: it died, it hung, it lacked memory. */
export const RESTART_REASONS: readonly string[] = ['CPT_TRAIN', 'CPT_HANG', 'CPT_MEMORY'];

/** A task that waits for its store or its lineage is tried again by the same trainer. */
const isRestart = ({ willRetry, code }: TaskFailed): boolean => willRetry && RESTART_REASONS.includes(code);

/** The provider in `webgpu: no adapter`, where it is one of ours. */
function providerOf(fallback: string): string {
  return ACCELERATORS.find((device) => fallback.startsWith(device)) ?? 'other';
}

/** Moves the metrics by events, whatever their order. */
export class Observer {
  readonly #metrics: MetricSet;
  readonly #domains: DomainValues;
  /** When each lineage last published. */
  readonly #published: Map<string, number>;
  /** Tokens of the running task that progress events have told. */
  readonly #tokens = new Map<string, number>();
  readonly #providers = new Map<string, string>();

  constructor(metrics: MetricSet, domains: BoundedLabel, published: Map<string, number>) {
    this.#metrics = metrics;
    this.#domains = new DomainValues(metrics, domains);
    this.#published = published;
  }

  observe(event: CptEvent, lineage: string, at: number): void {
    const m = this.#metrics;
    switch (event.event) {
      case 'PassagesRead':
        m.passagesRead.inc({ lineage }, event.accepted);
        m.bytesRead.inc({ lineage }, event.bytes);
        if (event.lag !== null) m.lag.set({ lineage }, event.lag);
        return;
      case 'PassagesSkipped':
        m.skipped.inc({ lineage, reason: event.reason }, event.count);
        return;
      case 'DeadLetter':
        m.deadLetters.inc({ lineage, reason: event.reason });
        return;
      case 'RecordsLost':
        m.recordsLost.inc({ lineage, reason: event.reason }, Math.max(1, event.count ?? 1));
        return;
      case 'DriftMeasured':
        m.driftStatistic.set({ lineage }, event.statistic);
        m.driftThreshold.set({ lineage }, event.threshold);
        m.openPassages.set({ lineage }, event.openPassages);
        m.heldDomains.set({ lineage }, event.heldDomains);
        m.heldPassages.set({ lineage }, event.heldPassages);
        this.#domains.distances(lineage, event.distances);
        return;
      case 'OpenTextMeasured':
        if (event.bytesPerToken !== null) m.openBytesPerToken.set({ lineage }, event.bytesPerToken);
        if (event.outOfVocabulary !== null) m.openOutOfVocabulary.set({ lineage }, event.outOfVocabulary);
        return;
      case 'OpenDomainMeasured':
        m.openLoss.set({ lineage, model: 'base' }, event.base);
        if (event.current !== null) m.openLoss.set({ lineage, model: 'current' }, event.current);
        return;
      case 'DriftDetected':
        m.driftDetected.inc({ lineage });
        m.driftStatistic.set({ lineage }, event.statistic);
        m.driftThreshold.set({ lineage }, event.threshold);
        return;
      case 'DomainClosed':
        m.domainsClosed.inc({ lineage });
        m.closings.inc({ lineage, reason: event.reason });
        if (event.returnOf !== null) m.domainsReturned.inc({ lineage });
        this.#domains.named(lineage, event.domain, event.label ?? null);
        return;
      case 'DomainJoined':
        m.joined.inc({ lineage });
        m.sampledOut.inc({ lineage }, event.sampledOut);
        return;
      case 'TaskDelayed':
        m.taskDelay.inc({ lineage }, event.seconds);
        return;
      case 'SendingHeld':
        m.held.set({ lineage, of: event.of }, event.waiting);
        return;
      case 'BackpressureApplied':
        m.backpressure.inc({ lineage }, event.seconds);
        return;
      case 'StateMigrated':
      case 'BaseFetching':
      case 'BaseReady':
        return;
      case 'TrainerStarted':
        this.#provider(lineage, event.provider);
        for (const fallback of event.fallbacks) {
          m.fallbacks.inc({ lineage, provider: providerOf(fallback) });
        }
        return;
      case 'LineageTaken':
        m.epoch.set({ lineage }, event.epoch);
        return;
      case 'TaskStarted':
        this.#tokens.set(lineage, 0);
        m.taskProgress.set({ lineage }, 0);
        return;
      case 'TaskHandedOver':
        m.tasks.inc({ lineage, outcome: 'handed_over' });
        return;
      case 'TaskProgress':
        this.#tokens.set(lineage, (this.#tokens.get(lineage) ?? 0) + event.tokens);
        m.trainTokens.inc({ lineage }, event.tokens);
        m.trainLoss.set({ lineage }, event.loss);
        m.taskProgress.set({ lineage }, event.steps > 0 ? event.step / event.steps : 0);
        return;
      case 'TaskResumed':
        m.tasksResumed.inc({ lineage });
        m.taskProgress.set({ lineage }, event.step / event.steps);
        return;
      case 'TrainerMeasured':
        m.trainerMemory.set({ lineage }, event.memory);
        m.microBatch.set({ lineage }, event.microBatch);
        return;
      case 'TrainerWarned':
        m.warnings.inc({ lineage, reason: event.code });
        return;
      case 'TaskTrained':
        this.#trained(lineage, event);
        return;
      case 'TaskFailed':
        m.tasks.inc({ lineage, outcome: event.willRetry ? 'retried' : 'failed' });
        m.taskFailures.inc({ lineage, reason: event.code });
        if (isRestart(event)) m.restarts.inc({ lineage, reason: event.code });
        if (event.code === 'CPT_FORGETTING') m.proofs.inc({ lineage, outcome: 'failed' });
        return;
      case 'CheckpointPublished':
        m.published.inc({ lineage });
        m.publishedBytes.inc({ lineage }, event.bytes);
        m.publishDuration.observe({ lineage }, event.seconds);
        this.#published.set(lineage, at);
        return;
      case 'CheckpointWithdrawn':
        m.withdrawn.inc({ lineage }, event.revisions.length);
        this.#neurons(lineage, event.neurons);
        this.#domains.forget(lineage, event.domain);
        return;
      case 'RequestAnswered':
        m.requests.inc({ lineage, status: String(event.status) });
        m.servedBytes.inc({ lineage }, event.bytes);
        return;
      default:
        event satisfies never;
    }
  }

  #trained(lineage: string, event: TaskTrained): void {
    const m = this.#metrics;
    m.tasks.inc({ lineage, outcome: 'trained' });
    m.taskDuration.observe({ lineage }, event.seconds);
    m.proofDuration.observe({ lineage }, event.proofSeconds);
    m.microBatch.set({ lineage }, event.microBatch);
    m.taskProgress.set({ lineage }, 1);
    // Steps after the last progress event are told only here.
    m.trainTokens.inc({ lineage }, Math.max(0, event.tokens - (this.#tokens.get(lineage) ?? 0)));
    this.#tokens.delete(lineage);
    for (const loss of event.losses) this.#domains.loss(lineage, loss);
    this.#neurons(lineage, event.neurons);
    if (event.backwardTransfer !== null) m.backwardTransfer.set({ lineage }, event.backwardTransfer);
    if (event.forwardTransfer !== null) m.forwardTransfer.set({ lineage }, event.forwardTransfer);
    m.proofs.inc({ lineage, outcome: event.proved ? 'passed' : 'failed' });
  }

  #neurons(lineage: string, neurons: NeuronCounts): void {
    for (const state of ['free', 'claimed', 'shared'] as const) {
      this.#metrics.neurons.set({ lineage, state }, neurons[state]);
    }
  }

  /** One at a time: a fallback takes the place of what was used before. */
  #provider(lineage: string, provider: string): void {
    const before = this.#providers.get(lineage);
    if (before !== undefined) this.#metrics.provider.remove({ lineage, provider: before });
    this.#metrics.provider.set({ lineage, provider }, 1);
    this.#providers.set(lineage, provider);
  }
}
