/** The folder of a published lineage: publishing into it, reading it, verifying it. */
export { openLineage, type PublishedLineage, storeAt } from './open-lineage.ts';
export { readRouter } from './router.ts';
export { openStore, type Published, type Store, type StoreOptions } from './store.ts';
export { type Finding, verifyLineage } from './verify.ts';
export type { Withdrawal } from './withdraw.ts';
