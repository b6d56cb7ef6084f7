/**
 * The encode role, top to bottom: what a member of the group reads is decoded, turned into vectors and sent on to
 * whoever segments. It keeps nothing: after a crash a batch may be encoded again, and `segment` knows it by its source.
 */
import { type Observable, of } from 'rxjs';
import type { FeedBatch } from '../src/edge/feed/feed.ts';
import type { Encode } from '../src/edge/roles/encode.ts';
import type { CptEvent } from '../src/events.ts';
import { acceptRecords } from '../src/stream/accept-records.ts';
import { addFeatures } from '../src/stream/add-features.ts';
import { doEach } from '../src/stream/do-each.ts';

export function pipeline(encode: Encode, batch: FeedBatch): Observable<CptEvent> {
  return of(batch).pipe(
    acceptRecords(encode.decode), // records → passages and dead letters
    addFeatures(encode.features), // passages → their vectors
    doEach(encode.send), // dead letters and passages → topics
  );
}
