/** Hosts that are this machine: what goes to them crosses no wire. */
import { isIPv4, isIPv6 } from 'node:net';

/** @param host a name or an address, of IPv6 with or without its brackets; a name is not looked up */
export function isLoopback(host: string): boolean {
  const bare = host.replace(/^\[(.*)\]$/, '$1').toLowerCase();
  if (isIPv4(bare)) return bare.startsWith('127.');
  if (isIPv6(bare)) return /^(?:0{0,4}:){2,7}0{0,3}1$/.test(bare) || /^::ffff:127\.[\d.]+$/.test(bare);
  return bare === 'localhost' || bare.endsWith('.localhost');
}

/** The hosts among `host:port`s that are not this machine. */
export function distantHosts(brokers: readonly string[]): string[] {
  return brokers.map((broker) => broker.replace(/:\d*$/, '')).filter((host) => !isLoopback(host));
}
