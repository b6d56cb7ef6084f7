/** What of a fetched batch is handed on at once, and in which portions. Pure. */

/** A portion becomes one transaction: the more of a backlog is in it the less its snapshot and its sync cost. */
const MOST_RECORDS = 2000;
/** What one fetch brings of a partition (1 MiB) is one portion, with what is counted beside the payloads. */
const MOST_BYTES = 2 << 20;

/**
 * Cuts items, in order, into portions of at most 2,000 items and 2 MiB (one larger item stands alone), as far as
 * they fit into `room` bytes. Where nothing waits yet the first portion passes whatever its size, so that an
 * item larger than the bound cannot stop the feed.
 */
export function portions<T>(
  items: readonly T[],
  bytesOf: (item: T) => number,
  room: number,
  nothingWaits: boolean,
): { readonly items: T[]; readonly bytes: number }[] {
  const cut: { items: T[]; bytes: number }[] = [];
  let left = room;
  let at = 0;
  while (at < items.length) {
    const portion = { items: [] as T[], bytes: 0 };
    for (; at < items.length && portion.items.length < MOST_RECORDS; at++) {
      const bytes = bytesOf(items[at]!);
      const isFirst = portion.items.length === 0;
      const passes = nothingWaits && isFirst && cut.length === 0;
      if (!passes && bytes > left - portion.bytes) break;
      if (!isFirst && portion.bytes + bytes > MOST_BYTES) break;
      portion.items.push(items[at]!);
      portion.bytes += bytes;
    }
    if (portion.items.length === 0) break;
    left -= portion.bytes;
    cut.push(portion);
  }
  return cut;
}
