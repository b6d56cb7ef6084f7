/** Settings that are right each by itself but not together. */
import type { KafkaLogin } from '../edge/kafka/login-options.ts';
import { distantHosts, isLoopback } from '../edge/kafka/loopback.ts';
import type { ReadingOptions } from '../edge/kafka/reading-options.ts';
import { parseBrokersUrl, parseFeedUrl, parseTopicUrl } from '../edge/kafka/url.ts';
import { DECODE_DEFAULTS, type DecodeOptions } from '../text/decode.ts';
import type { Config } from './config-type.ts';
import { machineProblems } from './machine-problems.ts';

/** A sentence for each contradiction, the setting first. */
export function contradictions(config: Config): string[] {
  const { segmenter, task } = config;
  const found: string[] = [];
  if (task.minSteps > task.maxSteps) {
    found.push(`task.minSteps: ${task.minSteps}; allowed: task.maxSteps (${task.maxSteps}) or less`);
  }
  if (segmenter.minPassages > segmenter.maxPassages) {
    const { minPassages, maxPassages } = segmenter;
    found.push(
      `segmenter.minPassages: ${minPassages}; allowed: segmenter.maxPassages (${maxPassages}) or less`,
    );
  }
  if (segmenter.features === 'encoder' && segmenter.encoder === '') {
    found.push('segmenter.features: encoder; it needs segmenter.encoder, a folder or a hub id');
  }
  if (segmenter.features !== 'encoder' && segmenter.encoder !== '') {
    const { encoder, features } = segmenter;
    found.push(`segmenter.encoder: ${encoder}; it has no effect with segmenter.features ${features}`);
  }
  found.push(
    ...mappingProblems(config.decode),
    ...registryProblems(config.reading),
    ...machineProblems(config),
  );
  found.push(...tlsProblems(config.kafka), ...loginProblems(config.kafka));
  const exposed = exposedHosts(config);
  if (exposed.length > 0 && sendsCredentials(config.kafka)) {
    found.push(
      `kafka.mechanism: ${config.kafka.mechanism}; without kafka.tls everybody on the way to ` +
        `${exposed.join(', ')} can read the credentials: set kafka.tls, or use scram-sha-512`,
    );
  }
  return found;
}

function registryProblems({ schemaRegistry: url, ...login }: ReadingOptions): string[] {
  const { schemaRegistryUsername: username, schemaRegistryPassword: password } = login;
  if ((username === '') !== (password === '')) {
    return ['reading.schemaRegistryUsername: it goes with reading.schemaRegistryPassword, give both or none'];
  }
  if (username === '') return [];
  if (url === '') return ['reading.schemaRegistryUsername: it has no effect without reading.schemaRegistry'];
  if (!URL.canParse(url) || !url.startsWith('http:') || isLoopback(new URL(url).hostname)) return [];
  return [
    `reading.schemaRegistry: ${url}; everybody on the way there can read the credentials: it must begin with https://`,
  ];
}

function mappingProblems({ domainFrom, domainField, languageFrom, languages }: DecodeOptions): string[] {
  const found: string[] = [];
  if (domainFrom !== '' && domainField !== DECODE_DEFAULTS.domainField) {
    found.push(`decode.domainField: ${domainField}; it has no effect with decode.domainFrom ${domainFrom}`);
  }
  if (languages !== '' && languageFrom === '') {
    found.push(`decode.languages: ${languages}; it needs decode.languageFrom`);
  }
  if (languageFrom !== '' && languages === '') {
    found.push(`decode.languageFrom: ${languageFrom}; it needs decode.languages`);
  }
  return found;
}

/** What is allowed and yet nobody should do. */
export function imprudences(config: Config): string[] {
  const { mechanism, tls } = config.kafka;
  if (tls || mechanism === 'none') return [];
  return exposedHosts(config).map(
    (host) =>
      `Without kafka.tls what goes to and comes from ${host} can be read and changed on the way, ` +
      'and a weak password be guessed from the login.',
  );
}

/** Mechanisms that send what others could log in with; SCRAM sends a proof. */
function sendsCredentials({ tls, mechanism }: KafkaLogin): boolean {
  return !tls && (mechanism === 'plain' || mechanism === 'oauthbearer');
}

/** Hosts of feed, tasks, events and dead letters that are not this machine; none of a URL that is wrong, which is told elsewhere. */
function exposedHosts({ feed, events, deadLetters, machines: { tasks, encoded } }: Config): string[] {
  const brokers = [
    ...(feed.startsWith('kafka:') ? hostsOf(() => parseFeedUrl(feed).brokers) : []),
    ...[tasks, encoded].flatMap((url) => (url === '' ? [] : hostsOf(() => parseFeedUrl(url).brokers))),
    ...(events === '' ? [] : hostsOf(() => parseBrokersUrl(events))),
    ...(deadLetters === '' ? [] : hostsOf(() => parseTopicUrl(deadLetters).brokers)),
  ];
  return [...new Set(distantHosts(brokers))];
}

function hostsOf(parse: () => string[]): string[] {
  try {
    return parse();
  } catch {
    return [];
  }
}

function tlsProblems({ tls, ca, certificate, key, keyPassphrase }: KafkaLogin): string[] {
  const found: string[] = [];
  const idle = Object.entries({ ca, certificate, key }).filter(([, path]) => !tls && path !== '');
  for (const [name, path] of idle) found.push(`kafka.${name}: ${path}; it has no effect without kafka.tls`);
  if (certificate !== '' && key === '') found.push(`kafka.certificate: ${certificate}; it needs kafka.key`);
  if (key !== '' && certificate === '') found.push(`kafka.key: ${key}; it needs kafka.certificate`);
  if (keyPassphrase !== '' && key === '') found.push('kafka.keyPassphrase: ***; it needs kafka.key');
  return found;
}

function loginProblems(login: KafkaLogin): string[] {
  const { mechanism, username, password, tokenFile, tokenEndpoint, oauthClientId, oauthClientSecret } = login;
  if (mechanism === 'none') return [];
  if (mechanism !== 'oauthbearer') {
    if (username !== '' && password !== '') return [];
    return [`kafka.mechanism: ${mechanism}; it needs kafka.username and kafka.password`];
  }
  if (tokenFile !== '' && tokenEndpoint !== '') {
    return ['kafka.tokenFile: a token comes from there or from kafka.tokenEndpoint, give one of them'];
  }
  if (tokenFile !== '') return [];
  if (tokenEndpoint === '') {
    return ['kafka.mechanism: oauthbearer; it needs kafka.tokenFile or kafka.tokenEndpoint'];
  }
  if (oauthClientId !== '' && oauthClientSecret !== '') return [];
  return ['kafka.tokenEndpoint: it needs kafka.oauthClientId and kafka.oauthClientSecret'];
}
