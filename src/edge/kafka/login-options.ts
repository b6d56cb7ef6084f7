/** What can be set about how brokers are spoken to. */

export const SASL_MECHANISMS = ['none', 'plain', 'scram-sha-256', 'scram-sha-512', 'oauthbearer'] as const;

export interface KafkaLogin {
  readonly tls: boolean;
  /** PEM file of the authorities that brokers are trusted by; empty: those that Node.js comes with. */
  readonly ca: string;
  /** PEM file of this client's own certificate (mutual TLS), or empty. */
  readonly certificate: string;
  /** PEM file of the key to it. */
  readonly key: string;
  readonly keyPassphrase: string;
  /** Of SASL; `none` sends no credentials. */
  readonly mechanism: (typeof SASL_MECHANISMS)[number];
  readonly username: string;
  readonly password: string;
  /** File that somebody else keeps a fresh token in (OAUTHBEARER). */
  readonly tokenFile: string;
  /** URL that gives a token for client credentials (OAUTHBEARER). */
  readonly tokenEndpoint: string;
  readonly oauthClientId: string;
  readonly oauthClientSecret: string;
  readonly oauthScope: string;
}

export const LOGIN_DEFAULTS: KafkaLogin = Object.freeze({
  tls: false,
  ca: '',
  certificate: '',
  key: '',
  keyPassphrase: '',
  mechanism: 'none',
  username: '',
  password: '',
  tokenFile: '',
  tokenEndpoint: '',
  oauthClientId: '',
  oauthClientSecret: '',
  oauthScope: '',
});
