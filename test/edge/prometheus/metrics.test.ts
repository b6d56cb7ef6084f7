import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { createMetrics } from '../../../src/edge/prometheus/metrics.ts';
import { DEAD_LETTER_REASONS } from '../../../src/errors.ts';
import type { CptEvent } from '../../../src/events.ts';
import { parseExposition, sampleValue } from './exposition.ts';
import { story, withdrawn } from './story.ts';

const lineage = 'news';

/** The contract: these names, and those of its labels that a dashboard selects by. */
const CONTRACT: readonly (readonly [string, Record<string, string>, number])[] = [
  ['cpt_passages_read_total', {}, 1200],
  ['cpt_passages_read_bytes_total', {}, 480_000],
  ['cpt_dead_letters_total', { reason: 'invalid_json' }, 1],
  ['cpt_passages_skipped_total', { reason: 'language' }, 5],
  ['cpt_feed_records_lost_total', { reason: 'removed' }, 6],
  ['cpt_feed_records_lost_total', { reason: 'recreated' }, 1],
  ['cpt_dead_letters_total', { reason: 'tombstone' }, 0],
  ['cpt_feed_lag_passages', {}, 50],
  ['cpt_backpressure_seconds_total', {}, 1.5],
  ['cpt_sending_held_messages', { of: 'dead_letters' }, 0],
  ['cpt_sending_held_messages', { of: 'events' }, 2],
  ['cpt_drift_statistic', {}, 6.5],
  ['cpt_drift_threshold', {}, 6],
  ['cpt_drift_detected_total', {}, 3],
  ['cpt_domain_open_passages', {}, 400],
  ['cpt_domain_open_bytes_per_token', {}, 4.25],
  ['cpt_domain_open_out_of_vocabulary_ratio', {}, 0.1],
  ['cpt_domain_open_loss_nats', { model: 'base' }, 5.5],
  ['cpt_domain_open_loss_nats', { model: 'current' }, 5.2],
  ['cpt_domains_closed_total', {}, 3],
  ['cpt_domain_closings_total', { reason: 'change' }, 3],
  ['cpt_domain_closings_total', { reason: 'age' }, 0],
  ['cpt_domains_held', {}, 2],
  ['cpt_domains_held_passages', {}, 7],
  ['cpt_domains_joined_total', {}, 1],
  ['cpt_passages_sampled_out_total', {}, 300],
  ['cpt_domains_returned_total', {}, 1],
  ['cpt_domain_info', { domain: 'd1', label: 'salt, oven' }, 1],
  ['cpt_domain_distance', { domain: 'd2' }, 2],
  ['cpt_tasks_total', { outcome: 'trained' }, 3],
  ['cpt_tasks_total', { outcome: 'retried' }, 1],
  ['cpt_tasks_total', { outcome: 'failed' }, 0],
  ['cpt_task_failures_total', { reason: 'CPT_TRAIN' }, 1],
  ['cpt_trainer_restarts_total', { reason: 'CPT_TRAIN' }, 1],
  ['cpt_trainer_restarts_total', { reason: 'CPT_HANG' }, 0],
  ['cpt_trainer_warnings_total', { reason: 'CPT_DISK_FULL' }, 1],
  ['cpt_tasks_resumed_total', {}, 1],
  ['cpt_lineage_epoch', {}, 4],
  ['cpt_serve_requests_total', { status: '200' }, 1],
  ['cpt_serve_bytes_total', {}, 9000],
  ['cpt_trainer_memory_bytes', {}, 2e9],
  ['cpt_train_micro_batch_blocks', {}, 8],
  ['cpt_task_delay_seconds_total', {}, 6],
  ['cpt_task_duration_seconds_sum', {}, 36],
  ['cpt_task_duration_seconds_count', {}, 3],
  ['cpt_proof_duration_seconds_sum', {}, 1.5],
  ['cpt_proof_duration_seconds_count', {}, 3],
  ['cpt_task_progress_ratio', {}, 1],
  ['cpt_train_tokens_total', {}, 51_000 + 51_000 + 50_000 + 51_000], // the second task ran twice
  ['cpt_train_loss', {}, 5],
  ['cpt_mlm_loss_nats', { domain: 'd2', model: 'base' }, 5.5],
  ['cpt_mlm_loss_nats', { domain: 'd2', model: 'current' }, 5.2],
  ['cpt_mlm_loss_nats', { domain: 'd1', model: 'own' }, 5],
  ['cpt_forgetting_nats', { domain: 'd1' }, 0],
  ['cpt_forgetting_proofs_total', { outcome: 'passed' }, 3],
  ['cpt_forgetting_proofs_total', { outcome: 'failed' }, 0],
  ['cpt_backward_transfer_nats', {}, 0],
  ['cpt_forward_transfer_nats', {}, 0.1],
  ['cpt_plugin_neurons', { state: 'free' }, 500],
  ['cpt_plugin_neurons', { state: 'claimed' }, 500],
  ['cpt_plugin_neurons', { state: 'shared' }, 100],
  ['cpt_checkpoints_published_total', {}, 3],
  ['cpt_checkpoints_published_bytes_total', {}, 3_000_000],
  ['cpt_checkpoints_withdrawn_total', {}, 2],
  ['cpt_checkpoint_age_seconds', {}, 90],
  ['cpt_publish_duration_seconds_count', {}, 3],
  ['cpt_provider_info', { provider: 'cpu' }, 1],
  ['cpt_provider_fallbacks_total', { provider: 'webgpu' }, 1],
  ['cpt_provider_fallbacks_total', { provider: 'cuda' }, 0],
];

