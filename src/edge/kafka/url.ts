/**
 * `kafka://host:port[,host:port…]/topic[,topic…][?group=…&until=end]` or `…/~pattern`, by hand: a URL class knows
 * one host only.
 */
import { CptError } from '../../errors.ts';
import { patternFault, type TopicSelection } from './selection.ts';

export interface KafkaFeedUrl {
  /** `host:port` each. */
  readonly brokers: string[];
  readonly topic: TopicSelection;
  /** The consumer group that the URL names. */
  readonly group?: string;
  /** `until=end`: the feed ends at what the topic held when it was opened. */
  readonly untilEnd: boolean;
}

const TOPIC = /^[a-zA-Z0-9._-]{1,249}$/;
const HOST = /^(?:[a-zA-Z0-9._-]+|\[[0-9a-fA-F:.]+\])$/;
const FORM =
  'A Kafka feed is written kafka://host:port[,host:port]/topic[,topic][?group=name][&until=end], or with ~pattern.';

/** @throws CptError CPT_CONFIG naming the part that is wrong */
export function parseFeedUrl(url: string): KafkaFeedUrl {
  const { brokers, path, query } = split(url);
  const topic = selection(decode(path, url), url);
  let group: string | undefined;
  let untilEnd = false;
  for (const [name, value] of query) {
    if (name === 'group' && value !== '' && value.length <= 255) group = value;
    else if (name === 'until' && value === 'end') untilEnd = true;
    else throw wrong(url, 'group=name and until=end are the settings that it may have');
  }
  return { brokers, topic, untilEnd, ...(group === undefined ? {} : { group }) };
}

/** A feed of one topic by its name. @throws CptError CPT_CONFIG naming the part that is wrong */
export function parseOneTopicUrl(url: string): KafkaFeedUrl & { readonly topic: string } {
  const parsed = parseFeedUrl(url);
  const { topic } = parsed;
  if (typeof topic !== 'string') throw wrong(url, 'one topic is expected here');
  return { ...parsed, topic };
}

/**
 * `kafka://host:port[,host:port…]/topic`, where something is sent.
 * @throws CptError CPT_CONFIG naming the part that is wrong
 */
export function parseTopicUrl(url: string): { readonly brokers: string[]; readonly topic: string } {
  const { brokers, topic } = parseOneTopicUrl(url);
  if (url.includes('?')) throw wrong(url, 'only hosts, ports and a topic are expected here');
  return { brokers, topic };
}

/**
 * `kafka://host:port[,host:port…]`, where events are published.
 * @throws CptError CPT_CONFIG naming the part that is wrong
 */
export function parseBrokersUrl(url: string): string[] {
  const { brokers, path, query } = split(url);
  if (path !== '' || query.size > 0) throw wrong(url, 'only hosts and ports are expected here');
  return brokers;
}

function split(url: string): { brokers: string[]; path: string; query: URLSearchParams } {
  const match = /^kafka:\/\/([^/?#]*)(?:\/([^?#]*))?(?:\?([^#]*))?$/.exec(url);
  if (match === null) throw wrong(url, 'it does not have that form');
  const authority = match[1] ?? '';
  if (authority.includes('@')) {
    throw new CptError('CPT_CONFIG', 'A Kafka URL must not hold a user or a password.', {
      hint: 'Give credentials in the configuration, where they are kept out of logs.',
    });
  }
  const brokers = authority.split(',').map((broker) => {
    const part = /^(.*?)(?::(\d*))?$/.exec(broker);
    const host = part?.[1] ?? '';
    const port = part?.[2] ?? '9092';
    if (!HOST.test(host)) throw wrong(url, `${JSON.stringify(broker)} is no host:port`);
    if (!/^\d{1,5}$/.test(port) || Number(port) < 1 || Number(port) > 65535) {
      throw wrong(url, `${JSON.stringify(broker)} has no valid port`);
    }
    return `${host}:${port}`;
  });
  return { brokers, path: match[2] ?? '', query: new URLSearchParams(match[3] ?? '') };
}

/** `~` begins a pattern; an escaped comma or slash in one stands for itself. */
function selection(path: string, url: string): TopicSelection {
  if (path === '') throw wrong(url, 'it names no topic');
  if (path.startsWith('~')) {
    const pattern = path.slice(1);
    const fault = patternFault(pattern);
    if (fault !== null) throw wrong(url, fault);
    return { pattern };
  }
  const names = [...new Set(path.split(','))];
  for (const name of names) {
    if (!TOPIC.test(name) || name === '.' || name === '..') {
      throw wrong(url, 'its path is no topic name (1 to 249 letters, digits, ".", "_" or "-")');
    }
  }
  return names.length === 1 ? names[0]! : names;
}

function decode(path: string, url: string): string {
  try {
    return decodeURIComponent(path);
  } catch {
    throw wrong(url, 'its path has a broken escape');
  }
}

function wrong(url: string, what: string): CptError {
  return new CptError('CPT_CONFIG', `The Kafka URL ${JSON.stringify(redact(url))} is wrong: ${what}.`, {
    hint: FORM,
  });
}

/** A mistyped URL may hold a password anywhere before an `@`. */
function redact(url: string): string {
  const text = url.replace(/^(kafka:\/\/).*@/, '$1…@');
  return text.length > 200 ? `${text.slice(0, 200)}…` : text;
}
