/** SASL OAUTHBEARER (RFC 7628) for kafkajs, whose own takes a refusal for a success. */
import type { Mechanism } from 'kafkajs';
import { CptError } from '../../../errors.ts';
import type { Token } from './token.ts';

const END = '\u0001';
const PREFIX = 4; // bytes of length before a message

/** @param token asked for at each login; what it throws as retryable is tried again with the connection */
export function oauthBearer(token: () => Promise<Token>): Mechanism {
  return {
    mechanism: 'oauthbearer',
    authenticationProvider: ({ saslAuthenticate }) => ({
      async authenticate() {
        const { value } = await token().catch((error: unknown) => {
          throw transient(error);
        });
        const refusal = await saslAuthenticate({
          request: { encode: () => framed(`n,,${END}auth=Bearer ${value}${END}${END}`) },
          response: { decode: (raw) => raw.subarray(PREFIX), parse: (data) => data.toString('utf8') },
        });
        if (!refusal) return;
        throw new CptError('CPT_KAFKA', `The broker refuses the token: ${statusOf(refusal)}.`, {
          hint: 'Check audience, scope and issuer that it wants, and the clocks.',
        });
      },
    }),
  };
}

function framed(text: string): Buffer {
  const bytes = Buffer.from(text, 'utf8');
  const prefix = Buffer.alloc(PREFIX);
  prefix.writeInt32BE(bytes.length);
  return Buffer.concat([prefix, bytes]);
}

/** `{"status":"invalid_token"}`, of which only such a word is repeated. */
function statusOf(refusal: string): string {
  return /"status"\s*:\s*"([\w.-]{1,64})"/.exec(refusal)?.[1] ?? 'no reason given';
}

/** kafkajs tries again what says so in its spelling, and on a new connection where the name is this one. */
class Transient extends Error {
  override readonly name = 'KafkaJSConnectionError';
  readonly retriable = true;
}

function transient(error: unknown): unknown {
  if (!(error instanceof CptError) || !error.retryable) return error;
  return new Transient(error.message, { cause: error });
}