test('a run moves every metric of the contract', async () => {
  let now = 1000;
  const metrics = createMetrics({ version: '1.2.3', lineage, now: () => now });
  for (const event of story(lineage)) metrics.observe(event);
  now += 90;
  const text = await metrics.exposition();
  for (const [name, labels, value] of CONTRACT) {
    const found = sampleValue(text, name, { lineage, ...labels });
    assert.ok(
      found !== undefined && Math.abs(found - value) < 1e-9,
      `${name} ${JSON.stringify(labels)}: ${found}`,
    );
  }
  assert.equal(sampleValue(text, 'cpt_build_info', { version: '1.2.3' }), 1);
  const known = new Set(CONTRACT.map(([name]) => name.replace(/_(sum|count)$/, '')).concat('cpt_build_info'));
  for (const { name } of parseExposition(text)) {
    assert.ok(
      known.has(name) || known.has(name.replace(/_(sum|count|bucket)$/, '')),
      `${name} is not tested`,
    );
  }
});

test('every kind of event changes something', async () => {
  const events = new Map([...story(lineage)].map((event) => [event.event, event]));
  assert.equal(events.size, 26, 'the story tells all kinds');
  for (const event of events.values()) {
    const metrics = createMetrics({ version: '0', lineage, now: () => 0 });
    const before = await metrics.exposition();
    metrics.observe(event);
    assert.notEqual(await metrics.exposition(), before, event.event);
  }
});

test('counters of the own lineage are there at zero before the first event', async () => {
  const text = await createMetrics({ version: '0', lineage }).exposition();
  for (const reason of DEAD_LETTER_REASONS) {
    assert.equal(sampleValue(text, 'cpt_dead_letters_total', { lineage, reason }), 0);
  }
  assert.equal(sampleValue(text, 'cpt_checkpoints_published_total', { lineage }), 0);
  assert.equal(
    sampleValue(text, 'cpt_checkpoint_age_seconds'),
    undefined,
    'there is no checkpoint to have an age',
  );
});

test('a failed proof counts, whether it comes with the task or as its failure', async () => {
  const metrics = createMetrics({ version: '0', lineage });
  const trained = [...story(lineage)].find((event) => event.event === 'TaskTrained')!;
  metrics.observe({ ...trained, proved: false } as CptEvent);
  const failure = { task: 1, domain: 'd2', message: 'd1 changed', willRetry: false };
  metrics.observe({ event: 'TaskFailed', lineage, code: 'CPT_FORGETTING', ...failure });
  const text = await metrics.exposition();
  assert.equal(sampleValue(text, 'cpt_forgetting_proofs_total', { outcome: 'failed' }), 2);
});

test('a task that waits is tried again without a new trainer; what may never happen is there at 0', async () => {
  const metrics = createMetrics({ version: '0', lineage });
  const value = async (name: string, labels: Record<string, string>) =>
    sampleValue(await metrics.exposition(), name, labels);
  assert.equal(await value('cpt_task_failures_total', { reason: 'CPT_FENCED' }), 0);
  assert.equal(await value('cpt_sending_held_messages', { of: 'dead_letters' }), 0);
  assert.equal(await value('cpt_feed_records_lost_total', { reason: 'deleted' }), 0);
  const waits = { task: 1, domain: 'd2', message: 'its passages are not there', willRetry: true };
  metrics.observe({ event: 'TaskFailed', lineage, code: 'CPT_STORE', ...waits });
  assert.equal(await value('cpt_task_failures_total', { reason: 'CPT_STORE' }), 1);
  assert.equal(await value('cpt_tasks_total', { outcome: 'retried' }), 1);
  assert.equal(await value('cpt_tasks_total', { outcome: 'failed' }), 0);
  assert.equal(await value('cpt_trainer_restarts_total', { reason: 'CPT_STORE' }), undefined);
});

