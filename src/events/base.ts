/** A base model's way from a hub. */

/** A base model is on its way from a hub; told a few times a second. */
export interface BaseFetching {
  readonly event: 'BaseFetching';
  readonly lineage: string;
  /** As it was named: `org/name@revision`. */
  readonly base: string;
  readonly file: string;
  /** Of all files of the base, what was in the cache before included. */
  readonly bytes: number;
  readonly total: number;
}

/** A base model from a hub stands in the cache. */
export interface BaseReady {
  readonly event: 'BaseReady';
  readonly lineage: string;
  readonly base: string;
  /** What the named revision is: 40 hex digits. */
  readonly commit: string;
  /** Bytes that had to be fetched; 0 where all was in the cache. */
  readonly fetched: number;
  /** Whether the lineage is bound to this commit, whatever its revision names by now. */
  readonly pinned: boolean;
  /** Why the hub was passed over, or null. */
  readonly note: string | null;
}
