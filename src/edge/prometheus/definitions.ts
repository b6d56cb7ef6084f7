/** Every metric by name: a contract that dashboards and alerts are written against. */
import { Counter, Gauge, Histogram, type Registry } from 'prom-client';

const SECONDS = [0.1, 0.3, 1, 3, 10, 30, 60, 120, 300, 600, 1800, 3600, 10_800];
const FAST_SECONDS = [0.01, 0.03, 0.1, 0.3, 1, 3, 10, 30, 100];

/** @param age seconds since the newest checkpoint of each lineage, asked for at every scrape */
export function defineMetrics(registry: Registry, age: () => ReadonlyMap<string, number>) {
  const registers = [registry];
  const counter = <L extends string>(name: string, help: string, ...labels: L[]): Counter<L | 'lineage'> =>
    new Counter({ name, help, labelNames: ['lineage', ...labels], registers });
  const gauge = <L extends string>(name: string, help: string, ...labels: L[]): Gauge<L | 'lineage'> =>
    new Gauge({ name, help, labelNames: ['lineage', ...labels], registers });
  const histogram = (name: string, help: string, buckets: number[]): Histogram<'lineage'> =>
    new Histogram({ name, help, labelNames: ['lineage'], buckets, registers });

  const checkpointAge: Gauge<'lineage'> = new Gauge({
    name: 'cpt_checkpoint_age_seconds',
    help: 'Seconds since the newest checkpoint was published.',
    labelNames: ['lineage'],
    registers,
    collect() {
      for (const [lineage, seconds] of age()) this.set({ lineage }, seconds);
    },
  });

  return {
    // feed
    passagesRead: counter('cpt_passages_read_total', 'Passages read from the feed and accepted.'),
    bytesRead: counter('cpt_passages_read_bytes_total', 'Bytes of the passages read and accepted.'),
    skipped: counter('cpt_passages_skipped_total', 'Records left out, by reason: their language.', 'reason'),
    deadLetters: counter('cpt_dead_letters_total', 'Records put aside, by reason.', 'reason'),
    held: gauge(
      'cpt_sending_held_messages',
      'Messages that wait because their topic does not take them: dead letters, events.',
      'of',
    ),
    recordsLost: counter(
      'cpt_feed_records_lost_total',
      'Records that were gone before they were read, by reason; 1 where their number cannot be known.',
      'reason',
    ),
    lag: gauge('cpt_feed_lag_passages', 'Records known to wait in the feed.'),
    backpressure: counter('cpt_backpressure_seconds_total', 'Seconds for which the feed was held back.'),
    // domains
    driftStatistic: gauge('cpt_drift_statistic', 'Drift statistic of the open domain, standard deviations.'),
    driftThreshold: gauge('cpt_drift_threshold', 'The statistic at which a change is suspected.'),
    driftDetected: counter('cpt_drift_detected_total', 'Changes detected.'),
    openPassages: gauge('cpt_domain_open_passages', 'Passages in the open domain.'),
    openBytesPerToken: gauge(
      'cpt_domain_open_bytes_per_token',
      "UTF-8 bytes per token of the base's tokenizer, on a sample of the open domain.",
    ),
    openOutOfVocabulary: gauge(
      'cpt_domain_open_out_of_vocabulary_ratio',
      'Share of words that are not one known token, 0 to 1, on a sample of the open domain.',
    ),
    openLoss: gauge(
      'cpt_domain_open_loss_nats',
      'Masked-LM loss of the base and of the newest checkpoint on a sample of the open domain.',
      'model',
    ),
    domainsClosed: counter('cpt_domains_closed_total', 'Domains closed, returning ones too.'),
    closings: counter('cpt_domain_closings_total', 'Domains closed, by what closed them.', 'reason'),
    heldDomains: gauge('cpt_domains_held', 'Domains of which short runs are held until they can be closed.'),
    heldPassages: gauge('cpt_domains_held_passages', 'Passages of the runs that are held.'),
    joined: counter('cpt_domains_joined_total', 'Closed domains that joined a waiting task of their name.'),
    sampledOut: counter(
      'cpt_passages_sampled_out_total',
      'Passages that fell out of a waiting task beyond its bounds; nothing trains on them.',
    ),
    domainsReturned: counter('cpt_domains_returned_total', 'Domains closed that continue an earlier one.'),
    domainInfo: gauge(
      'cpt_domain_info',
      'A closed domain and its most distinctive words; the value is 1.',
      'domain',
      'label',
    ),
    domainDistance: gauge(
      'cpt_domain_distance',
      'Distance of the open domain from the nearest closed ones.',
      'domain',
    ),
    // tasks
    tasks: counter(
      'cpt_tasks_total',
      'Tasks ended: trained, handed over, failed, or failed and tried again.',
      'outcome',
    ),
    taskFailures: counter('cpt_task_failures_total', 'Tasks that failed, by error code.', 'reason'),
    taskDuration: histogram('cpt_task_duration_seconds', 'Duration of the tasks that were trained.', SECONDS),
    proofDuration: histogram(
      'cpt_proof_duration_seconds',
      'Duration of the proofs after a task, part of the task.',
      FAST_SECONDS,
    ),
    taskDelay: counter(
      'cpt_task_delay_seconds_total',
      'Seconds for which tasks waited because another was begun not long before.',
    ),
    taskProgress: gauge('cpt_task_progress_ratio', 'Steps done of the running task, 0 to 1.'),
    tasksResumed: counter('cpt_tasks_resumed_total', 'Tasks that went on from a saved step.'),
    restarts: counter(
      'cpt_trainer_restarts_total',
      'Times that the trainer process was started again, by what ended it.',
      'reason',
    ),
    warnings: counter(
      'cpt_trainer_warnings_total',
      'Failures that a task went on without, by code.',
      'reason',
    ),
    trainerMemory: gauge('cpt_trainer_memory_bytes', 'Resident memory of the trainer process.'),
    microBatch: gauge('cpt_train_micro_batch_blocks', 'Blocks in one pass of a training step.'),
    trainTokens: counter('cpt_train_tokens_total', 'Tokens trained on.'),
    trainLoss: gauge('cpt_train_loss', 'Masked-LM loss of the newest training step, nats.'),
    epoch: gauge(
      'cpt_lineage_epoch',
      'Trainers that have had the lineage so far, where several share the work.',
    ),
    // what was learnt and kept
    mlmLoss: gauge(
      'cpt_mlm_loss_nats',
      "Held-out masked-LM loss by domain: untouched base, the domain's own checkpoint, the newest one.",
      'domain',
      'model',
    ),
    forgetting: gauge(
      'cpt_forgetting_nats',
      "How much the loss of a domain's own checkpoint has risen since it was published.",
      'domain',
    ),
    proofs: counter(
      'cpt_forgetting_proofs_total',
      'Proofs that nothing was forgotten, by outcome.',
      'outcome',
    ),
    backwardTransfer: gauge(
      'cpt_backward_transfer_nats',
      'Mean over earlier domains of published less own loss.',
    ),
    forwardTransfer: gauge(
      'cpt_forward_transfer_nats',
      'Base less newest earlier checkpoint on the newest domain, before it was trained.',
    ),
    neurons: gauge('cpt_plugin_neurons', 'Plugin neurons: free, claimed, and of those shared.', 'state'),
    // checkpoints
    published: counter('cpt_checkpoints_published_total', 'Checkpoints published.'),
    publishedBytes: counter('cpt_checkpoints_published_bytes_total', 'Bytes of the published checkpoints.'),
    publishDuration: histogram('cpt_publish_duration_seconds', 'Duration of publishing.', FAST_SECONDS),
    withdrawn: counter('cpt_checkpoints_withdrawn_total', 'Checkpoints withdrawn with their domains.'),
    checkpointAge,
    requests: counter('cpt_serve_requests_total', 'Requests for checkpoints, by HTTP status.', 'status'),
    servedBytes: counter('cpt_serve_bytes_total', 'Bytes of checkpoints sent.'),
    // the program
    provider: gauge('cpt_provider_info', 'What executes the compiled graphs; the value is 1.', 'provider'),
    fallbacks: counter(
      'cpt_provider_fallbacks_total',
      'Times that a provider was passed over at a start of the trainer, because it failed or is slow.',
      'provider',
    ),
    build: new Gauge({
      name: 'cpt_build_info',
      help: 'Version of cpt-stream; the value is 1.',
      labelNames: ['version'],
      registers,
    }),
  };
}

export type MetricSet = ReturnType<typeof defineMetrics>;
