/**
 * What is really wrong when kafkajs gives up: it wraps the cause in retries, hides it in the text of OpenSSL, or
 * loses it. Pure; checked against what a broker did.
 */
import { CptError } from '../../errors.ts';

export interface Failure {
  /** A phrase, without a full stop. */
  readonly what: string;
  readonly hint?: string;
}

interface Cause {
  readonly name: string;
  readonly message: string;
  /** Of the system, OpenSSL (text) or Kafka's protocol (number). */
  readonly code: string | number;
  /** Kafka's name for its code. */
  readonly type: string;
}

type Rule = readonly [applies: (cause: Cause) => boolean, what: string, hint: string];

const code =
  (...codes: string[]): Rule[0] =>
  (cause) =>
    codes.includes(String(cause.code));
const type =
  (...types: string[]): Rule[0] =>
  (cause) =>
    types.includes(cause.type);
const says =
  (pattern: RegExp): Rule[0] =>
  (cause) =>
    pattern.test(cause.message) || pattern.test(String(cause.code));

/** The first that applies to the innermost cause, then to the next one out. */
const RULES: readonly Rule[] = [
  [
    code(
      'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
      'SELF_SIGNED_CERT_IN_CHAIN',
      'DEPTH_ZERO_SELF_SIGNED_CERT',
      'UNABLE_TO_GET_ISSUER_CERT',
      'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
      'CERT_SIGNATURE_FAILURE',
    ),
    "the broker's certificate is signed by an authority that is not trusted here",
    'Give the file of that authority with --kafka-ca.',
  ],
  [
    code('EXPOSED_CREDENTIALS'),
    'the credentials would go unencrypted to a host that is not this machine, named by the broker or the URL',
    'Set --kafka-tls, or log in with --kafka-mechanism scram-sha-512.',
  ],
  [
    code('ERR_TLS_CERT_ALTNAME_INVALID'),
    "the broker's certificate is for another host",
    "Name the broker as its certificate does, in the URL and in the broker's advertised.listeners.",
  ],
  [code('CERT_HAS_EXPIRED'), "the broker's certificate has expired", 'Renew it there; check the clock here.'],
  [
    code('CERT_NOT_YET_VALID'),
    "the broker's certificate is not valid yet",
    'Check the clocks of both machines.',
  ],
  [
    says(/ALERT_CERTIFICATE_EXPIRED|alert certificate expired/i),
    'the broker refuses the certificate of this client, which has expired',
    'Renew the file of --kafka-certificate.',
  ],
  [
    says(
      /ALERT_(?:BAD_CERTIFICATE|CERTIFICATE_REQUIRED|CERTIFICATE_UNKNOWN|UNKNOWN_CA|HANDSHAKE_FAILURE)|alert (?:bad certificate|certificate required|certificate unknown|unknown ca)/i,
    ),
    'the broker wants another certificate of this client, or one at all',
    'Give one that it trusts with --kafka-certificate and --kafka-key.',
  ],
  [
    says(
      /disconnected before secure TLS connection|WRONG_VERSION_NUMBER|wrong version number|packet length too long/i,
    ),
    'the broker does not speak TLS at that port',
    'Leave out --kafka-tls, or name the port of its TLS listener.',
  ],
  [
    type('ILLEGAL_SASL_STATE'),
    'the broker wants no login at that port',
    'Leave out --kafka-mechanism, or name the port of its SASL listener.',
  ],
  [
    (cause) =>
      type('UNSUPPORTED_SASL_MECHANISM')(cause) || says(/mechanism is not supported by the server/)(cause),
    'the broker does not take that way to log in',
    'Choose another --kafka-mechanism.',
  ],
  [
    ({ name }) => name === 'KafkaJSSASLAuthenticationError',
    'the broker refuses the login',
    'Check --kafka-username, the password or the token, and --kafka-mechanism.',
  ],
  [
    type('TOPIC_AUTHORIZATION_FAILED'),
    'this client has no right to the topic',
    'Grant Describe and Read on a topic that is read, Describe and Write (and Create) on one that is written.',
  ],
  [
    (cause) => type('GROUP_AUTHORIZATION_FAILED')(cause) || cause.name === 'KafkaJSGroupCoordinatorNotFound',
    'this client has no right to the consumer group, or the broker cannot name its coordinator',
    'Grant Read on the group (?group=name, by default cpt-stream-LINEAGE).',
  ],
  [
    type('CLUSTER_AUTHORIZATION_FAILED'),
    'this client has no right to do that in the cluster',
    'Create the topics beforehand, or grant Create on them.',
  ],
  [
    type('TRANSACTIONAL_ID_AUTHORIZATION_FAILED'),
    'this client may not write in order and once (idempotent writes)',
    'Grant Write on the topics.',
  ],
  [code('ECONNREFUSED'), 'nothing listens there', 'Is Kafka running, and the port right?'],
  [
    code('ENOTFOUND', 'EAI_AGAIN'),
    'the name of the host is not known',
    'Check its spelling and the name server.',
  ],
  [
    code('EHOSTUNREACH', 'ENETUNREACH', 'ETIMEDOUT'),
    'there is no way to the host',
    'Check network and firewall.',
  ],
  [says(/^Connection timeout$/), 'the host does not answer', 'Check network and firewall.'],
  [
    ({ name }) => name === 'KafkaJSConnectionClosedError',
    'the broker hung up without a word',
    'Does its listener want TLS (--kafka-tls) or a login (--kafka-mechanism)?',
  ],
];

/** Causes from the innermost out. A circle of causes ends. */
function causesOf(error: unknown): unknown[] {
  const causes: unknown[] = [];
  for (let at = error; at instanceof Error && !causes.includes(at) && causes.length < 10; at = at.cause) {
    causes.unshift(at);
  }
  return causes;
}

/** A CptError among the causes says it best. */
export function cptErrorIn(error: unknown): CptError | undefined {
  return causesOf(error).find((cause) => cause instanceof CptError);
}

/** A right is missing: asking again changes nothing. */
export function isForbidden(error: unknown): boolean {
  return causesOf(error).some((cause) => /_AUTHORIZATION_FAILED$/.test(causeOf(cause).type));
}

/** @param error what kafkajs threw, or an entry of its errors */
export function explain(error: unknown): Failure {
  const causes = causesOf(error).map(causeOf);
  for (const cause of causes) {
    const rule = RULES.find(([applies]) => applies(cause));
    if (rule !== undefined) return { what: rule[1], hint: rule[2] };
  }
  return { what: plain(causes[0]?.message ?? String(error)) };
}

function causeOf(error: unknown): Cause {
  const { name = '', message = '', code: number = '', type: kind = '' } = error as Partial<Cause>;
  return { name, message, code: number, type: kind };
}

/** A foreign text as one line, bounded. */
function plain(text: string): string {
  const line = text
    .replace(/[\s\p{Cc}]+/gu, ' ')
    .trim()
    .replace(/\.$/, '');
  return line.length > 300 ? `${line.slice(0, 299)}…` : line;
}
