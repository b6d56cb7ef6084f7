/** The JSON files of a revision that tell other programs how to load it. */
import type { PluginConfig } from '../plugin/config.ts';
import { type RobertaConfig, robertaConfigJson } from '../roberta/config.ts';
import { SITES, type Site } from '../roberta/model.ts';
import { canonicalJson } from './canonical-json.ts';
import { publishedClasses } from './modeling-cpt.ts';
import type { PrunedPlugin } from './prune.ts';
import { isRecord } from './strict-json.ts';

/** `config.json`: the sizes, the class that Python loads, the plugins' sizes, and what transformers.js must know. */
export function publishedConfig(
  config: RobertaConfig,
  plugin: PluginConfig,
  pruned: readonly PrunedPlugin[],
  names: { readonly lineage: string; readonly domain: string; readonly version: number },
): string {
  const kept = (site: Site) =>
    pruned
      .filter(({ place }) => place.site === site)
      .map(({ index1, index2 }) => [index1.length, index2.length]);
  const { encoder, maskedLm } = publishedClasses(config.family);
  return canonicalJson({
    ...robertaConfigJson(config),
    architectures: [maskedLm],
    auto_map: { AutoModel: `modeling_cpt.${encoder}`, AutoModelForMaskedLM: `modeling_cpt.${maskedLm}` },
    cpt: {
      ...names,
      placement: plugin.placement,
      widths: plugin.widths,
      kept: Object.fromEntries(SITES.map((site) => [site, kept(site)])),
    },
    // of the two ONNX files only this one has its weights beside it
    'transformers.js_config': { use_external_data_format: { 'model.onnx': true } },
  });
}

/** `model.safetensors.index.json`: which shard holds a tensor. */
export function shardIndex(shards: Readonly<Record<string, readonly string[]>>, bytes: number): string {
  const entries = Object.entries(shards).flatMap(([file, names]) => names.map((name) => [name, file]));
  return canonicalJson({ metadata: { total_size: bytes }, weight_map: Object.fromEntries(entries) });
}

/** `tokenizer.json` with its merges as strings `a b`, which all readers take; newer files have pairs. */
export function portableTokenizer(json: string): string {
  const file: unknown = JSON.parse(json);
  if (!isRecord(file) || !isRecord(file.model) || !Array.isArray(file.model.merges)) return json;
  const merges: unknown[] = file.model.merges;
  const pairs = merges.every((merge) => Array.isArray(merge) && merge.length === 2);
  if (merges.length === 0 || !pairs || merges.flat().some((part) => String(part).includes(' '))) return json;
  const joined = (merges as [string, string][]).map((pair) => pair.join(' '));
  return `${JSON.stringify({ ...file, model: { ...file.model, merges: joined } })}\n`;
}
