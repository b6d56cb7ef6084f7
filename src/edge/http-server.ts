/** An HTTP server on one port, bounded and with a clear error where the port cannot be had. */
import { createServer, type IncomingMessage, type RequestListener, type ServerOptions } from 'node:http';
import type { AddressInfo } from 'node:net';
import { CptError } from '../errors.ts';

export interface HttpServerOptions extends ServerOptions {
  /** 0: any free port. */
  readonly port: number;
  readonly host: string;
  readonly maxConnections: number;
}

export interface HttpServer {
  /** `http://host:port`, with the port that was taken. */
  readonly url: string;
  readonly port: number;
  /** Lets running answers end, for a second. */
  close(): Promise<void>;
}

/** @throws CptError CPT_PORT where the port is occupied or not allowed, or the host is not of this machine */
export async function openHttpServer(
  listener: RequestListener,
  { port, host, maxConnections, ...options }: HttpServerOptions,
): Promise<HttpServer> {
  const server = createServer(options, listener);
  server.maxConnections = maxConnections;
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => reject(portError(error, host, port)));
    server.listen(port, host, resolve);
  });
  server.on('error', () => {}); // of one connection (out of descriptors, say): the others go on
  const taken = (server.address() as AddressInfo).port;
  return {
    url: `http://${host.includes(':') ? `[${host}]` : host}:${taken}`,
    port: taken,
    async close() {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      server.closeIdleConnections();
      const timer = setTimeout(() => server.closeAllConnections(), 1000);
      await closed;
      clearTimeout(timer);
    },
  };
}

/** Whether a request brings a body, which nobody here reads. */
export function hasBody({ headers }: IncomingMessage): boolean {
  return headers['transfer-encoding'] !== undefined || (headers['content-length'] ?? '0') !== '0';
}

function portError(error: NodeJS.ErrnoException, host: string, port: number): CptError {
  const [what, hint] =
    error.code === 'EADDRINUSE'
      ? [
          `Port ${port} of ${host} is occupied.`,
          'Stop what uses it, or take another with --port (0: any free one).',
        ]
      : error.code === 'EACCES'
        ? [`Port ${port} of ${host} may not be used by this user.`, 'Take one above 1023 with --port.']
        : [`Nothing can listen on ${host}:${port}: ${error.message}.`, 'Check --host and --port.'];
  return new CptError('CPT_PORT', what, { hint, cause: error });
}
