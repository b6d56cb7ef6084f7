/** A request for a published lineage was answered. */
export interface RequestAnswered {
  readonly event: 'RequestAnswered';
  /** Empty where there is no such lineage. */
  readonly lineage: string;
  /** Of HTTP. */
  readonly status: number;
  /** Of the answer's body. */
  readonly bytes: number;
}
