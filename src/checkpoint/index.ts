/** Checkpoints: what a domain publishes and how its bytes are made. Bytes in, bytes out. */
export { type BaseShard, baseShard } from './base-shard.ts';
export { canonicalJson } from './canonical-json.ts';
export {
  bytesOf,
  DTYPES,
  type Dtype,
  fromFloat32,
  fromIndices,
  type StoredTensor,
  toFloat16,
  toFloat32,
  toIndices,
} from './dtype.ts';
export { type Bytes, byteLength, gitBlobSha1, lfsPointer, pieces, sha256 } from './hash.ts';
export {
  encodeManifest,
  isHex,
  MAX_MANIFEST_BYTES,
  type Manifest,
  type ManifestFile,
  parseManifest,
  revisionOf,
} from './manifest.ts';
export { isRefName } from './names.ts';
export { domainProof, HASH_BYTES, hashesOf, type NeuronHashes, neuronHashes } from './proof.ts';
export { decodePlugins, encodePlugins, type PrunedPlugin, prune, type SeatedPlugins, seat } from './prune.ts';
export { buildRevision, type Revision, type RevisionFile, type RevisionInput } from './revision.ts';
export {
  decodeSafetensors,
  encodeSafetensors,
  type Safetensors,
  type SafetensorsParts,
  safetensorsParts,
} from './safetensors.ts';
export { type Header, headerEnd, parseHeader } from './safetensors-header.ts';
export { isRecord, JsonFault, parseStrictJson } from './strict-json.ts';
