/** Pools of real passages to splice streams from. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import type { Rng } from '../../src/rng.ts';

interface Pool {
  /** Files under the data folder, without `.jsonl.gz`. */
  readonly files: readonly string[];
  /** Only rows that have this label. */
  readonly label?: string;
}

const NEWS = ['agnews/agnews_train', 'agnews/agnews_test'];

const POOLS = {
  restaurants: { files: ['restaurant_reviews/restaurant_reviews'] },
  yelp: { files: ['restaurant_reviews/yelp_stars'] },
  ai: { files: ['ai_abstracts/ai_abstracts'] },
  acl: { files: ['acl_abstracts/acl_abstracts'] },
  news: { files: ['agnews/ag_news'] },
  world: { files: NEWS, label: 'World' },
  sports: { files: NEWS, label: 'Sports' },
  business: { files: NEWS, label: 'Business' },
  science: { files: NEWS, label: 'Sci/Tech' },
  wikipedia: { files: ['general/wikipedia-0'] },
  encyclopedia: { files: [0, 1, 2, 3].map((part) => `general/wikipedia-${part}`) },
  novels: { files: ['general/novels_public_domain'] },
  textbooks: { files: ['general/openstax_cc_by'] },
  sentences: { files: ['absa_restaurant14/train', 'absa_restaurant14/test'] },
  relations: { files: ['scierc_relation/train', 'scierc_relation/test'] },
  citations: { files: ['acl_arc_citation_intent/train', 'acl_arc_citation_intent/test'] },
  wikitext: { files: ['general_eval/wikitext2_valid', 'general_eval/wikitext2_test'] },
} as const satisfies Record<string, Pool>;

export type Source = keyof typeof POOLS;
export const SECTIONS: readonly Source[] = ['world', 'sports', 'business', 'science'];
/** Small pools, on which nothing is tuned. */
export const UNSEEN: readonly Source[] = ['sentences', 'relations', 'citations', 'wikitext'];

interface Row {
  readonly text: string;
  readonly label?: string;
}

/**
 * The folder of texts that a benchmark was given. Ends the process where none was, with how the benchmark is used, or
 * where a file is not there, with its name.
 */
export function dataFolder(given: string | undefined, usage: string): string {
  if (given === undefined) {
    process.stderr.write(`Usage: node --import tsx ${usage}\n`);
    process.exit(2);
  }
  const absent = missing(given);
  if (absent.length === 0) return given;
  process.stderr.write(`The data for this benchmark is absent: ${absent.join(', ')}\n`);
  process.exit(1);
}

/** The data files that are not there. */
export function missing(dataDir: string): string[] {
  const files = new Set(Object.values(POOLS).flatMap((pool: Pool) => pool.files));
  return [...files].map((name) => pathOf(dataDir, name)).filter((path) => !existsSync(path));
}

/** Reads pools on first use; a passage that stands in a pool twice is kept once. */
export class Pools {
  private readonly dataDir: string;
  private readonly pools = new Map<Source, readonly string[]>();

  constructor(dataDir: string) {
    this.dataDir = dataDir;
  }

  of(source: Source): readonly string[] {
    const known = this.pools.get(source);
    if (known) return known;
    const { files, label }: Pool = POOLS[source];
    const rows = files.flatMap((name) => this.read(name));
    const own = label === undefined ? rows : rows.filter((row) => row.label === label);
    const pool = [...new Set(own.map((row) => unmarked(row.text)))];
    this.pools.set(source, pool);
    return pool;
  }

  private read(name: string): Row[] {
    const lines = gunzipSync(readFileSync(pathOf(this.dataDir, name)))
      .toString('utf8')
      .trimEnd()
      .split('\n');
    return lines.map((line) => JSON.parse(line) as Row);
  }
}

function pathOf(dataDir: string, name: string): string {
  return join(dataDir, `${name}.jsonl.gz`);
}

/** Without the marks around related terms, by which one sentence stands in `relations` many times. */
function unmarked(text: string): string {
  return text.replace(/(\[\[|<<) | (\]\]|>>)/g, '');
}

/** Hands out passages in a seeded order, each text once though it stands in several pools: one dealer per stream. */
export class Dealer {
  private readonly pools: Pick<Pools, 'of'>;
  private readonly rng: Rng;
  private readonly orders = new Map<Source, string[]>();
  private readonly dealt = new Set<string>();

  constructor(pools: Pick<Pools, 'of'>, rng: Rng) {
    this.pools = pools;
    this.rng = rng;
  }

  /** `cut` says what becomes of a text. Throws RangeError where a pool is at its end. */
  deals(count: number, from: (i: number) => Source, cut = (text: string) => text): string[] {
    return Array.from({ length: count }, (_, i) => this.deal(from(i), cut));
  }

  private deal(source: Source, cut: (text: string) => string): string {
    let order = this.orders.get(source);
    if (!order) {
      order = this.rng.fork(source).shuffle([...this.pools.of(source)]);
      this.orders.set(source, order);
    }
    for (let whole = order.pop(); whole !== undefined; whole = order.pop()) {
      const text = cut(whole);
      if (this.dealt.has(text)) continue;
      this.dealt.add(text);
      return text;
    }
    throw new RangeError(`no passage of ${source} is left`);
  }
}
