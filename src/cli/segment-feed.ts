/** The loop of `cpt segment`: records in, closed domains out. */
import type { Verdict } from '../domains/index.ts';
import type { FeedBatch } from '../edge/feed/feed.ts';
import type { DomainClosed } from '../events.ts';
import { type DecodeOptions, decodePassage } from '../text/decode.ts';

export interface SegmentFeed {
  read(): Promise<FeedBatch | null>;
  readonly decode: DecodeOptions;
  readonly segmenter: {
    push(passage: { text: string; domain: string | null; bytes: number }): Verdict[];
    end(): Verdict[];
  };
  /** Called for each domain as soon as it is closed. */
  closed(event: Omit<DomainClosed, 'lineage'>): Promise<void>;
}

/** Reads to the end of the feed. @returns how many records held no passage */
export async function segmentFeed({ read, decode, segmenter, closed }: SegmentFeed): Promise<number> {
  let rejected = 0;
  for (let batch = await read(); batch !== null; batch = await read()) {
    for (const record of batch.records) {
      const decoded = decodePassage(record, decode);
      if (!decoded.ok) {
        rejected += 1;
        continue;
      }
      const { text, domain } = decoded;
      for (const verdict of segmenter.push({ text, domain, bytes: record.size })) await tell(verdict);
    }
  }
  for (const verdict of segmenter.end()) await tell(verdict);
  return rejected;

  async function tell(verdict: Verdict): Promise<void> {
    if (verdict.kind !== 'closed') return;
    const { domain, first, last, detectedAt, returnOf } = verdict;
    await closed({ event: 'DomainClosed', domain, first, last, detectedAt, returnOf });
  }
}
