/** The checks of `cpt doctor` for Kafka: whether a feed can be read and events be written there. */
import { readFile } from 'node:fs/promises';
import type { Config } from '../../config/config-type.ts';
import { brokerCertificateEnd, certificateEnd } from '../../edge/kafka/certificate.ts';
import type { KafkaConnection } from '../../edge/kafka/client.ts';
import { securityOf } from '../../edge/kafka/connection.ts';
import { openProbe, type Probe } from '../../edge/kafka/probe.ts';
import { EVENT_TOPICS } from '../../edge/kafka/publisher.ts';
import type { Right, TopicAnswer } from '../../edge/kafka/rights.ts';
import { namesOf } from '../../edge/kafka/selection.ts';
import { parseBrokersUrl, parseFeedUrl } from '../../edge/kafka/url.ts';
import type { Check } from '../doctor.ts';
import { lineOf } from '../error-line.ts';
import { count, counted } from '../format.ts';

const DAY = 86_400; // seconds
const SOON = 14 * DAY;
const CLOCK_SLACK = 60_000; // ms; producers' clocks are not exact either
// Errors of Kafka's protocol.
const NO_TOPIC = 3;
const FORBIDDEN = 30;

/** @param now milliseconds since 1970 */
export async function* kafkaChecks(config: Config, now: number): AsyncGenerator<Check> {
  const { feed, events, kafka, lineage } = config;
  if (kafka.certificate !== '') yield await ownCertificate(kafka.certificate, now);
  if (feed.startsWith('kafka://')) {
    const { brokers, topic, group = `cpt-stream-${lineage}` } = parseFeedUrl(feed);
    yield* brokerChecks('feed', { brokers, ...securityOf(kafka) }, config, now, async function* (probe) {
      const names = namesOf(topic) ?? []; // what a pattern matches may all be still to come
      const { topics } = names.length === 0 ? { topics: [] } : await probe.topics(names);
      const checks = names.map((name) => {
        const found = topics.find((each) => each.name === name); // they come in any order
        return topicCheck('feed topic', found, ['describe', 'read']);
      });
      yield* checks;
      if (checks.some(({ standing }) => standing !== 'ok')) return;
      yield await groupCheck(probe, group);
      for (const name of names) yield await clockCheck(probe, name, now);
    });
  }
  if (events !== '') {
    const brokers = parseBrokersUrl(events);
    yield* brokerChecks('events', { brokers, ...securityOf(kafka) }, config, now, async function* (probe) {
      const names = Object.values(EVENT_TOPICS);
      const { topics, rights } = await probe.topics(names);
      for (const name of names) {
        const topic = topics.find((each) => each.name === name); // they come in any order
        if (topic?.error === NO_TOPIC) yield absentCheck(name, rights.includes('create'));
        else yield topicCheck('event topic', topic, ['describe', 'write']);
      }
    });
  }
}

async function* brokerChecks(
  what: string,
  connection: KafkaConnection,
  { kafka }: Config,
  now: number,
  further: (probe: Probe) => AsyncGenerator<Check>,
): AsyncGenerator<Check> {
  const name = `${what} brokers`;
  let probe: Probe | undefined;
  try {
    probe = await openProbe(connection);
    const { brokers } = await probe.topics([]);
    const login = kafka.mechanism === 'none' ? 'no login' : `${kafka.mechanism} accepted`;
    const how = `${kafka.tls ? 'TLS' : 'unencrypted'}, ${login}`;
    const reached = `${connection.brokers.join(', ')} in ${count(probe.took)} ms`;
    yield { name, standing: 'ok', detail: `${reached}: ${counted(brokers, 'broker')}, ${how}` };
    if (typeof connection.ssl === 'object') {
      for (const broker of connection.brokers) {
        const until = await brokerCertificateEnd(broker, connection.ssl);
        if (until !== null) yield certificateCheck('certificate', broker, until, now);
      }
    }
    yield* further(probe);
  } catch (error) {
    yield { name, standing: 'missing', detail: lineOf(error) };
  } finally {
    await probe?.close();
  }
}

/** @param of whose, a phrase */
export function certificateCheck(name: string, of: string, until: number, now: number): Check {
  const left = (until - now) / 1000;
  if (left <= 0) return { name, standing: 'missing', detail: `${of}: has expired; renew it` };
  const detail = `${of}: valid for ${counted(Math.floor(left / DAY), 'day')} more`;
  return left > SOON
    ? { name, standing: 'ok', detail }
    : { name, standing: 'note', detail: `${detail}; renew it` };
}

async function ownCertificate(path: string, now: number): Promise<Check> {
  const name = 'own certificate';
  try {
    return certificateCheck(name, path, certificateEnd(await readFile(path, 'utf8')), now);
  } catch {
    return { name, standing: 'missing', detail: `${path} is no certificate that can be read` };
  }
}

export function topicCheck(name: string, topic: TopicAnswer | undefined, wanted: readonly Right[]): Check {
  const title = topic?.name ?? '';
  if (topic === undefined || topic.error !== 0) {
    const detail = `${title}: does not exist, or this client may not know it: create it, grant Describe`;
    return { name, standing: 'missing', detail };
  }
  const lacking = wanted.filter((right) => !topic.rights.includes(right));
  const there = `${title}: ${counted(topic.partitions, 'partition')}`;
  if (lacking.length === 0) return { name, standing: 'ok', detail: `${there}, may ${wanted.join(' and ')}` };
  return {
    name,
    standing: 'missing',
    detail: `${there}, may not ${lacking.join(' nor ')}: grant it to this client`,
  };
}

/** A run makes topics for its events where it may. */
function absentCheck(topic: string, mayCreate: boolean): Check {
  const name = 'event topic';
  if (mayCreate) return { name, standing: 'ok', detail: `${topic}: does not exist, the first run makes it` };
  return {
    name,
    standing: 'note',
    detail: `${topic}: does not exist, or may not be known; a run makes it if it may`,
  };
}

async function groupCheck(probe: Probe, group: string): Promise<Check> {
  const name = 'feed group';
  try {
    const { error, rights } = await probe.group(group);
    if (rights.includes('read')) return { name, standing: 'ok', detail: `${group}: may read` };
    if (error !== 0 && error !== FORBIDDEN) {
      return {
        name,
        standing: 'note',
        detail: `${group}: its coordinator is not ready (${error}), ask again`,
      };
    }
    return { name, standing: 'missing', detail: `${group}: may not read: grant Read on the group` };
  } catch (error) {
    return { name, standing: 'missing', detail: lineOf(error) };
  }
}

/** A broker does not tell its time; what it has taken in does, in part. */
async function clockCheck(probe: Probe, topic: string, now: number): Promise<Check> {
  const name = 'clock';
  if (await probe.hasLater(topic, now + CLOCK_SLACK)) {
    const detail = `${topic} holds records that are later than it is here: compare the clocks`;
    return { name, standing: 'note', detail };
  }
  return { name, standing: 'ok', detail: `${topic} holds no record from the future` };
}
