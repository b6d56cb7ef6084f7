/** A published version as numbers again: its plugins, and the base folder it stands on. */
import { decodePlugins, type PrunedPlugin } from '../../checkpoint/index.ts';
import { CptError } from '../../errors.ts';
import type { PluginConfig } from '../../plugin/config.ts';
import { parseRobertaConfig } from '../../roberta/config.ts';
import { readRevisionFile } from './revision-file.ts';
import type { Store } from './store.ts';

export interface PublishedModel {
  readonly plugin: PluginConfig;
  /** The version's own neurons. */
  readonly pruned: readonly PrunedPlugin[];
}

/**
 * @param ref a domain, its version, `main` or a revision
 * @throws CptError CPT_VERIFY where there is no such revision, CPT_SAFETENSORS where its plugins are damaged
 */
export async function readPublished(store: Store, ref: string): Promise<PublishedModel> {
  const revision = await store.resolve(ref);
  if (revision === null) throw new CptError('CPT_VERIFY', `There is no published ${JSON.stringify(ref)}.`);
  const read = (path: string): Promise<Uint8Array> => readRevisionFile(store, revision, path);
  const json = JSON.parse(new TextDecoder().decode(await read('config.json'))) as {
    readonly cpt: Pick<PluginConfig, 'placement' | 'widths'>;
  };
  const { hidden, layers } = parseRobertaConfig(json);
  const { placement, widths } = json.cpt;
  const plugin = { hidden, layers, placement, widths };
  return { plugin, pruned: decodePlugins(plugin, await read('plugin.safetensors')) };
}
