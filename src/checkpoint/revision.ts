/** One revision: every file that a domain publishes, made from the lineage's state and from nothing else. */
import { CptError } from '../errors.ts';
import type { PluginConfig } from '../plugin/config.ts';
import type { RobertaConfig } from '../roberta/config.ts';
import { FAMILIES } from '../roberta/families/index.ts';
import { baseShard } from './base-shard.ts';
import { canonicalJson } from './canonical-json.ts';
import { encodeOnnx, encodeQuantizedOnnx, traceDomain } from './export-onnx.ts';
import { byteLength, sha256 } from './hash.ts';
import { encodeManifest, MANIFEST_FORMAT, type Manifest, parseManifest } from './manifest.ts';
import { maskSpelling, modelCard } from './model-card.ts';
import { modelingCpt } from './modeling-cpt.ts';
import { encodePlugins, type PrunedPlugin } from './prune.ts';
import { portableTokenizer, publishedConfig, shardIndex } from './published-config.ts';
import { parseHeader } from './safetensors-header.ts';

export interface RevisionInput {
  readonly lineage: string;
  readonly domain: string;
  /** The domain's most distinctive words, where it has any. */
  readonly label?: string;
  /** Counted from 1 over the tasks of this domain, and over those of the lineage. */
  readonly version: number;
  readonly task: number;
  /** Revisions that this one was trained after. */
  readonly parents: readonly string[];
  readonly config: RobertaConfig;
  readonly plugin: PluginConfig;
  /** By name, see `robertaShapes`. Never changed: it is hashed once for each object. */
  readonly base: Readonly<Record<string, Float32Array>>;
  /** The domain's own neurons. */
  readonly pruned: readonly PrunedPlugin[];
  /** Neurons of both layers that all plugins of the lineage had when this was trained. */
  readonly neurons: number;
  /** The tokenizer's files by name, as they stand beside the base. */
  readonly tokenizer: Readonly<Record<string, string>>;
  /** The text of the base's licence, where it is known. */
  readonly licence: string | null;
  /** Held-out masked-LM losses on the domain, nats per masked token. */
  readonly losses: { readonly base: number; readonly own: number };
  readonly passages: number;
  readonly tokens: number;
  /** The body of `router.json`. */
  readonly signatures: unknown;
  readonly provenance: Manifest['provenance'];
}

export interface RevisionFile {
  readonly path: string;
  /** The content, in pieces that belong behind one another. */
  readonly chunks: readonly Uint8Array[];
  readonly size: number;
  readonly sha256: string;
}

export interface Revision {
  /** 40 hex digits. */
  readonly revision: string;
  readonly manifest: Manifest;
  readonly manifestBytes: Uint8Array;
  /** In the order of their paths. Two may have the same content. */
  readonly files: readonly RevisionFile[];
  /** What will point here, in the order in which they are to be moved. */
  readonly refs: readonly string[];
}

/**
 * Equal inputs give equal bytes: neither the clock nor the machine has a say.
 * @throws CptError CPT_TRAIN where a loss is not finite, CPT_VERIFY where a name cannot be published,
 *   CPT_ENGINE where the model cannot be traced
 */
export function buildRevision(input: RevisionInput): Revision {
  const { lineage, domain, version, task, config, plugin, pruned } = input;
  const { losses, passages, tokens, provenance } = input;
  if (!Number.isFinite(losses.base) || !Number.isFinite(losses.own)) {
    throw new CptError('CPT_TRAIN', `The losses of ${domain} are ${losses.base} and ${losses.own}.`);
  }
  const family = FAMILIES[config.family];
  const base = baseShard(config, input.base);
  const plugins = encodePlugins(plugin, pruned);
  const proof = sha256(plugins);
  const graph = traceDomain({ config, plugin, base: input.base, pruned });
  const pluginNames = parseHeader(plugins).entries.map(({ name }) => name);
  const occupancy = {
    kept: pruned.reduce((sum, { index1, index2 }) => sum + index1.length + index2.length, 0),
    neurons: input.neurons,
  };

  const files: RevisionFile[] = [
    ...Object.entries(input.tokenizer).map(([name, json]) =>
      textFile(name, name === 'tokenizer.json' ? portableTokenizer(json) : json),
    ),
    textFile('config.json', publishedConfig(config, plugin, pruned, { lineage, domain, version })),
    textFile(
      'model.safetensors.index.json',
      shardIndex(
        { 'base.safetensors': [...base.offsets.keys()], 'plugin.safetensors': pluginNames },
        tensorBytes(base.chunks) + plugins.byteLength - parseHeader(plugins).start,
      ),
    ),
    textFile('modeling_cpt.py', modelingCpt(config.family)),
    textFile('router.json', canonicalJson(input.signatures)),
    textFile(
      'README.md',
      modelCard({
        ...input,
        ...occupancy,
        family: family.title,
        mask: maskSpelling(input.tokenizer['tokenizer_config.json'], family.mask),
        placement: plugin.placement,
        licensed: input.licence !== null,
      }),
    ),
    ...(input.licence === null ? [] : [textFile('LICENSE', input.licence)]),
    { path: 'base.safetensors', chunks: base.chunks, size: base.size, sha256: base.sha256 },
    { path: 'plugin.safetensors', chunks: [plugins], size: plugins.byteLength, sha256: proof },
    // The ONNX weights point into base.safetensors under another name: one blob serves both.
    { path: 'onnx/model.onnx_data', chunks: base.chunks, size: base.size, sha256: base.sha256 },
    file('onnx/model.onnx', encodeOnnx(graph, 'model.onnx_data', base.offsets)),
    file('onnx/model_quantized.onnx', encodeQuantizedOnnx(graph)),
  ].sort((a, b) => (a.path < b.path ? -1 : 1));

  const manifest: Manifest = {
    format: MANIFEST_FORMAT,
    lineage,
    domain,
    ...(input.label === undefined ? {} : { label: input.label }),
    version,
    task,
    parents: input.parents,
    base: base.sha256,
    proof,
    occupancy,
    losses,
    passages,
    tokens,
    provenance,
    files: files.map(({ path, sha256, size }) => ({ path, sha256, size })),
  };
  const { bytes, revision } = encodeManifest(manifest);
  parseManifest(bytes); // what could not be read again is not published
  return {
    revision,
    manifest,
    manifestBytes: bytes,
    files,
    refs: [domain, `${domain}.${version}`, 'main'],
  };
}

function file(path: string, bytes: Uint8Array): RevisionFile {
  return { path, chunks: [bytes], size: bytes.byteLength, sha256: sha256(bytes) };
}

function textFile(path: string, content: string): RevisionFile {
  return file(path, new TextEncoder().encode(content));
}

/** Bytes behind the header. */
function tensorBytes([, ...tensors]: readonly Uint8Array[]): number {
  return byteLength(tensors);
}
