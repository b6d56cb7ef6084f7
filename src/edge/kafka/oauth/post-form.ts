/** One request to a token endpoint, bounded in time and size. */
import http from 'node:http';
import https from 'node:https';
import { rootCertificates } from 'node:tls';
import { CptError } from '../../../errors.ts';
import type { ClientCredentials } from './endpoint-token.ts';

export interface Answer {
  readonly status: number;
  readonly body: string;
}

const TIMEOUT = 10_000; // ms, for all of it
const MAX_BYTES = 1 << 20;

/**
 * The client says who it is in the Authorization header (`client_secret_basic`). Redirections are not followed:
 * the secret goes to the host that was named.
 * @throws CptError CPT_KAFKA, retryable
 */
export function postForm({
  endpoint,
  clientId,
  clientSecret,
  scope,
  ca,
}: ClientCredentials): Promise<Answer> {
  const url = new URL(endpoint);
  const form = new URLSearchParams({ grant_type: 'client_credentials', ...(scope === '' ? {} : { scope }) });
  const body = form.toString();
  const client = [clientId, clientSecret].map(encodeForm).join(':');
  const options: https.RequestOptions = {
    method: 'POST',
    signal: AbortSignal.timeout(TIMEOUT),
    agent: false,
    headers: {
      'content-type': 'application/x-www-form-urlencoded',
      'content-length': Buffer.byteLength(body),
      accept: 'application/json',
      authorization: `Basic ${Buffer.from(client).toString('base64')}`,
    },
  };
  const secure = { rejectUnauthorized: true, ...(ca === undefined ? {} : { ca: [...rootCertificates, ca] }) };
  return new Promise((resolve, reject) => {
    const failed = (error: Error): void => reject(unreachable(url, error));
    const request =
      url.protocol === 'https:' ? https.request(url, { ...options, ...secure }) : http.request(url, options);
    request.on('error', failed);
    request.on('response', (response) => {
      const chunks: Buffer[] = [];
      let size = 0;
      response.on('error', failed);
      response.on('data', (chunk: Buffer) => {
        size += chunk.length;
        if (size > MAX_BYTES) response.destroy(new Error('its answer is larger than 1 MiB'));
        else chunks.push(chunk);
      });
      response.on('end', () =>
        resolve({ status: response.statusCode ?? 0, body: Buffer.concat(chunks).toString('utf8') }),
      );
    });
    request.end(body);
  });
}

/** Of RFC 6749, section 2.3.1: both halves are form-encoded before they are joined. */
function encodeForm(text: string): string {
  return new URLSearchParams({ '': text }).toString().slice(1);
}

function unreachable({ origin }: URL, cause: Error): CptError {
  const { name, code, message } = cause as NodeJS.ErrnoException;
  const why =
    name === 'AbortError' || name === 'TimeoutError' ? `no answer in ${TIMEOUT / 1000} s` : (code ?? message);
  return new CptError('CPT_KAFKA', `The token endpoint ${origin} cannot be asked: ${why}.`, {
    hint: 'Check --kafka-token-endpoint, and --kafka-ca where its certificate is signed by an authority of your own.',
    retryable: true,
    cause,
  });
}
