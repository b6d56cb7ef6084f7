/**
 * A broker that wants proof of who comes: TLS, SASL, client certificates and access lists on one local node. For
 * tests and for trying settings out; its passwords and tokens protect nothing.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Authority, makeAuthority } from './certificates.ts';
import { type JavaBroker, startJavaBroker } from './java-broker.ts';

/** Security protocol by listener. */
const LISTENERS = {
  /** Server certificate only; everybody may do everything. */
  TLS: 'SSL',
  /** The certificate has expired. */
  EXPIRED: 'SSL',
  /** A certificate of the client's own says who it is. */
  MUTUAL: 'SSL',
  SASL_SSL: 'SASL_SSL',
  SASL_PLAINTEXT: 'SASL_PLAINTEXT',
} as const;

export interface SecureBroker extends JavaBroker {
  readonly authority: Authority;
  /** Nobody that the broker trusts. */
  readonly stranger: Authority;
  /** `localhost:port` of a listener. The certificates know no other name. */
  at(listener: keyof typeof LISTENERS): string;
}

/** Name to password; who of them may do what is said with access lists, by the superuser on the plain listener. */
export const USERS = { ann: 'p4ss-of-ann', bob: 'p4ss-of-bob' } as const;

/** @throws CptError CPT_KAFKA where Java, the jars or openssl are missing */
export async function startSecureBroker(): Promise<SecureBroker> {
  const folder = await mkdtemp(join(tmpdir(), 'cpt-certificates-'));
  try {
    const authority = await makeAuthority(folder, 'authority');
    const stranger = await makeAuthority(folder, 'stranger');
    const server = await authority.issue('broker', { names: 'DNS:localhost' });
    const expired = await authority.issue('old', { names: 'DNS:localhost', days: 0 });
    const broker = await startJavaBroker({
      listeners: LISTENERS,
      properties: {
        'ssl.keystore.type': 'PEM',
        'ssl.keystore.location': server.both,
        'ssl.truststore.type': 'PEM',
        'ssl.truststore.location': authority.certificate,
        'listener.name.expired.ssl.keystore.type': 'PEM',
        'listener.name.expired.ssl.keystore.location': expired.both,
        'listener.name.mutual.ssl.client.auth': 'required',
        'listener.name.mutual.ssl.principal.mapping.rules': 'RULE:^CN=([^,]+).*$/$1/,DEFAULT',
        ...login('sasl_ssl'),
        ...login('sasl_plaintext'),
        'authorizer.class.name': 'org.apache.kafka.metadata.authorizer.StandardAuthorizer',
        'super.users': 'User:ANONYMOUS',
      },
      scram: Object.entries(USERS).flatMap(([name, password]) =>
        ['SCRAM-SHA-256', 'SCRAM-SHA-512'].map((how) => `${how}=[name=${name},password=${password}]`),
      ),
    });
    return {
      ...broker,
      authority,
      stranger,
      at: (listener) => `localhost:${broker.ports[listener]}`,
      async stop() {
        await broker.stop();
        await rm(folder, { recursive: true, force: true });
      },
    };
  } catch (error) {
    await rm(folder, { recursive: true, force: true });
    throw error;
  }
}

/** All mechanisms on one listener. Tokens are taken unsigned (`alg: none`), which only a test does. */
function login(listener: string): Record<string, string> {
  const jaas = (mechanism: string) => `listener.name.${listener}.${mechanism}.sasl.jaas.config`;
  const security = 'org.apache.kafka.common.security';
  const users = Object.entries(USERS).map(([name, password]) => ` user_${name}="${password}"`);
  return {
    [`listener.name.${listener}.sasl.enabled.mechanisms`]: 'PLAIN,SCRAM-SHA-256,SCRAM-SHA-512,OAUTHBEARER',
    [jaas('plain')]: `${security}.plain.PlainLoginModule required${users.join('')};`,
    [jaas('scram-sha-256')]: `${security}.scram.ScramLoginModule required;`,
    [jaas('scram-sha-512')]: `${security}.scram.ScramLoginModule required;`,
    [jaas('oauthbearer')]:
      `${security}.oauthbearer.OAuthBearerLoginModule required unsecuredLoginStringClaim_sub="broker";`,
  };
}
