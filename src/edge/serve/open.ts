/** The hub, metrics and health on one port. */
import { openHttpServer } from '../http-server.ts';
import { createMetrics } from '../prometheus/metrics.ts';
import { answerWithMetrics } from '../prometheus/server.ts';
import { answerAsHub } from './hub.ts';
import type { PublishedFiles } from './published-files.ts';

export interface OpenHubOptions {
  readonly files: PublishedFiles;
  readonly org: string;
  readonly host: string;
  /** 0: any free one. */
  readonly port: number;
  readonly version: string;
}

export interface Hub {
  /** `http://host:port` */
  readonly url: string;
  lineages(): Promise<string[]>;
  close(): Promise<void>;
}

const METRICS = /^\/(?:metrics|livez|readyz)(?:\?|$)/;

/** @throws CptError CPT_PORT */
export async function openHub({ files, org, host, port, version }: OpenHubOptions): Promise<Hub> {
  const metrics = createMetrics({ version, processMetrics: true });
  const ready = () => ({ ready: true, detail: 'serving' });
  const told = metrics.observe;
  const server = await openHttpServer(
    (request, response) => {
      if (METRICS.test(request.url ?? '')) answerWithMetrics(request, response, { metrics, ready });
      else answerAsHub(request, response, { files, org, told }).catch(() => response.destroy());
    },
    // a download of gigabytes takes its time, a request does not
    { host, port, maxConnections: 256, maxHeaderSize: 16_384, headersTimeout: 5000, requestTimeout: 10_000 },
  );
  return { url: server.url, lineages: files.lineages, close: server.close };
}
