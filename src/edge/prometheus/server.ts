/** The HTTP side: `/metrics` for Prometheus, `/livez` and `/readyz` for whoever supervises the process. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { type HttpServer, hasBody, openHttpServer } from '../http-server.ts';
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

/** @throws CptError CPT_PORT where the port is occupied or not allowed, or the host is not of this machine */
export function openMetricsServer(options: MetricsServerOptions): Promise<HttpServer> {
  const { host = '127.0.0.1', port } = options;
  return openHttpServer((request, response) => answerWithMetrics(request, response, options), {
    host,
    port,
    maxConnections: 64,
    maxHeaderSize: 8192,
    headersTimeout: 5000,
    requestTimeout: 5000,
    keepAliveTimeout: 5000,
  });
}

/** Answers one request, for a server that has other pages too. */
export function answerWithMetrics(
  request: IncomingMessage,
  response: ServerResponse,
  options: Pick<MetricsServerOptions, 'metrics' | 'ready'>,
): void {
  answer(request, options).then(
    (reply) => send(request, response, reply),
    () => send(request, response, { status: 500, body: 'the metrics cannot be read\n' }),
  );
}

interface Reply {
  readonly status: number;
  readonly body: string;
  readonly headers?: Readonly<Record<string, string>>;
}

async function answer(
  request: IncomingMessage,
  { metrics, ready }: Pick<MetricsServerOptions, 'metrics' | 'ready'>,
): Promise<Reply> {
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
