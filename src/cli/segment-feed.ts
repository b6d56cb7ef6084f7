/** The loop of `cpt segment`: records in, closed domains out. */
import type { PassageInput, Verdict } from '../domains/index.ts';
import type { FeatureSource } from '../edge/encoder/feature-source.ts';
import type { FeedBatch } from '../edge/feed/feed.ts';
import { closedMembers } from '../edge/run/told.ts';
import type { DomainClosed } from '../events.ts';
import { type DecodeOptions, decodePassage } from '../text/decode.ts';

export interface SegmentFeed {
  read(): Promise<FeedBatch | null>;
  readonly decode: DecodeOptions;
  readonly features: Pick<FeatureSource, 'of'>;
  readonly segmenter: {
    push(passage: PassageInput): Verdict[];
    end(): Verdict[];
  };
  /** Called for each domain as soon as it is closed. */
  closed(event: Omit<DomainClosed, 'lineage'>): Promise<void>;
}

/** Reads to the end of the feed. @returns how many records held no passage */
export async function segmentFeed(parts: SegmentFeed): Promise<number> {
  const { read, decode, features, segmenter, closed } = parts;
  let rejected = 0;
  for (let batch = await read(); batch !== null; batch = await read()) {
    const passages: PassageInput[] = [];
    for (const record of batch.records) {
      const decoded = decodePassage(record, decode);
      if (decoded.ok) {
        const { text, domain, time = null } = decoded;
        passages.push({ text, domain, time });
      } else if (decoded.reason !== 'language') rejected += 1;
    }
    const made = await features.of(passages.map(({ text }) => text));
    for (const [at, passage] of passages.entries()) {
      const input = made === null ? passage : { ...passage, features: made[at]! };
      for (const verdict of segmenter.push(input)) await tell(verdict);
    }
  }
  for (const verdict of segmenter.end()) await tell(verdict);
  return rejected;

  async function tell(verdict: Verdict): Promise<void> {
    if (verdict.kind !== 'closed') return;
    await closed({ event: 'DomainClosed', ...closedMembers(verdict) });
  }
}
