/** The HTTP side: `/metrics` for Prometheus, `/livez` and `/readyz` for whoever supervises the process. */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { CptError } from '../../errors.ts';
import type { Metrics } from './metrics.ts';

export interface Readiness {
  readonly ready: boolean;
  /** One line: what is awaited, or that all is well. */
  readonly detail: string;
}

export interface MetricsServerOptions {
  readonly metrics: Metrics;
  /** 0: any free port. */
  readonly port: number;
  /** Default 127.0.0.1. */
  readonly host?: string;
  readonly ready: () => Readiness;
}

export interface MetricsServer {
  /** `http://host:port`, with the port that was taken. */
  readonly url: string;
  readonly port: number;
  /** Lets running answers end, for a second. */
  close(): Promise<void>;
}

/** @throws CptError CPT_PORT where the port is occupied or not allowed, or the host is not of this machine */
export async function openMetricsServer(options: MetricsServerOptions): Promise<MetricsServer> {
  const { host = '127.0.0.1', port } = options;
  const server = createServer(
    { maxHeaderSize: 8192, headersTimeout: 5000, requestTimeout: 5000, keepAliveTimeout: 5000 },
    (request, response) => {
      answer(request, options).then(
        (reply) => send(request, response, reply),
        () => send(request, response, { status: 500, body: 'the metrics cannot be read\n' }),
      );
    },
  );
  server.maxConnections = 64;
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

interface Reply {
  readonly status: number;
  readonly body: string;
  readonly headers?: Readonly<Record<string, string>>;
}

async function answer(request: IncomingMessage, { metrics, ready }: MetricsServerOptions): Promise<Reply> {
  const path = (request.url ?? '').split('?', 1)[0];
  if (path !== '/metrics' && path !== '/livez' && path !== '/readyz') {
    return { status: 404, body: 'there are /metrics, /livez and /readyz\n' };
  }
  if (request.method !== 'GET' && request.method !== 'HEAD') {
    return { status: 405, body: 'GET or HEAD only\n', headers: { Allow: 'GET, HEAD' } };
  }
  if (path === '/metrics') {
    return {
      status: 200,
      body: await metrics.exposition(),
      headers: { 'Content-Type': metrics.contentType },
    };
  }
  if (path === '/livez') return { status: 200, body: 'alive\n' };
  const { ready: isReady, detail } = ready();
  return { status: isReady ? 200 : 503, body: `${detail}\n` };
}

function send(request: IncomingMessage, response: ServerResponse, { status, body, headers }: Reply): void {
  response.writeHead(status, {
    'Content-Type': 'text/plain; charset=utf-8',
    'Content-Length': Buffer.byteLength(body),
    'Cache-Control': 'no-store',
    'X-Content-Type-Options': 'nosniff',
    ...headers,
    // A body was not asked for and is not read, so the connection cannot be used again.
    ...(hasBody(request) ? { Connection: 'close' } : {}),
  });
  response.end(request.method === 'HEAD' ? undefined : body);
}

function hasBody({ headers }: IncomingMessage): boolean {
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
