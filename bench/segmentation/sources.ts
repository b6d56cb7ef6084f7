/** Pools of real passages to splice streams from. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import type { Rng } from '../../src/rng.ts';

const FILES = {
  restaurants: 'restaurant_reviews/restaurant_reviews',
  yelp: 'restaurant_reviews/yelp_stars',
  ai: 'ai_abstracts/ai_abstracts',
  acl: 'acl_abstracts/acl_abstracts',
  news: 'agnews/ag_news',
  wikipedia: 'general/wikipedia-0',
  novels: 'general/novels_public_domain',
  textbooks: 'general/openstax_cc_by',
} as const;

const LABELLED_NEWS = 'agnews/agnews_train';
const NEWS_SECTIONS = ['world', 'sports', 'business', 'science'] as const;

export type Source = keyof typeof FILES | (typeof NEWS_SECTIONS)[number];
export const SOURCES = Object.keys(FILES) as Source[];
export const SECTIONS: readonly Source[] = NEWS_SECTIONS;

interface Row {
  readonly text: string;
  readonly label?: string;
}

/** The data files that are not there. */
export function missing(dataDir: string): string[] {
  return [...Object.values(FILES), LABELLED_NEWS]
    .map((name) => join(dataDir, `${name}.jsonl.gz`))
    .filter((path) => !existsSync(path));
}

/** Reads pools on first use; a passage that stands in a pool twice is kept once. */
export class Pools {
  private readonly dataDir: string;
  private readonly pools = new Map<Source, string[]>();

  constructor(dataDir: string) {
    this.dataDir = dataDir;
  }

  of(source: Source): readonly string[] {
    const known = this.pools.get(source);
    if (known) return known;
    const section = SECTIONS.indexOf(source);
    const rows = this.read(section < 0 ? FILES[source as keyof typeof FILES] : LABELLED_NEWS);
    const labels = [...new Set(rows.map((row) => row.label))].sort();
    const own = section < 0 ? rows : rows.filter((row) => row.label === labels[section]);
    const pool = [...new Set(own.map((row) => row.text))];
    this.pools.set(source, pool);
    return pool;
  }

  private read(name: string): Row[] {
    const lines = gunzipSync(readFileSync(join(this.dataDir, `${name}.jsonl.gz`)))
      .toString('utf8')
      .trimEnd()
      .split('\n');
    return lines.map((line) => JSON.parse(line) as Row);
  }
}

/** Hands out each passage of a pool once, in a seeded order: one dealer per stream. */
export class Dealer {
  private readonly pools: Pools;
  private readonly rng: Rng;
  private readonly orders = new Map<Source, string[]>();

  constructor(pools: Pools, rng: Rng) {
    this.pools = pools;
    this.rng = rng;
  }

  deal(source: Source): string {
    let order = this.orders.get(source);
    if (!order) {
      order = this.rng.fork(source).shuffle([...this.pools.of(source)]);
      this.orders.set(source, order);
    }
    const text = order.pop();
    if (text === undefined) throw new RangeError(`no passage of ${source} is left`);
    return text;
  }
}
