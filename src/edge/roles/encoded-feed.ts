/**
 * What `encode` made, as a feed for `segment`. A member of `encode` that stopped before it could commit its offsets
 * makes some passages again; as they say which record they were made of, each is given once. In one partition the
 * passages of one source come in its order, so the newest offset of each source is all that must be remembered; it
 * stands among the feed's offsets, in the same transaction as the passages.
 */
import { CptError } from '../../errors.ts';
import type { Feed, FeedBatch, FeedOffsets, FeedRecord, OpenFeed } from '../feed/feed.ts';
import { type EncodedPassage, parseEncoded } from './encoded-passage.ts';

const SOURCE = 'source:';

/**
 * @param open the feed of the topic that `encode` writes
 * @param encoder what features must have been made by; see `FeatureSource.identity`
 * @throws CptError CPT_STATE from `read` where a passage was encoded by something else, CPT_KAFKA where a message is
 *   none of `encode`'s
 */
export function openEncodedFeed(open: OpenFeed, encoder: string): OpenFeed {
  return async (from) => {
    const { own, sources } = apart(from);
    return new EncodedFeed(await open(own), sources, encoder);
  };
}

class EncodedFeed implements Feed {
  readonly #feed: Feed;
  /** Next offset that is new, by `topic/partition` of the source. */
  readonly #sources: Map<string, bigint>;
  readonly #encoder: string;

  constructor(feed: Feed, sources: Map<string, bigint>, encoder: string) {
    this.#feed = feed;
    this.#sources = sources;
    this.#encoder = encoder;
  }

  async read(): Promise<FeedBatch | null> {
    const batch = await this.#feed.read();
    if (batch === null) return null;
    const records = batch.records.flatMap((record) => this.#once(record));
    const sources = [...this.#sources].map(([source, next]) => [`${SOURCE}${source}`, String(next)]);
    return { ...batch, records, offsets: { ...batch.offsets, ...Object.fromEntries(sources) } };
  }

  close(): Promise<void> {
    return this.#feed.close();
  }

  /** The record, or nothing where it came before. */
  #once(record: FeedRecord): FeedRecord[] {
    const passage = this.#parse(record);
    const { topic, partition, offset } = passage.source;
    const source = `${topic}/${partition}`;
    if (offset < (this.#sources.get(source) ?? 0n)) return [];
    this.#sources.set(source, offset + 1n);
    const { domain, time, features } = passage;
    return [
      {
        bytes: record.bytes,
        size: record.size,
        position: `${topic}[${partition}]@${offset}`,
        ...(domain === null ? {} : { domain }),
        ...(time === null ? {} : { time }),
        features,
      },
    ];
  }

  #parse({ origin, position }: FeedRecord): EncodedPassage {
    const { value = null, headers = {} } = origin ?? {};
    const passage = parseEncoded({ value, headers });
    if (typeof passage === 'string') {
      throw new CptError('CPT_KAFKA', `${position} is no encoded passage: ${passage}.`, {
        hint: 'Only cpt run --role encode may write to this topic.',
      });
    }
    if (passage.encoder !== this.#encoder) {
      const by = JSON.stringify(passage.encoder.slice(0, 100));
      throw new CptError('CPT_STATE', `${position} was encoded by ${by}, not by ${this.#encoder}.`, {
        hint: 'Give encode and segment the same --features and --encoder.',
      });
    }
    return passage;
  }
}

function apart(from: FeedOffsets | null): { own: FeedOffsets | null; sources: Map<string, bigint> } {
  const sources = new Map<string, bigint>();
  const own: Record<string, string> = {};
  for (const [name, offset] of Object.entries(from ?? {})) {
    if (name.startsWith(SOURCE)) sources.set(name.slice(SOURCE.length), BigInt(offset));
    else own[name] = offset;
  }
  return { own: Object.keys(own).length === 0 ? null : own, sources };
}
