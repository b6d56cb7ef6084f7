/** Requests to a hub: whom the token is sent to, how long to wait, when to try again. */
import { setTimeout as sleep } from 'node:timers/promises';
import { CptError } from '../../errors.ts';
import { type Asked, networkError, refusalOf } from './refusals.ts';

export interface Patience {
  readonly signal: AbortSignal;
  /** Pauses before the next tries, milliseconds; as many tries fail in a row before it is an error. */
  readonly pauses: readonly number[];
  /** Longest silence of the hub, milliseconds. */
  readonly silence: number;
}

export const PATIENCE: Omit<Patience, 'signal'> = { pauses: [500, 1000, 2000, 4000], silence: 30_000 };

/** An answer, and a watch over its body: `heard` is called with each part of it. */
export interface Answer {
  readonly response: Response;
  heard(): void;
  /** To be called at the end, whatever happened. */
  done(): void;
}

/**
 * One request, not repeated. Redirects are followed; fetch itself takes the token off where one leads to another
 * origin.
 * @throws CptError CPT_HUB, CPT_INTERRUPTED
 */
export async function ask(url: string, init: RequestInit, asked: Asked, patience: Patience): Promise<Answer> {
  const { access } = asked;
  const { signal, silence } = patience;
  signal.throwIfAborted();
  const headers = new Headers(init.headers);
  headers.set('user-agent', `cpt-stream/${access.version}`);
  if (access.token !== null && new URL(url).origin === new URL(access.endpoint).origin) {
    headers.set('authorization', `Bearer ${access.token}`);
  }
  const stop = new AbortController();
  const forward = (): void => stop.abort(signal.reason);
  const silent = setTimeout(() => stop.abort(new Error(`no byte in ${silence / 1000} s`)), silence);
  signal.addEventListener('abort', forward, { once: true });
  const done = (): void => {
    clearTimeout(silent);
    signal.removeEventListener('abort', forward);
  };
  try {
    const response = await fetch(url, { ...init, headers, signal: stop.signal });
    const refusal = refusalOf(response, asked);
    if (refusal === null) return { response, heard: () => silent.refresh(), done };
    await response.body?.cancel().catch(() => {});
    throw refusal;
  } catch (error) {
    done();
    throw told(error, asked, signal);
  }
}

/** What went wrong with a request or its body, as a documented error. */
export function told(error: unknown, asked: Asked, signal: AbortSignal): unknown {
  if (signal.aborted) return signal.reason;
  return error instanceof CptError ? error : networkError(error, asked);
}

/** Does something again where its failure may pass by itself. `attempt` calls `progress` when it got any further. */
export async function patiently<T>(
  attempt: (progress: () => void) => Promise<T>,
  patience: Patience,
): Promise<T> {
  let failures = 0;
  for (;;) {
    try {
      return await attempt(() => {
        failures = 0;
      });
    } catch (error) {
      const { signal, pauses } = patience;
      if (!(error instanceof CptError) || !error.retryable || signal.aborted || failures >= pauses.length)
        throw error;
      await sleep(pauses[failures++]!, undefined, { signal }).catch(() => signal.throwIfAborted());
    }
  }
}
