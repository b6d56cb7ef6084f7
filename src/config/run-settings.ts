/** Settings of a run: what runs, where it reads and writes, what it serves and prints. */
import { parseBrokersUrl, parseFeedUrl, parseTopicUrl } from '../edge/kafka/url.ts';
import { type Config, LINEAGE_NAME, LOG_LEVELS } from './config-type.ts';
import { choice, number, onOff, refusal, text } from './kinds.ts';
import type { SettingSpec } from './setting.ts';

type RunPath = { [Key in keyof Config]: Config[Key] extends object ? never : Key }[keyof Config];

export const RUN_SETTINGS: Readonly<Record<RunPath, SettingSpec>> = {
  pipeline: {
    flag: 'pipeline',
    group: 'pipeline',
    kind: text('the name of a file in pipelines/', /^[a-z0-9][a-z0-9-]*$/),
    placeholder: 'NAME',
    about: 'the stream to run',
  },
  feed: {
    flag: 'feed',
    group: 'pipeline',
    kind: text(
      'a file, - for standard input, kafka://host:port/topic, or bundled for the sample',
      /^[^\0]+$/,
      (feed) => (feed.startsWith('kafka:') ? refusal(() => parseFeedUrl(feed)) : null),
    ),
    placeholder: 'FEED',
    about: 'where passages come from: FILE (.gz too), -, kafka://host:port/topic[,topic] or /~pattern',
    secret: 'url',
  },
  once: {
    flag: 'once',
    group: 'pipeline',
    kind: onOff,
    about: 'stop at the end of what a live feed holds now',
  },
  taskInterval: {
    flag: 'task-interval',
    group: 'pipeline',
    kind: number(0, 1e9),
    about: 'least time from one task to the next; what comes meanwhile joins, 0: no wait',
    unit: 'seconds',
  },
  grace: {
    flag: 'grace',
    group: 'pipeline',
    kind: number(1, 86_400),
    about: 'longest time from SIGTERM or ^C to the end',
    unit: 'seconds',
  },
  state: {
    flag: 'state',
    group: 'places',
    kind: text('a path'),
    placeholder: 'DIR',
    about: 'folder of the durable state',
  },
  out: {
    flag: 'out',
    group: 'places',
    kind: text('a path'),
    placeholder: 'DIR',
    about: 'folder that checkpoints are published in',
  },
  lineage: {
    flag: 'lineage',
    group: 'places',
    kind: text('1 to 64 of a-z, 0-9, ".", "_" and "-", a letter or a digit first', LINEAGE_NAME),
    placeholder: 'NAME',
    about: "name of the model's line; by default the feed's",
  },
  base: {
    flag: 'base',
    group: 'base',
    kind: text('a folder, a hub id (org/name or org/name@revision), or bundled'),
    placeholder: 'DIR|ID',
    about: 'the frozen base model: a folder, or org/name[@revision] on a hub',
  },
  offline: {
    flag: 'offline',
    group: 'base',
    kind: onOff,
    about: 'ask no hub, take the base from the cache (HF_HUB_OFFLINE does the same)',
  },
  strategy: {
    flag: 'strategy',
    group: 'base',
    kind: text('the name of a file in src/strategies/', /^[a-z0-9][a-z0-9-]*$/),
    placeholder: 'NAME',
    about: 'how domains are learnt',
  },
  port: {
    flag: 'port',
    group: 'serving',
    kind: { is: 'port' },
    about: 'metrics and health; 0 takes a free port, off serves nothing',
  },
  host: {
    flag: 'host',
    group: 'serving',
    kind: text('a host name or an address', /^[A-Za-z0-9.:_-]+$/),
    about: 'address to listen on',
  },
  events: {
    flag: 'events',
    group: 'serving',
    kind: text('kafka://host:port, or nothing', /^$|^kafka:\/\/[^\0]*$/, (url) =>
      url === '' ? null : refusal(() => parseBrokersUrl(url)),
    ),
    placeholder: 'kafka://…',
    about: 'brokers that closed domains and checkpoints are told to',
    secret: 'url',
  },
  deadLetters: {
    flag: 'dead-letters',
    group: 'serving',
    kind: text('kafka://host:port/topic, or nothing', /^$|^kafka:\/\/[^\0]*$/, (url) =>
      url === '' ? null : refusal(() => parseTopicUrl(url)),
    ),
    placeholder: 'kafka://…',
    about: 'topic for records without a passage; otherwise a file in the state folder',
    secret: 'url',
  },
  json: {
    flag: 'json',
    group: 'output',
    kind: onOff,
    about: 'print JSON on standard output instead of text',
  },
  logLevel: {
    flag: 'log-level',
    group: 'output',
    kind: choice(...LOG_LEVELS),
    about: 'least severe entry that is logged to standard error',
  },
};
