/** How a hub is reached and where its files are kept, from the variables that other hub clients read too. */
import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import { CptError } from '../../errors.ts';

export interface HubAccess {
  /** Without a slash at the end. */
  readonly endpoint: string;
  /** Sent to the endpoint's own origin and nowhere else; never told. */
  readonly token: string | null;
  /** Folder of the cache, laid out as huggingface_hub does it and shared with it. */
  readonly cache: string;
  /** Never ask the hub. */
  readonly offline: boolean;
  /** A proxy is set that Node's fetch does not go through by itself. */
  readonly proxyIgnored: boolean;
  /** Of cpt-stream, for the hub's log. */
  readonly version: string;
}

type Env = Readonly<Record<string, string | undefined>>;

export interface AccessSettings {
  readonly env: Env;
  readonly offline: boolean;
  readonly version: string;
}

const PUBLIC_HUB = 'https://huggingface.co';

/** @throws CptError CPT_CONFIG where HF_ENDPOINT is no URL or HF_TOKEN cannot be a token */
export function hubAccess({ env, offline, version }: AccessSettings): HubAccess {
  return {
    endpoint: endpointOf(env.HF_ENDPOINT || PUBLIC_HUB),
    token: tokenOf(env.HF_TOKEN ?? ''),
    cache: cacheOf(env),
    offline: offline || isTrue(env.HF_HUB_OFFLINE),
    proxyIgnored: Boolean(env.HTTPS_PROXY || env.https_proxy) && !isTrue(env.NODE_USE_ENV_PROXY),
    version,
  };
}

function endpointOf(given: string): string {
  const url = URL.canParse(given) ? new URL(given) : null;
  // what is wrong is not repeated: a URL may carry a password
  if (url === null || !/^https?:$/.test(url.protocol) || url.search !== '' || url.hash !== '') {
    throw new CptError('CPT_CONFIG', 'HF_ENDPOINT is not the URL of a hub.', {
      hint: `Give it as ${PUBLIC_HUB} is written, or unset it.`,
    });
  }
  if (url.username !== '' || url.password !== '') {
    throw new CptError('CPT_CONFIG', 'HF_ENDPOINT has a user or a password in it.', {
      hint: 'Leave them out and set HF_TOKEN.',
    });
  }
  return url.href.replace(/\/+$/, '');
}

/** A token with a line break in it would end up in the message of whoever refuses it as a header. */
function tokenOf(given: string): string | null {
  const token = given.trim();
  if (token === '') return null;
  if (/^[\x21-\x7e]+$/.test(token)) return token;
  throw new CptError('CPT_CONFIG', 'HF_TOKEN has spaces or characters in it that no token has.', {
    hint: 'Set it again, or unset it.',
  });
}

function cacheOf(env: Env): string {
  const own = env.HF_HUB_CACHE || env.HUGGINGFACE_HUB_CACHE;
  if (own) return resolve(expanded(own));
  const home = env.HF_HOME || join(env.XDG_CACHE_HOME || '~/.cache', 'huggingface');
  return resolve(expanded(home), 'hub');
}

function expanded(path: string): string {
  return path.replace(/^~(?=$|[/\\])/, () => homedir());
}

function isTrue(value: string | undefined): boolean {
  return /^(1|true|yes|on)$/i.test(value ?? '');
}
