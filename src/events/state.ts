/** What happens to a state folder as a whole. */

/** A state folder of an earlier version was moved to this one, at its opening. */
export interface StateMigrated {
  readonly event: 'StateMigrated';
  readonly lineage: string;
  readonly from: number;
  readonly to: number;
  /** What changed, a few words a step. */
  readonly changes: readonly string[];
}
