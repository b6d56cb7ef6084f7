/** What is sent at once: one send to a partition is one batch, which has the topic's bound of a message too. Pure. */

/** 1 MiB is the bound by default. */
const BYTES_PER_SEND = 1 << 19;

/** Slices, in order, of at most so many items and (unless one alone is larger) 512 KiB. */
export function* slices<T>(items: readonly T[], most: number, bytesOf: (item: T) => number): Generator<T[]> {
  let slice: T[] = [];
  let bytes = 0;
  for (const item of items) {
    const size = bytesOf(item);
    if (slice.length > 0 && (slice.length === most || bytes + size > BYTES_PER_SEND)) {
      yield slice;
      slice = [];
      bytes = 0;
    }
    slice.push(item);
    bytes += size;
  }
  if (slice.length > 0) yield slice;
}
