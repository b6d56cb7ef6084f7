/** Until when certificates are good: a broker's, as it shows it, and this client's own. */
import { X509Certificate } from 'node:crypto';
import { isIP } from 'node:net';
import tls, { type ConnectionOptions } from 'node:tls';

const TIMEOUT = 5000; // ms

/**
 * @param broker `host:port`
 * @returns milliseconds since 1970; null where no certificate came, which another check tells the cause of
 */
export function brokerCertificateEnd(broker: string, ssl: ConnectionOptions): Promise<number | null> {
  const [, host = '', port] = /^(.*):(\d+)$/.exec(broker) ?? [];
  const bare = host.replace(/^\[(.*)\]$/, '$1');
  return new Promise((resolve) => {
    const name = isIP(bare) === 0 ? { servername: bare } : {};
    const socket = tls.connect({ host: bare, port: Number(port), ...name, ...ssl });
    const end = (until: number | null): void => {
      socket.destroy();
      resolve(until);
    };
    socket.setTimeout(TIMEOUT, () => end(null));
    socket.on('error', () => end(null));
    socket.on('secureConnect', () => {
      const until = Date.parse(socket.getPeerCertificate().valid_to);
      end(Number.isNaN(until) ? null : until);
    });
  });
}

/** @param pem the first certificate in it counts */
export function certificateEnd(pem: string): number {
  return Date.parse(new X509Certificate(pem).validTo);
}
