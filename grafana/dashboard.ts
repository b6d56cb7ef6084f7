/**
 * The dashboard as code. `node --import tsx grafana/dashboard.ts` writes dashboards/cpt-stream.json, which is
 * what Grafana is given; a test compares the two.
 */
import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import {
  type Dashboard,
  DashboardBuilder,
  DashboardCursorSync,
  DatasourceVariableBuilder,
  QueryVariableBuilder,
  RowBuilder,
  VariableRefresh,
  VariableSort,
} from '@grafana/grafana-foundation-sdk/dashboard';
import { cells, DATA_SOURCE, number, overTime } from './queries.ts';

/** More than rounding: a loss is measured twice on the same machine and must come out equal. */
const FORGOTTEN = 1e-6; // nats

const DASHED = [{ id: 'custom.lineStyle', value: { fill: 'dash', dash: [8, 8] } }];

export function buildDashboard(): Dashboard {
  return new DashboardBuilder('cpt-stream')
    .uid('cpt-stream')
    .description('What the stream brings, what the model learns from it, and that nothing is forgotten.')
    .tags(['cpt-stream'])
    .time({ from: 'now-1h', to: 'now' })
    .refresh('5s')
    .timezone('browser')
    .tooltip(DashboardCursorSync.Crosshair)
    .withVariable(new DatasourceVariableBuilder('datasource').label('Data source').type('prometheus'))
    .withVariable(
      new QueryVariableBuilder('lineage')
        .label('Lineage')
        .datasource(DATA_SOURCE)
        .query('label_values(cpt_passages_read_total, lineage)')
        .refresh(VariableRefresh.OnTimeRangeChanged)
        .sort(VariableSort.AlphabeticalAsc)
        .multi(true)
        .includeAll(true)
        .allValue('.*')
        .current({ selected: true, text: ['All'], value: ['$__all'] }),
    )

    .withRow(new RowBuilder('At a glance'))
    .withPanel(
      number(
        {
          title: 'Worst forgetting',
          description: 'Largest rise of any domain’s loss since its checkpoint was published. Must be 0.',
          unit: 'none',
          queries: [['max(cpt_forgetting_nats{})', 'nats']],
        },
        FORGOTTEN,
      ).decimals(3),
    )
    .withPanel(
      number(
        {
          title: 'Proofs failed',
          description: 'Tasks after which an earlier domain’s bytes or logits had changed. Must be 0.',
          unit: 'none',
          queries: [['sum(cpt_forgetting_proofs_total{,outcome="failed"})', 'failed']],
        },
        1,
      ),
    )
    .withPanel(
      number({
        title: 'Checkpoints',
        description: 'Checkpoints published since the start.',
        unit: 'none',
        queries: [['sum(cpt_checkpoints_published_total{})', 'published']],
      }),
    )
    .withPanel(
      number({
        title: 'Checkpoint age',
        description: 'Time since the newest checkpoint. Grows while a domain is open; compare with the feed.',
        unit: 's',
        queries: [['min(cpt_checkpoint_age_seconds{})', 'age']],
      }),
    )
    .withPanel(
      number({
        title: 'Domains closed',
        description: 'Domains cut from the stream, returning ones counted again.',
        unit: 'none',
        queries: [['sum(cpt_domains_closed_total{})', 'closed']],
      }),
    )
    .withPanel(
      number(
        {
          title: 'Dead letters',
          description: 'Records put aside since the start, all reasons.',
          unit: 'none',
          queries: [['sum(cpt_dead_letters_total{})', 'records']],
        },
        1,
      ),
    )

    .withRow(new RowBuilder('Forgetting'))
    .withPanel(
      cells(
        {
          title: 'Forgetting by domain and task',
          description:
            'One row per domain, one column per moment; values change when a task ends. Rise of the loss of the domain’s own checkpoint since it was published: 0 everywhere is the promise.',
          unit: 'none',
          queries: [['cpt_forgetting_nats{}', '{{domain}}']],
        },
        FORGOTTEN,
      ),
    )
    .withPanel(
      overTime({
        title: 'Forgetting proofs',
        description:
          'After each task every earlier domain’s neurons and probe logits are hashed and compared.',
        unit: 'none',
        queries: [['cpt_forgetting_proofs_total{}', '{{outcome}}']],
      }),
    )
    .withPanel(
      overTime({
        title: 'Held-out loss by domain',
        description:
          'Masked-LM loss on passages kept aside, nats per masked token. Dashed: the untouched base. A domain’s own checkpoint lies below it and stays level.',
        unit: 'none',
        queries: [['cpt_mlm_loss_nats{}', '{{domain}} {{model}}']],
      })
        .span(16)
        .decimals(2)
        .overrideByRegexp('/ base$/', DASHED),
    )
    .withPanel(
      overTime({
        title: 'Transfer',
        description:
          'Backward: mean change on earlier domains (0: nothing forgotten). Forward: how much the newest earlier checkpoint beats the base on the newest domain before it is trained.',
        unit: 'none',
        queries: [
          ['cpt_backward_transfer_nats{}', 'backward'],
          ['cpt_forward_transfer_nats{}', 'forward'],
        ],
      }).decimals(2),
    )

    .withRow(new RowBuilder('Domains'))
    .withPanel(
      overTime({
        title: 'Drift statistic against threshold',
        description: 'A domain closes when the statistic stays above the threshold (dashed).',
        unit: 'none',
        queries: [
          ['cpt_drift_statistic{}', 'statistic'],
          ['cpt_drift_threshold{}', 'threshold'],
        ],
      }).overrideByName('threshold', DASHED),
    )
    .withPanel(
      overTime({
        title: 'Domains closed, passages in the open one',
        description: 'The open domain grows until it is closed.',
        unit: 'none',
        queries: [
          ['cpt_domains_closed_total{}', 'domains closed'],
          ['cpt_domain_open_passages{}', 'open passages'],
        ],
      }),
    )
    .withPanel(
      overTime({
        title: 'Distance to known domains',
        description: 'Of the open domain to the nearest closed ones; a returning domain comes near.',
        unit: 'none',
        queries: [['cpt_domain_distance{}', '{{domain}}']],
      }),
    )
    .withPanel(
      overTime({
        title: 'Out-of-vocabulary rate',
        description:
          'Share of the words of the open domain’s newest text that are not one known token of the base’s tokenizer. A step up: text that the base has hardly met.',
        unit: 'percentunit',
        queries: [['cpt_domain_open_out_of_vocabulary_ratio{}', 'words']],
      }).min(0),
    )
    .withPanel(
      overTime({
        title: 'Bytes per token',
        description: 'Of the open domain’s newest text, UTF-8. Falls where the tokenizer cuts finer.',
        unit: 'none',
        queries: [['cpt_domain_open_bytes_per_token{}', 'bytes']],
      }).decimals(2),
    )
    .withPanel(
      overTime({
        title: 'Loss on the open domain',
        description:
          'Masked-LM loss on a sample of the open domain, nats, measured between tasks each time that it has doubled: the untouched base (dashed), the newest checkpoint. What lies between them earlier tasks have won.',
        unit: 'none',
        queries: [['cpt_domain_open_loss_nats{}', '{{model}}']],
      })
        .decimals(2)
        .overrideByName('base', DASHED),
    )

    .withRow(new RowBuilder('Training'))
    .withPanel(
      overTime({
        title: 'Passages per second',
        description: 'Read from the feed and accepted.',
        unit: 'none',
        queries: [['rate(cpt_passages_read_total{}[$__rate_interval])', 'passages/s']],
      }),
    )
    .withPanel(
      overTime({
        title: 'Tokens trained per second',
        description: 'Zero between tasks.',
        unit: 'none',
        queries: [['rate(cpt_train_tokens_total{}[$__rate_interval])', 'tokens/s']],
      }),
    )
    .withPanel(
      overTime({
        title: 'Training loss',
        description: 'Masked-LM loss of the newest step, nats per masked token; starts anew with each task.',
        unit: 'none',
        queries: [['cpt_train_loss{}', 'loss']],
      }),
    )
    .withPanel(
      overTime({
        title: 'Tasks',
        description: 'Ended tasks: trained, failed and tried again, or given up.',
        unit: 'none',
        queries: [['cpt_tasks_total{}', '{{outcome}}']],
      }),
    )
    .withPanel(
      overTime({
        title: 'Task duration',
        description: 'Mean over the tasks so far.',
        unit: 's',
        queries: [['cpt_task_duration_seconds_sum{} / cpt_task_duration_seconds_count{}', 'mean']],
      }),
    )
    .withPanel(
      overTime({
        title: 'Trainer restarts',
        description:
          'Times that the trainer process was started again: it died (CPT_TRAIN), was silent (CPT_HANG) or lacked memory (CPT_MEMORY).',
        unit: 'none',
        queries: [['cpt_trainer_restarts_total{}', '{{reason}}']],
      }),
    )
    .withPanel(
      overTime({
        title: 'Trainer memory',
        description: 'Resident memory of the trainer process.',
        unit: 'bytes',
        queries: [['cpt_trainer_memory_bytes{}', 'resident']],
      }),
    )
    .withPanel(
      overTime({
        title: 'Plugin neurons',
        description: 'Free ones are what later domains can still claim; shared ones serve several domains.',
        unit: 'none',
        queries: [['cpt_plugin_neurons{}', '{{state}}']],
      }),
    )

    .withRow(new RowBuilder('Operation'))
    .withPanel(
      overTime({
        title: 'Feed lag',
        description: 'Passages known to wait in the feed. Growing without end: training cannot keep up.',
        unit: 'none',
        queries: [['cpt_feed_lag_passages{}', 'passages']],
      }),
    )
    .withPanel(
      overTime({
        title: 'Backpressure',
        description: 'Share of the time for which the feed is held back because training is behind.',
        unit: 'percentunit',
        queries: [['rate(cpt_backpressure_seconds_total{}[$__rate_interval])', 'held back']],
      }).min(0),
    )
    .withPanel(
      overTime({
        title: 'Dead letters by reason',
        description: 'Records put aside with their original bytes and a reason; their neighbours went on.',
        unit: 'none',
        queries: [['cpt_dead_letters_total{}', '{{reason}}']],
      }),
    )
    .withPanel(
      overTime({
        title: 'Publishing',
        description: 'Mean duration of writing a checkpoint, all its files synced to disk.',
        unit: 's',
        queries: [['cpt_publish_duration_seconds_sum{} / cpt_publish_duration_seconds_count{}', 'mean']],
      }),
    )
    .withPanel(
      overTime({
        title: 'Memory',
        description: 'Resident memory of the process that reads the feed; the trainer is another process.',
        unit: 'bytes',
        queries: [['cpt_process_resident_memory_bytes', 'resident']],
      }),
    )
    .withPanel(
      overTime({
        title: 'Version and provider',
        description: 'What runs, and what executes the compiled graphs.',
        unit: 'none',
        queries: [
          ['cpt_build_info', 'cpt-stream {{version}}'],
          ['cpt_provider_info{}', 'provider {{provider}}'],
        ],
      }),
    )

    .withRow(new RowBuilder('Topics, and more than one machine'))
    .withPanel(
      overTime({
        title: 'Messages that wait to be sent',
        description:
          'Held back because their topic does not take them. Dead letters that wait hold the feed up; events wait in the state.',
        unit: 'none',
        queries: [['cpt_sending_held_messages{}', '{{of}}']],
      }),
    )
    .withPanel(
      overTime({
        title: 'Records lost',
        description:
          'Gone from the topic before they were read: it keeps them for too short a time, or was made anew.',
        unit: 'none',
        queries: [['cpt_feed_records_lost_total{}', '{{reason}}']],
      }),
    )
    .withPanel(
      overTime({
        title: 'Tasks handed over',
        description: 'Closed domains that were given to the trainers of other machines.',
        unit: 'none',
        queries: [['cpt_tasks_total{,outcome="handed_over"}', '{{lineage}}']],
      }),
    )
    .withPanel(
      overTime({
        title: 'Lineage epoch',
        description: 'Trainers that have had the lineage so far. Rising often: they lose it to one another.',
        unit: 'none',
        queries: [['max by (lineage) (cpt_lineage_epoch{})', '{{lineage}}']],
      }),
    )
    .withPanel(
      overTime({
        title: 'Tasks fenced and waiting',
        description:
          'Given up because another trainer has the lineage (CPT_FENCED); put off because the store lacks something (CPT_STORE).',
        unit: 'none',
        queries: [
          ['sum by (reason) (cpt_task_failures_total{,reason=~"CPT_FENCED|CPT_STORE"})', '{{reason}}'],
        ],
      }),
    )
    .withPanel(
      overTime({
        title: 'Requests for checkpoints',
        description: 'Answered by the model hub per second, by HTTP status.',
        unit: 'reqps',
        queries: [['sum by (status) (rate(cpt_serve_requests_total{}[$__rate_interval]))', '{{status}}']],
      }),
    )
    .build();
}

/** As it is committed: stable, readable, ending in a newline. */
export function dashboardJson(): string {
  return `${JSON.stringify(buildDashboard(), null, 2)}\n`;
}

export const DASHBOARD_FILE = fileURLToPath(new URL('dashboards/cpt-stream.json', import.meta.url));

if (process.argv[1] === fileURLToPath(import.meta.url)) writeFileSync(DASHBOARD_FILE, dashboardJson());
