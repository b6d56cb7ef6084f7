/** Tokens for client credentials (RFC 6749, section 4.4), kept until shortly before they expire. */
import { CptError } from '../../../errors.ts';
import { type Answer, postForm } from './post-form.ts';
import { type Token, toToken } from './token.ts';

export interface ClientCredentials {
  /** https, or http on this machine. */
  readonly endpoint: string;
  readonly clientId: string;
  readonly clientSecret: string;
  /** Space-separated, or empty. */
  readonly scope: string;
  /** Authorities (PEM) that are trusted beside those of Node.js. */
  readonly ca?: string;
}

/** Asked again when so much of a token's life is over, so that an outage of the endpoint is not ours. */
const FRESH_SHARE = 0.8;
const DEFAULT_LIFE = 300; // seconds, where the answer names none

/**
 * @param now seconds since 1970
 * @throws CptError CPT_KAFKA where the endpoint refuses (not retryable) or cannot be had (retryable). A token that
 * is still valid is used where it cannot be had.
 */
export function endpointToken(credentials: ClientCredentials, now: () => number): () => Promise<Token> {
  let held: { readonly token: Token; readonly until: number; readonly renewAt: number } | undefined;
  let asking: Promise<Token> | undefined;

  const ask = async (): Promise<Token> => {
    const at = now();
    const { token, life } = tokenIn(await postForm(credentials), where(credentials.endpoint));
    held = { token, until: at + life, renewAt: at + FRESH_SHARE * life };
    return token;
  };
  return async () => {
    if (held !== undefined && now() < held.renewAt) return held.token;
    asking ??= ask().finally(() => {
      asking = undefined;
    });
    try {
      return await asking;
    } catch (error) {
      if (held !== undefined && now() < held.until) return held.token;
      throw error;
    }
  };
}

function where(endpoint: string): string {
  return `The token endpoint ${new URL(endpoint).origin}`;
}

/** @returns the token and its life in seconds */
function tokenIn({ status, body }: Answer, from: string): { token: Token; life: number } {
  const json = parse(body);
  if (status !== 200) {
    const error =
      typeof json.error === 'string' && /^[\w.-]{1,64}$/.test(json.error) ? ` (${json.error})` : '';
    throw new CptError('CPT_KAFKA', `${from} answered ${status}${error}.`, {
      hint: 'Check --kafka-oauth-client-id, its secret, --kafka-oauth-scope and the path of the endpoint.',
      retryable: status >= 500 || status === 429,
    });
  }
  if (typeof json.access_token !== 'string') {
    throw new CptError('CPT_KAFKA', `${from} answered without an access_token.`);
  }
  if (typeof json.token_type === 'string' && json.token_type.toLowerCase() !== 'bearer') {
    throw new CptError('CPT_KAFKA', `${from} gave a token that is no bearer token.`);
  }
  const given = Number(json.expires_in ?? DEFAULT_LIFE);
  return { token: toToken(json.access_token, from), life: given > 0 ? given : DEFAULT_LIFE };
}

function parse(body: string): Readonly<Record<string, unknown>> {
  try {
    const json: unknown = JSON.parse(body);
    return typeof json === 'object' && json !== null ? (json as Record<string, unknown>) : {};
  } catch {
    return {};
  }
}
