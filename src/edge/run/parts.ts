/** What a run is made of. */
import type { Segmenter, SegmenterStatus } from '../../domains/index.ts';
import type { CptEvent } from '../../events.ts';
import type { DecodeOptions } from '../../text/decode.ts';
import type { DeadLetters } from '../dead-letters.ts';
import type { FeatureSource } from '../encoder/feature-source.ts';
import type { Feed } from '../feed/feed.ts';
import type { State } from '../state/state.ts';
import type { TrainerProcess } from '../trainer/process.ts';
import type { Pace, WaitingBounds } from './pace.ts';

export interface RunParts {
  readonly lineage: string;
  readonly feed: Feed;
  readonly segmenter: Segmenter;
  readonly features: Pick<FeatureSource, 'of' | 'encoder'>;
  readonly state: State;
  readonly trainer: TrainerProcess;
  readonly deadLetters: DeadLetters;
  readonly decode: DecodeOptions;
  /** Sends one event on; null where nobody listens. */
  readonly publish: ((event: CptEvent, id: string) => Promise<void>) | null;
  /** Looks at the open domain's text once in a while; gives what it measured. */
  readonly watch: (open: SegmenterStatus) => Promise<readonly CptEvent[]>;
  /** What may wait for training before the feed is held back. */
  readonly waiting: WaitingBounds;
  /** When tasks may begin. */
  readonly pace: Pace;
  /** Seconds, from any zero. */
  readonly clock: () => number;
}
