/** Domains: where one kind of text ends and the next begins, found while reading. Pure; see DESIGN. */
export { denseFeatures, MOST_DIMENSIONS } from './dense.ts';
export { BUCKETS, type Features, featurize, fromCounts } from './features.ts';
export { isLabel } from './label.ts';
export { SEGMENTER_DEFAULTS, type SegmenterOptions, thresholdOf } from './options.ts';
export { type Route, type RoutedDomain, type RouteScore, route } from './route.ts';
export { parseRouter, type RouterJson, routerJson } from './router.ts';
export { type PassageInput, Segmenter, type SegmenterStatus } from './segmenter.ts';
export type { Signature } from './signature.ts';
export { decodeSignature, encodeSignature } from './signature-bytes.ts';
export type { Snapshot } from './snapshot.ts';
export {
  CLOSE_REASONS,
  type ClosedVerdict,
  type CloseReason,
  type DriftVerdict,
  type Neighbour,
  type Verdict,
} from './verdict.ts';
