/** What the setting `segmenter.encoder` means: a folder as it is, or a model fetched from a hub. */
import type { Config } from '../config/config-type.ts';
import { packageVersion } from '../edge/bundled.ts';
import { hubIdOf } from './base.ts';
import type { CommandContext } from './command.ts';
import { bytes } from './format.ts';

export interface OpenEncoder extends Pick<CommandContext, 'env' | 'signal'> {
  readonly config: Pick<Config, 'segmenter' | 'offline'>;
  readonly say: (lines: readonly string[]) => void;
}

/**
 * The encoder's folder; null where passages are told apart by their words.
 * @throws CptError CPT_HUB, CPT_ENCODER, CPT_DISK_FULL, CPT_CONFIG, CPT_INTERRUPTED
 */
export async function openEncoderFolder({ config, env, signal, say }: OpenEncoder): Promise<string | null> {
  const { features, encoder } = config.segmenter;
  if (features !== 'encoder') return null;
  const id = hubIdOf(encoder);
  if (id === null) return encoder;
  const { fetchEncoder, hubAccess } = await import('../edge/hub/index.ts');
  const access = hubAccess({ env, offline: config.offline, version: packageVersion() });
  const { folder, commit, fetched, note } = await fetchEncoder(id, access, {
    pinned: null,
    signal,
    onProgress: () => {},
    onNote: (text) => say([text]),
  });
  const from = fetched > 0 ? `${bytes(fetched)} fetched` : 'from the cache';
  say([...(note === null ? [] : [note]), `encoder ${encoder}: commit ${commit}, ${from}`]);
  return folder;
}