test('distances of domains that are not near any more are gone; a fallback replaces the provider', async () => {
  const metrics = createMetrics({ version: '0', lineage });
  const drift = {
    event: 'DriftMeasured',
    lineage,
    statistic: 0,
    threshold: 6,
    openPassages: 1,
    heldDomains: 0,
    heldPassages: 0,
  } as const;
  metrics.observe({
    ...drift,
    distances: [
      { domain: 'd1', distance: 1 },
      { domain: 'd2', distance: 2 },
    ],
  });
  metrics.observe({ ...drift, distances: [{ domain: 'd2', distance: 3 }] });
  metrics.observe({ event: 'TrainerStarted', lineage, provider: 'cuda', fallbacks: [] });
  metrics.observe({ event: 'TrainerStarted', lineage, provider: 'cpu', fallbacks: ['cuda: lost'] });
  const text = await metrics.exposition();
  assert.equal(sampleValue(text, 'cpt_domain_distance', { domain: 'd1' }), undefined);
  assert.equal(sampleValue(text, 'cpt_domain_distance', { domain: 'd2' }), 3);
  assert.equal(sampleValue(text, 'cpt_provider_info'), 1);
  assert.equal(sampleValue(text, 'cpt_provider_info', { provider: 'cpu' }), 1);
  assert.equal(sampleValue(text, 'cpt_provider_fallbacks_total', { provider: 'cuda' }), 1);
  assert.equal(sampleValue(text, 'cpt_provider_fallbacks_total', { provider: 'webgpu' }), 0);
});

test('a retired domain has no values any more, and its place under the cap is free again', async () => {
  const metrics = createMetrics({ version: '0', lineage, maxDomains: 2 });
  for (const event of story(lineage)) metrics.observe(event);
  metrics.observe(withdrawn(lineage, 'd1'));
  const trained = [...story(lineage)].find((event) => event.event === 'TaskTrained')!;
  const loss = { domain: 'd9', base: 2, published: 1, own: 1, current: 1 };
  metrics.observe({ ...trained, losses: [loss] } as CptEvent);
  const text = await metrics.exposition();
  const named = parseExposition(text).flatMap(({ labels }) => labels.domain ?? []);
  assert.deepEqual([...new Set(named)].sort(), ['d2', 'd9']);
  metrics.observe(withdrawn(lineage, 'd77')); // beyond the cap: what it shared with others stays
  assert.equal(sampleValue(await metrics.exposition(), 'cpt_forgetting_nats', { domain: 'd2' }), 0);
});

test('domains beyond the cap share "other", and lineages have a cap too', async () => {
  const metrics = createMetrics({ version: '0', maxDomains: 3 });
  const trained = [...story(lineage)].find((event) => event.event === 'TaskTrained')!;
  const losses = Array.from({ length: 50 }, (_, n) => ({
    domain: `d${n}`,
    base: 2,
    published: 1,
    own: 1,
    current: 1,
  }));
  metrics.observe({ ...trained, losses } as CptEvent);
  for (let n = 0; n < 100; n++)
    metrics.observe({ event: 'BackpressureApplied', lineage: `l${n}`, seconds: 1 });
  const samples = parseExposition(await metrics.exposition());
  const domains = new Set(
    samples.filter(({ name }) => name === 'cpt_forgetting_nats').map(({ labels }) => labels.domain),
  );
  assert.deepEqual([...domains], ['d0', 'd1', 'd2', 'other']);
  const held = samples.filter(({ name }) => name === 'cpt_backpressure_seconds_total');
  assert.equal(held.length, 21);
  assert.equal(
    held.reduce((sum, { value }) => sum + value, 0),
    100,
  );
});

test('property: hostile names come out as one escaped label', async () => {
  const name = fc.string({
    unit: fc.oneof(fc.constantFrom('"', '\\', '\n', '\r', '{', '}', '\ud800', ' '), fc.string()),
  });
  await fc.assert(
    fc.asyncProperty(name, name, async (hostile, domain) => {
      const metrics = createMetrics({ version: hostile });
      metrics.observe({ event: 'BackpressureApplied', lineage: hostile, seconds: 2 });
      const loss = { domain, base: 2, published: 1, own: 1, current: 1 };
      const trained = [...story(hostile)].find((event) => event.event === 'TaskTrained')!;
      metrics.observe({ ...trained, losses: [loss] } as CptEvent);
      const text = await metrics.exposition();
      const shown = (raw: string) =>
        (raw.length > 128 ? `${raw.slice(0, 127)}…` : raw).replace(/\p{Surrogate}/gu, '\ufffd');
      assert.equal(sampleValue(text, 'cpt_backpressure_seconds_total', { lineage: shown(hostile) }), 2);
      assert.equal(sampleValue(text, 'cpt_forgetting_nats', { domain: shown(domain) }), 0);
    }),
    { numRuns: 40 },
  );
});

test('metrics of the process have the prefix', async () => {
  const text = await createMetrics({ version: '0', processMetrics: true }).exposition();
  assert.ok((sampleValue(text, 'cpt_process_resident_memory_bytes') ?? 0) > 0);
  for (const { name } of parseExposition(text)) assert.match(name, /^cpt_/);
});
