/** Everything that can be set about a run, and what holds where nothing is set. */
import { SEGMENTER_DEFAULTS, type SegmenterOptions } from '../domains/options.ts';
import { FEATURE_DEFAULTS, type FeatureOptions } from '../edge/encoder/options.ts';
import { type KafkaLogin, LOGIN_DEFAULTS } from '../edge/kafka/login-options.ts';
import { READING_DEFAULTS, type ReadingOptions } from '../edge/kafka/reading-options.ts';
import { MACHINE_DEFAULTS, type MachineOptions } from '../edge/roles/options.ts';
import { TRAINER_DEFAULTS, type TrainerOptions } from '../edge/trainer/options.ts';
import { DECODE_DEFAULTS, type DecodeOptions } from '../text/decode.ts';
import { TASK_DEFAULTS, type TaskOptions } from '../train/options.ts';

export const LOG_LEVELS = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

/** What `feed` and `base` are when they stand for what comes with the package. */
export const BUNDLED = 'bundled';

export interface Config {
  /** Which of `pipelines/` runs. */
  readonly pipeline: string;
  /** A file, `-` for standard input, `kafka://host:port/topic`, or `bundled` for the sample. */
  readonly feed: string;
  /** End with the feed even where it is a live one. */
  readonly once: boolean;
  /** Seconds between the beginnings of two tasks; 0: each begins as soon as it can. */
  readonly taskInterval: number;
  /** Seconds from the signal that asks to stop to the end of the process. */
  readonly grace: number;
  /** Folder of the durable state; nobody but this program reads it. */
  readonly state: string;
  /** Folder that lineages are published in. */
  readonly out: string;
  readonly lineage: string;
  /** A folder, a hub id (`org/name`, `org/name@revision`), or `bundled`. */
  readonly base: string;
  /** Never ask a hub: what is in the cache must do. */
  readonly offline: boolean;
  readonly strategy: string;
  readonly port: number | 'off';
  readonly host: string;
  /** `kafka://host:port`, brokers that events go to, or empty. */
  readonly events: string;
  /** `kafka://host:port/topic` that records without a passage go to; empty: a file in the state folder. */
  readonly deadLetters: string;
  /** Events as JSON Lines on standard output. */
  readonly json: boolean;
  readonly logLevel: LogLevel;
  /** How brokers are spoken to; hosts and topics are in the URLs. */
  readonly kafka: KafkaLogin;
  readonly machines: MachineOptions;
  /** How topics are read. */
  readonly reading: ReadingOptions;
  readonly decode: DecodeOptions;
  readonly segmenter: SegmenterOptions & FeatureOptions;
  readonly task: TaskOptions;
  readonly trainer: TrainerOptions;
}

export const CONFIG_DEFAULTS: Config = {
  pipeline: 'cpt',
  feed: BUNDLED,
  once: false,
  taskInterval: 0,
  grace: 25, // Kubernetes kills after 30
  state: '.cpt/state',
  out: 'out',
  lineage: '', // the feed's name, see `lineageOf`
  base: BUNDLED,
  offline: false,
  strategy: 'cpt',
  port: 9464,
  host: '127.0.0.1',
  events: '',
  deadLetters: '',
  json: false,
  logLevel: 'warn',
  kafka: LOGIN_DEFAULTS,
  machines: MACHINE_DEFAULTS,
  reading: READING_DEFAULTS,
  decode: DECODE_DEFAULTS,
  segmenter: { ...SEGMENTER_DEFAULTS, ...FEATURE_DEFAULTS },
  task: TASK_DEFAULTS,
  trainer: TRAINER_DEFAULTS,
};

export const LINEAGE_NAME = /^[a-z0-9][a-z0-9._-]{0,63}$/;

/** A lineage's name from its feed: `data/Reviews 2024.jsonl.gz` gives `reviews-2024`. */
export function lineageOf(feed: string): string {
  if (feed === BUNDLED) return 'sample';
  if (feed === '-') return 'stdin';
  const last =
    feed
      .replace(/[?#].*$/, '')
      .split(feed.startsWith('kafka:') ? '/' : /[/\\]/)
      .filter(Boolean)
      .at(-1) ?? '';
  const name = last
    .normalize('NFKD')
    .toLowerCase()
    .replace(/\.gz$/, '')
    .replace(/\.(jsonl|ndjson|json|txt|text|log)$/, '')
    .replace(/[^a-z0-9._-]+/g, '-')
    .replace(/^[^a-z0-9]+|[.-]+$/g, '')
    .slice(0, 64);
  return LINEAGE_NAME.test(name) ? name : 'lineage';
}
