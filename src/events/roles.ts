/** What happens between processes that share the work. */

/** A trainer has a lineage from now on; whoever had it before cannot publish any more. */
export interface LineageTaken {
  readonly event: 'LineageTaken';
  readonly lineage: string;
  /** Counts the trainers that have had it. */
  readonly epoch: number;
  /** Tasks trained so far. */
  readonly tasks: number;
}
