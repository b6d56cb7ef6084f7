/** `kafka://host:port[,host:port…]/topic[?group=…&until=end]`, by hand: a URL class knows one host only. */
import { CptError } from '../../errors.ts';

export interface KafkaFeedUrl {
  /** `host:port` each. */
  readonly brokers: string[];
  readonly topic: string;
  /** The consumer group that the URL names. */
  readonly group?: string;
  /** `until=end`: the feed ends at what the topic held when it was opened. */
  readonly untilEnd: boolean;
}

const TOPIC = /^[a-zA-Z0-9._-]{1,249}$/;
const HOST = /^(?:[a-zA-Z0-9._-]+|\[[0-9a-fA-F:.]+\])$/;
const FORM = 'A Kafka feed is written kafka://host:port[,host:port]/topic[?group=name][&until=end].';

/** @throws CptError CPT_CONFIG naming the part that is wrong */
export function parseFeedUrl(url: string): KafkaFeedUrl {
  const { brokers, path, query } = split(url);
  const topic = decode(path, url);
  if (topic === '') throw wrong(url, 'it names no topic');
  if (!TOPIC.test(topic) || topic === '.' || topic === '..') {
    throw wrong(url, 'its path is no topic name (1 to 249 letters, digits, ".", "_" or "-")');
  }
  let group: string | undefined;
  let untilEnd = false;
  for (const [name, value] of query) {
    if (name === 'group' && value !== '' && value.length <= 255) group = value;
    else if (name === 'until' && value === 'end') untilEnd = true;
    else throw wrong(url, 'group=name and until=end are the settings that it may have');
  }
  return { brokers, topic, untilEnd, ...(group === undefined ? {} : { group }) };
}

/**
 * `kafka://host:port[,host:port…]/topic`, where something is sent.
 * @throws CptError CPT_CONFIG naming the part that is wrong
 */
export function parseTopicUrl(url: string): Pick<KafkaFeedUrl, 'brokers' | 'topic'> {
  const { brokers, topic } = parseFeedUrl(url);
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
