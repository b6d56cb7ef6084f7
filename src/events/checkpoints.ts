/** What becomes of published checkpoints. */

export interface CheckpointPublished {
  readonly event: 'CheckpointPublished';
  readonly lineage: string;
  readonly domain: string;
  readonly task: number;
  /** 40 hex digits. */
  readonly revision: string;
  readonly ref: string;
  readonly label?: string | null;
  readonly bytes: number;
  readonly seconds: number;
}
