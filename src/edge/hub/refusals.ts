/** What a hub or the network says instead of an answer, as one line with what to do. */
import { CptError } from '../../errors.ts';
import type { HubAccess } from './access.ts';
import { type HubId, hubIdText } from './id.ts';

/** A request's subject: the base, and the file of it where one was asked for. */
export interface Asked {
  readonly id: HubId;
  readonly access: HubAccess;
  readonly file?: string;
}

/** The error for an answer that holds nothing to use, or null for one that does. */
export function refusalOf(response: Response, asked: Asked): CptError | null {
  const { status, headers } = response;
  const { endpoint } = asked.access;
  const why = headers.get('x-error-code');
  const page = /^text\/html\b/i.test(headers.get('content-type') ?? '');
  if (page && why === null && status < 500) {
    return new CptError('CPT_HUB', `${endpoint} answered with a web page (status ${status}), not as a hub.`, {
      hint: 'A proxy or a sign-in page may stand between; check it, and HF_ENDPOINT.',
    });
  }
  if (response.ok) return null;
  const place = new URL(response.url).origin;
  if (place !== new URL(endpoint).origin) {
    // a signed address that has run out is replaced by asking the hub again
    return new CptError(
      'CPT_HUB',
      `${place}, where ${endpoint} has ${about(asked)}, answered with ${status}.`,
      {
        hint: AGAIN,
        retryable: true,
      },
    );
  }
  if (status === 401 || status === 403) return forbidden(status, why, asked);
  if (status === 404) return missing(why, asked);
  return new CptError('CPT_HUB', `${endpoint} answered ${about(asked)} with status ${status}.`, {
    hint: status === 429 ? 'Too many requests: wait a while, or set HF_TOKEN.' : AGAIN,
    retryable: status >= 500 || status === 408 || status === 429,
  });
}

const AGAIN = 'Run the same command again later: what was fetched is kept.';

function forbidden(status: number, why: string | null, asked: Asked): CptError {
  const { id, access } = asked;
  if (why === 'GatedRepo') {
    return new CptError('CPT_HUB', `${id.repo} is given only to those whom its owner lets in.`, {
      hint: `Ask for it at ${access.endpoint}/${id.repo}, then set HF_TOKEN.`,
    });
  }
  if (access.token === null) {
    // hubs answer so for private models as well as for those that are not there
    return new CptError('CPT_HUB', `${about(asked)} needs a token, or is not at ${access.endpoint}.`, {
      hint: 'Check the name; for a private model set HF_TOKEN.',
    });
  }
  return new CptError(
    'CPT_HUB',
    `${access.endpoint} refuses ${about(asked)} to the token in HF_TOKEN (${status}).`,
    {
      hint: 'Check that the token is valid and may read it.',
    },
  );
}

function missing(why: string | null, asked: Asked): CptError {
  const { id, access, file } = asked;
  if (why === 'RevisionNotFound') {
    return new CptError('CPT_HUB', `${id.repo} has no revision ${id.revision} at ${access.endpoint}.`, {
      hint: 'Name a branch, a tag or a commit of 40 hex digits behind the @.',
    });
  }
  if (file !== undefined) {
    return new CptError('CPT_HUB', `${hubIdText(id)} lists ${file} but does not have it.`, { hint: AGAIN });
  }
  return new CptError(
    'CPT_HUB',
    `There is no folder and no model ${id.repo} (looked at ${access.endpoint}).`,
    {
      hint: 'Check the name; a private model needs HF_TOKEN.',
    },
  );
}

/** The error for a request that got no answer at all, or whose answer broke off. */
export function networkError(error: unknown, { access }: Asked): CptError {
  const proxy = access.proxyIgnored
    ? ' Node goes through HTTPS_PROXY only with NODE_USE_ENV_PROXY=1 (Node 24).'
    : '';
  return new CptError('CPT_HUB', `${access.endpoint} cannot be reached (${reasonOf(error)}).`, {
    hint: `Check the network and HF_ENDPOINT; what was fetched is kept.${proxy}`,
    retryable: true,
    cause: error,
  });
}

/** The system's or the client's code, or else the message, which lies deep in what fetch throws. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const { code } = error as NodeJS.ErrnoException;
  if (typeof code === 'string') return code;
  const inner: unknown = error instanceof AggregateError ? error.errors[0] : error.cause;
  return inner instanceof Error ? reasonOf(inner) : error.message || 'no answer';
}

function about({ id, file }: Asked): string {
  return file === undefined ? hubIdText(id) : `${file} of ${hubIdText(id)}`;
}
