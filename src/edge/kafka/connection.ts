/** How brokers are spoken to, out of the settings. */
import { type ConnectionOptions, createSecureContext } from 'node:tls';
import type { SASLOptions } from 'kafkajs';
import { CptError } from '../../errors.ts';
import { readSettingFile } from '../setting-file.ts';
import type { KafkaConnection, KafkaLogger } from './client.ts';
import type { KafkaLogin } from './login-options.ts';
import { oauthBearer } from './oauth/authenticator.ts';
import { endpointToken } from './oauth/endpoint-token.ts';
import { fileToken } from './oauth/file-token.ts';

export type Security = Pick<KafkaConnection, 'ssl' | 'sasl'>;

const known = new WeakMap<KafkaLogin, Security>();

/**
 * Certificates and keys are read at the first call for the same settings, once.
 * @throws CptError CPT_CONFIG where a file is missing, or certificate, key and passphrase do not fit
 */
export function securityOf(login: KafkaLogin): Security {
  const security = known.get(login) ?? make(login);
  known.set(login, security);
  return security;
}

/**
 * A connection but for its brokers, out of a login and where it logs.
 * @throws as `securityOf`
 */
export function connectionOf({
  kafka,
  logger,
}: {
  readonly kafka: KafkaLogin;
  readonly logger?: KafkaLogger;
}): Omit<KafkaConnection, 'brokers'> {
  return { ...securityOf(kafka), ...(logger === undefined ? {} : { logger }) };
}

function make(login: KafkaLogin): Security {
  const { mechanism } = login;
  const ssl = login.tls ? tlsOf(login) : undefined;
  return {
    ...(ssl === undefined ? {} : { ssl }),
    ...(mechanism === 'none' ? {} : { sasl: saslOf(mechanism, login, ssl?.ca as string | undefined) }),
  };
}

function saslOf(
  mechanism: Exclude<KafkaLogin['mechanism'], 'none'>,
  login: KafkaLogin,
  ca: string | undefined,
): NonNullable<KafkaConnection['sasl']> {
  const { username, password, tokenFile, tokenEndpoint } = login;
  if (mechanism !== 'oauthbearer') return { mechanism, username, password } as SASLOptions;
  const now = (): number => Date.now() / 1000;
  if (tokenFile !== '') return oauthBearer(fileToken(tokenFile, now));
  const { oauthClientId: clientId, oauthClientSecret: clientSecret, oauthScope: scope } = login;
  const credentials = { endpoint: tokenEndpoint, clientId, clientSecret, scope };
  return oauthBearer(endpointToken({ ...credentials, ...(ca === undefined ? {} : { ca }) }, now));
}

function tlsOf({ ca, certificate, key, keyPassphrase }: KafkaLogin): ConnectionOptions {
  const material = {
    ...(ca === '' ? {} : { ca: pem('kafka.ca', ca) }),
    ...(certificate === '' ? {} : { cert: pem('kafka.certificate', certificate) }),
    ...(key === '' ? {} : { key: pem('kafka.key', key) }),
    ...(keyPassphrase === '' ? {} : { passphrase: keyPassphrase }),
  };
  try {
    createSecureContext(material);
  } catch (cause) {
    throw misfit(cause as NodeJS.ErrnoException);
  }
  // Said outright: NODE_TLS_REJECT_UNAUTHORIZED=0 would turn the checks off for the whole process.
  return { ...material, rejectUnauthorized: true, minVersion: 'TLSv1.2' };
}

function pem(setting: string, path: string): string {
  const read = readSettingFile(path);
  if ('text' in read) return read.text;
  throw new CptError('CPT_CONFIG', `${setting}: ${JSON.stringify(path)} ${read.problem}.`);
}

/** OpenSSL's words are for its authors. */
function misfit(cause: NodeJS.ErrnoException): CptError {
  const code = `${cause.code ?? ''} ${cause.message}`;
  const what = /MISMATCH/i.test(code)
    ? 'kafka.key is not the key of kafka.certificate'
    : /PASSWORD|BAD_DECRYPT|bad decrypt|INTERRUPTED/i.test(code)
      ? 'kafka.key cannot be opened: kafka.keyPassphrase is missing or wrong'
      : 'kafka.ca, kafka.certificate or kafka.key is damaged';
  return new CptError('CPT_CONFIG', `${what}.`, { cause });
}
