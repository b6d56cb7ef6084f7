/** Models from a hub. Loaded only where one is named. */
export { hubAccess } from './access.ts';
export { fetchBase, fetchEncoder, lookUpBase } from './fetch-base.ts';
export { pinnedCommit } from './pin.ts';
