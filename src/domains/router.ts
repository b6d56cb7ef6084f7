/**
 * What is known of the domains as JSON, for a checkpoint's `router.json`. Whoever reads it can route texts without
 * this program: it says how features are made and what the numbers are.
 */
import { CptError } from '../errors.ts';
import { kindOf, parseDomainName } from '../text/domain-name.ts';
import { BUCKETS } from './features.ts';
import { isLabel } from './label.ts';
import { logShares, type OwnLikelihood } from './likelihood.ts';
import type { RoutedDomain } from './route.ts';
import type { Signature } from './signature.ts';

export const ROUTER_FORMAT = 'cpt-router-1';
/** Steps to a nat: 256 of them hold every smoothed share, to a fortieth of a nat. */
const SCALE = 20;
const MAX_PASSAGES = 2 ** 53;

/** The features of version 1; another way of making them is another name. */
const FEATURES = {
  name: 'cpt-words-1',
  tokens:
    'NFC, lower case, at most 8192 UTF-16 units; runs of letters and marks; runs of numbers; each punctuation mark ' +
    'or symbol; in scripts without spaces (by Script_Extensions) each letter and each pair of neighbours',
  hash: 'FNV-1a over code points, 32 bits; h ^= h >>> 16; h *= 0x85ebca6b; h ^= h >>> 13; the low 10 bits',
  value: 'log(1 + count), count at most 255, the passage scaled to length 1',
  buckets: BUCKETS,
};
/** What an encoder makes cannot be made of a text by whoever reads the file, so that it routes nothing. */
const ENCODED = 'cpt-encoder-1';

const SHARES =
  'base64, a byte for each bucket: its natural log share is -byte / scale; a text scores the sum of value times ' +
  'log share over the sum of its values, and own has mean and spread of the score of the domain’s passages';

export interface RouterJson {
  readonly format: typeof ROUTER_FORMAT;
  readonly features:
    | typeof FEATURES
    | { readonly name: string; readonly encoder: string; readonly buckets: number };
  readonly shares: string;
  readonly scale: number;
  readonly domains: readonly {
    readonly domain: string;
    readonly label: string | null;
    readonly passages: number;
    readonly own: OwnLikelihood;
    readonly shares: string;
  }[];
}

/**
 * @param labels by domain
 * @param encoder what made the features, for a person; null: they are of words
 */
export function routerJson(
  signatures: readonly Signature[],
  labels: ReadonlyMap<string, string> = new Map(),
  encoder: string | null = null,
): RouterJson {
  const features = encoder === null ? FEATURES : { name: ENCODED, encoder, buckets: BUCKETS };
  const domains = signatures.map(({ domain, counts, means, own }) => {
    const [a, b] = counts;
    const shares = logShares(means[0].map((mean, i) => Math.round((mean * a + means[1][i]! * b) / (a + b))));
    const bytes = Uint8Array.from(shares, (share) => Math.min(255, Math.round(-share * SCALE)));
    const { mean, spread } = own;
    return {
      domain,
      label: labels.get(domain) ?? null,
      passages: a + b,
      own: { mean: Number(mean.toFixed(4)), spread: Number(spread.toFixed(4)) },
      shares: Buffer.from(bytes).toString('base64'),
    };
  });
  return { format: ROUTER_FORMAT, features, shares: SHARES, scale: SCALE, domains };
}

/**
 * The domains of a `router.json` that anybody may have written. Members that are not known are left alone.
 * @param json what the file holds, parsed
 * @throws CptError CPT_VERIFY, CPT_ENCODER where domains are not told apart by words
 */
export function parseRouter(json: unknown): RoutedDomain[] {
  const file = members(json, 'it');
  if (file.format !== ROUTER_FORMAT) throw fault(`its format is ${show(file.format)}, not ${ROUTER_FORMAT}`);
  const { name, buckets } = members(file.features, 'its member features');
  if (name === ENCODED) {
    throw new CptError('CPT_ENCODER', 'The domains of this lineage were told apart by a sentence encoder.', {
      hint: 'Only a lineage that was begun with --features lexical can route texts.',
    });
  }
  if (name !== FEATURES.name || buckets !== BUCKETS) {
    throw fault(`its features are ${show(name)} in ${show(buckets)} buckets`);
  }
  const scale = checkedNumber(file.scale, 'scale', 1, 1e6);
  if (!Array.isArray(file.domains)) throw fault(`its member domains is ${kindOf(file.domains)}`);
  const seen = new Set<string>();
  return file.domains.map((entry: unknown, at) => {
    const { domain, label = null, passages, own, shares } = members(entry, `domain ${at}`);
    const parsed = parseDomainName(domain);
    if (!parsed.ok || parsed.domain !== domain) throw fault(`domain ${at} is called ${show(domain)}`);
    if (seen.has(domain)) throw fault(`it has the domain ${show(domain)} twice`);
    seen.add(domain);
    if (label !== null && !isLabel(label)) throw fault(`the label of ${show(domain)} is ${show(label)}`);
    const { mean, spread } = members(own, `own of ${show(domain)}`);
    return {
      domain,
      label,
      passages: checkedNumber(passages, 'passages', 1, MAX_PASSAGES),
      own: {
        mean: checkedNumber(mean, 'mean', -1e3, 0),
        spread: checkedNumber(spread, 'spread', 1e-3, 1e3),
      },
      shares: decodedShares(shares, scale, domain),
    };
  });
}

function decodedShares(shares: unknown, scale: number, domain: string): Float64Array {
  const bytes = typeof shares === 'string' ? Buffer.from(shares, 'base64') : null;
  if (bytes === null || bytes.length !== BUCKETS || bytes.toString('base64') !== shares) {
    throw fault(`the shares of ${show(domain)} are not ${BUCKETS} bytes in base64`);
  }
  const logs = Float64Array.from(bytes, (byte) => -byte / scale);
  const total = logs.reduce((sum, log) => sum + Math.exp(log), 0);
  if (Math.abs(total - 1) > 0.1) throw fault(`the shares of ${show(domain)} add up to ${total.toFixed(3)}`);
  return logs;
}

function members(value: unknown, what: string): Readonly<Record<string, unknown>> {
  if (kindOf(value) !== 'an object') throw fault(`${what} is ${kindOf(value)}, not an object`);
  return value as Readonly<Record<string, unknown>>;
}

function checkedNumber(value: unknown, what: string, min: number, max: number): number {
  if (typeof value === 'number' && value >= min && value <= max) return value;
  throw fault(`${what} is ${show(value)}, not a number from ${min} to ${max}`);
}

function show(value: unknown): string {
  return JSON.stringify(value)?.slice(0, 80) ?? 'missing';
}

function fault(what: string): CptError {
  return new CptError('CPT_VERIFY', `The router is wrong: ${what}.`, {
    hint: 'Run verify on the lineage, or publish it anew.',
  });
}
