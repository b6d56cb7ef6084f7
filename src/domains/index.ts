/** Domains: where one kind of text ends and the next begins, found while reading. Pure; see DESIGN. */
export { BUCKETS, type Features, featurize } from './features.ts';
export { SEGMENTER_DEFAULTS, type SegmenterOptions, thresholdOf } from './options.ts';
export { type SignatureJson, signatureJson } from './router.ts';
export { type PassageInput, Segmenter, type SegmenterStatus } from './segmenter.ts';
export { SCALE as SIGNATURE_SCALE, type Signature } from './signature.ts';
export type { ClosedVerdict, DriftVerdict, Neighbour, Verdict } from './verdict.ts';
