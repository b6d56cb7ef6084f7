/** The events of a small run, in the order in which a run emits them. */
import type { CheckpointWithdrawn, CptEvent } from '../../../src/events.ts';

/** Three domains one after the other, the last of which returns to the first, with one fault of each kind. */
export function* story(lineage: string): Generator<CptEvent> {
  yield { event: 'TrainerStarted', lineage, provider: 'cpu', fallbacks: ['webgpu: no adapter'] };
  yield { event: 'LineageTaken', lineage, epoch: 4, tasks: 0 };
  yield { event: 'TaskHandedOver', lineage, task: 1, domain: 'd1', passages: 400, bytes: 160_000 };
  yield { event: 'DeadLetter', lineage, reason: 'invalid_json', position: 'a.jsonl:7' };
  yield { event: 'PassagesSkipped', lineage, reason: 'language', count: 5 };
  const held = { event: 'SendingHeld', lineage } as const;
  yield { ...held, of: 'dead_letters', waiting: 1, seconds: 2, message: 'no broker' };
  yield { ...held, of: 'dead_letters', waiting: 0, seconds: 3, message: null };
  yield { ...held, of: 'events', waiting: 2, seconds: 2, message: 'no broker' };
  const gone = { event: 'RecordsLost', lineage, topic: 'a', partition: 0 } as const;
  yield { ...gone, reason: 'removed', from: 4, to: 9, count: 6, next: 10 };
  yield { ...gone, reason: 'recreated', from: 12, to: null, count: null, next: 0 };
  const ids = ['d1', 'd2', 'd1'];
  for (const [task, domain] of ids.entries()) {
    const first = task * 400;
    for (let read = 0; read < 400; read += 50) {
      yield { event: 'PassagesRead', lineage, accepted: 50, bytes: 20_000, lag: 1200 - first - read };
      const distances = ids.slice(0, task).map((id, n) => ({ domain: id, distance: 1 + n }));
      const openPassages = read + 50;
      yield {
        event: 'DriftMeasured',
        lineage,
        statistic: 1 + read / 100,
        threshold: 6,
        openPassages,
        heldDomains: 2,
        heldPassages: 7,
        distances,
      };
    }
    const fit = { sampled: 32, bytesPerToken: 4.25, outOfVocabulary: 0.3 - task / 10 };
    yield { event: 'OpenTextMeasured', lineage, openPassages: 400, ...fit };
    const current = task === 0 ? null : 5.4 - task / 10;
    yield { event: 'OpenDomainMeasured', lineage, openPassages: 400, maskedTokens: 300, base: 5.5, current };
    const detectedAt = first + 440;
    yield {
      event: 'DriftDetected',
      lineage,
      boundary: first + 400,
      detectedAt,
      statistic: 6.5,
      threshold: 6,
    };
    const returnOf = task === 2 ? 'd1' : null;
    const label = domain === 'd1' ? 'salt, oven' : null;
    yield {
      event: 'DomainClosed',
      lineage,
      domain,
      first,
      last: first + 399,
      detectedAt,
      returnOf,
      label,
      reason: 'change',
    };
    if (task === 2) yield { event: 'DomainJoined', lineage, task, domain, passages: 500, sampledOut: 300 };
    yield { event: 'BackpressureApplied', lineage, seconds: 0.5 };
    yield { event: 'TaskDelayed', lineage, task, seconds: 2 };
    yield { event: 'TaskStarted', lineage, task, domain, passages: 400 };
    for (let step = 10; step <= 50; step += 10) {
      yield {
        event: 'TaskProgress',
        lineage,
        task,
        domain,
        step,
        steps: 50,
        tokens: 10_000,
        loss: 6 - step / 50,
      };
    }
    if (task === 1) {
      const failure = { code: 'CPT_TRAIN', message: 'the trainer was killed', willRetry: true };
      yield { event: 'TrainerMeasured', lineage, memory: 2e9, microBatch: 16 };
      yield { event: 'TrainerWarned', lineage, code: 'CPT_DISK_FULL', message: 'no space' };
      yield { event: 'TaskFailed', lineage, task, domain, ...failure };
      yield { event: 'TaskStarted', lineage, task, domain, passages: 400 };
      yield { event: 'TaskResumed', lineage, task, domain, step: 0, steps: 50 };
    }
    const known = [...new Set(ids.slice(0, task + 1))];
    yield {
      event: 'TaskTrained',
      lineage,
      task,
      domain,
      passages: 400,
      tokens: 51_000,
      seconds: 12,
      provider: 'cpu',
      microBatch: 8,
      losses: known.map((id) => ({ domain: id, base: 5.5, published: 5.0, own: 5.0, current: 5.2 })),
      neurons: { free: 700 - 100 * task, claimed: 300 + 100 * task, shared: 50 * task },
      forwardTransfer: task === 0 ? null : 0.1,
      backwardTransfer: task === 0 ? null : 0,
      proved: true,
      proofSeconds: 0.5,
    };
    const place = { revision: String(task).repeat(40), ref: task === 2 ? 'd1.2' : domain };
    yield { event: 'CheckpointPublished', lineage, domain, task, ...place, bytes: 1_000_000, seconds: 0.7 };
  }
  yield withdrawn(lineage, 'd0');
  yield { event: 'RequestAnswered', lineage, status: 200, bytes: 9000 };
}

/** Of a domain with two versions. */
export const withdrawn = (lineage: string, domain: string): CheckpointWithdrawn => ({
  event: 'CheckpointWithdrawn',
  lineage,
  domain,
  revisions: [1, 2].map((n) => ({ ref: `${domain}.${n}`, task: n, revision: String(n).repeat(40) })),
  main: '2'.repeat(40),
  reset: 40,
  kept: 60,
  later: [{ domain: 'd2', neurons: 60 }],
  earlier: [],
  neurons: { free: 500, claimed: 500, shared: 100 },
  bytes: 700_000,
});
