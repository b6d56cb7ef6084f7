import type { KafkaConnection } from './client.ts';

/** How brokers are spoken to, as a person sets it. */
export interface KafkaSecurity {
  readonly tls: boolean;
  /** Of SASL; `none` sends no credentials. */
  readonly mechanism: 'none' | 'plain' | 'scram-sha-256' | 'scram-sha-512';
  readonly username: string;
  readonly password: string;
}

/** The part of a connection that these settings make. Node's certificate store decides whom TLS trusts. */
export function securityOf(settings: KafkaSecurity): Pick<KafkaConnection, 'ssl' | 'sasl'> {
  const { tls, mechanism, username, password } = settings;
  return {
    ...(tls ? { ssl: true } : {}),
    ...(mechanism === 'none' ? {} : { sasl: { mechanism, username, password } as KafkaConnection['sasl'] }),
  };
}
