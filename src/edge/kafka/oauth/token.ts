/** A token of OAUTHBEARER: what may be one, and until when. */
import { CptError } from '../../../errors.ts';

export interface Token {
  readonly value: string;
  /** Seconds since 1970, where it is known. */
  readonly expires: number | null;
}

/** Of RFC 6750, section 2.1: nothing that could end the message that carries it. */
const B64TOKEN = /^[A-Za-z0-9\-._~+/]+=*$/;
const MAX_LENGTH = 1 << 16;

/**
 * @param from where it came from, for a sentence
 * @throws CptError CPT_KAFKA where it cannot be a bearer token; the token is not repeated
 */
export function toToken(value: string, from: string): Token {
  if (value.length > MAX_LENGTH || !B64TOKEN.test(value)) {
    throw new CptError(
      'CPT_KAFKA',
      `${from} gave no bearer token: it has characters that none has, or none.`,
    );
  }
  return { value, expires: expiryOf(value) };
}

/** `exp` of a JSON Web Token, which is read and not verified: that is the broker's part. */
function expiryOf(value: string): number | null {
  const [, payload] = value.split('.');
  if (payload === undefined) return null;
  try {
    const claims: unknown = JSON.parse(Buffer.from(payload, 'base64url').toString('utf8'));
    const exp = (claims as { exp?: unknown } | null)?.exp;
    return typeof exp === 'number' && Number.isFinite(exp) ? exp : null;
  } catch {
    return null;
  }
}
