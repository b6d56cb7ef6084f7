/**
 * The stream, top to bottom: a feed is cut into domains, every closed domain is trained on and published, and
 * what happened is sent on. The three parts run side by side and meet only in the durable state, so that a
 * crash of any of them loses nothing.
 */
import { concat, from, merge, type Observable } from 'rxjs';
import type { Run } from '../src/edge/run/run.ts';
import type { CptEvent } from '../src/events.ts';
import { acceptRecords } from '../src/stream/accept-records.ts';
import { addFeatures } from '../src/stream/add-features.ts';
import { doEach } from '../src/stream/do-each.ts';
import { pull } from '../src/stream/pull.ts';
import { segmentPassages } from '../src/stream/segment-passages.ts';

export function pipeline(run: Run): Observable<CptEvent> {
  const intake = pull(run.readBatch, (batches) =>
    batches.pipe(
      acceptRecords(run.decode), // records → passages and dead letters
      addFeatures(run.features), // where an encoder makes them: passages → their vectors
      segmentPassages(run.segment, run.turn), // passages → drift, closed domains
      doEach(run.keep), // one transaction: passages, offsets, segmenter, closed domains
    ),
  );
  const ending = from(run.finish()); // the feed's end closes the open domain
  const tasks = pull(run.nextTask, (waiting) => waiting.pipe(doEach(run.train))); // closed domain → checkpoint
  const deliveries = pull(run.nextOutgoing, (events) => events.pipe(doEach(run.deliver))); // events → topics
  return merge(concat(intake, ending), tasks, deliveries);
}
