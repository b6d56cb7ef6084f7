/** Settings of how brokers are spoken to. */

import { type KafkaLogin, SASL_MECHANISMS } from '../edge/kafka/login-options.ts';
import { isLoopback } from '../edge/kafka/loopback.ts';
import { choice, onOff, text } from './kinds.ts';
import type { Kind, SettingSpec } from './setting.ts';

const row = (flag: string, kind: Kind, about: string): SettingSpec => ({ flag, group: 'kafka', kind, about });
const anything = text('any text', /^[^\0]*$/);
const secret = (flag: string, about: string): SettingSpec => ({
  ...row(flag, anything, about),
  secret: 'whole',
});
const file = (flag: string, about: string, holds: SettingSpec['file']): SettingSpec => ({
  ...row(flag, text('a path, or nothing', /^[^\0]*$/), about),
  placeholder: 'FILE',
  ...(holds === undefined ? {} : { file: holds }),
});

export const LOGIN_SETTINGS: Readonly<Record<`kafka.${keyof KafkaLogin}`, SettingSpec>> = {
  'kafka.tls': row('kafka-tls', onOff, 'speak TLS to the brokers'),
  'kafka.ca': file('kafka-ca', 'authorities that brokers are trusted by, PEM', 'certificate'),
  'kafka.certificate': file(
    'kafka-certificate',
    'certificate of this client, PEM (mutual TLS)',
    'certificate',
  ),
  'kafka.key': file('kafka-key', 'key to that certificate, PEM', 'key'),
  'kafka.keyPassphrase': secret('kafka-key-passphrase', 'where the key is encrypted'),
  'kafka.mechanism': row('kafka-mechanism', choice(...SASL_MECHANISMS), 'how to log in (SASL)'),
  'kafka.username': row('kafka-username', anything, 'who logs in'),
  'kafka.password': secret('kafka-password', 'of who logs in'),
  'kafka.tokenFile': file('kafka-token-file', 'oauthbearer: a token that is kept fresh, read anew', 'token'),
  'kafka.tokenEndpoint': {
    ...row(
      'kafka-token-endpoint',
      text('https://…, or nothing', /^[^\0]*$/, endpointFault),
      'oauthbearer: where client credentials get a token',
    ),
    placeholder: 'https://…',
    secret: 'url',
  },
  'kafka.oauthClientId': row('kafka-oauth-client-id', anything, 'oauthbearer: client at the token endpoint'),
  'kafka.oauthClientSecret': secret('kafka-oauth-client-secret', 'oauthbearer: of that client'),
  'kafka.oauthScope': row('kafka-oauth-scope', anything, 'oauthbearer: scope of the token, or nothing'),
};

function endpointFault(value: string): string | null {
  if (value === '') return null;
  if (!URL.canParse(value)) return 'it is no URL';
  const { protocol, hostname, username, password, hash } = new URL(value);
  if (username !== '' || password !== '')
    return 'credentials go into kafka.oauthClientId and kafka.oauthClientSecret';
  if (hash !== '') return 'it has a fragment (#)';
  if (protocol === 'https:' || (protocol === 'http:' && isLoopback(hostname))) return null;
  return 'secrets go there, so it must begin with https:// (http:// for this machine only)';
}
