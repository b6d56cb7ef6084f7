/** How brokers are spoken to, out of the settings. */
import type { KafkaConnection } from './client.ts';

export interface KafkaLogin {
  readonly tls: boolean;
  readonly mechanism: 'none' | 'plain' | 'scram-sha-256' | 'scram-sha-512';
  readonly username: string;
  readonly password: string;
}

export function securityOf(login: KafkaLogin): Pick<KafkaConnection, 'ssl' | 'sasl'> {
  const { tls, mechanism, username, password } = login;
  return {
    ...(tls ? { ssl: true } : {}),
    ...(mechanism === 'none' ? {} : { sasl: { mechanism, username, password } as KafkaConnection['sasl'] }),
  };
}
