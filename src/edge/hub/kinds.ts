/** What is fetched of a model, by what it is wanted for. */
import { checkBase } from '../base.ts';
import { encoderFiles } from '../encoder/encoder.ts';
import type { ListedFile } from './api.ts';
import { textFiles, weightFiles } from './files.ts';
import { type HubId, hubIdText } from './id.ts';

export interface ModelKind {
  readonly name: 'base' | 'encoder';
  /** The small files, which come first. */
  texts(listed: readonly ListedFile[], id: HubId): ListedFile[];
  /** The large ones; `index` is the content of the index among the small files, null where there is none. */
  weights(listed: readonly ListedFile[], index: Uint8Array | null, id: HubId): ListedFile[];
  /** Looks at the small files before the large ones are fetched. */
  check(folder: string): Promise<unknown>;
}

export const BASE: ModelKind = { name: 'base', texts: textFiles, weights: weightFiles, check: checkBase };

export const ENCODER: ModelKind = {
  name: 'encoder',
  texts: (listed, id) => chosen(listed, id).filter(({ path }) => !path.startsWith('onnx/')),
  weights: (listed, _index, id) => chosen(listed, id).filter(({ path }) => path.startsWith('onnx/')),
  check: async () => {},
};

/** @throws CptError CPT_ENCODER where it cannot be an encoder */
function chosen(listed: readonly ListedFile[], id: HubId): ListedFile[] {
  const paths = new Set(listed.map(({ path }) => path));
  const names = encoderFiles(hubIdText(id), (file) => paths.has(file));
  return listed.filter(({ path }) => names.includes(path));
}
