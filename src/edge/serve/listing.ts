/** What a hub tells of a model and its files, as its clients read it. */
import { gitBlobSha1, lfsPointer, type Manifest, type ManifestFile } from '../../checkpoint/index.ts';

export interface ModelEntry {
  readonly id: string;
  readonly modelId: string;
  readonly sha: string;
  readonly private: false;
  readonly gated: false;
  readonly disabled: false;
  readonly downloads: 0;
  readonly likes: 0;
  readonly library_name: 'transformers';
  readonly pipeline_tag: 'fill-mask';
  readonly tags: readonly string[];
  readonly siblings?: readonly { readonly rfilename: string }[];
}

export function modelEntry(id: string, sha: string, manifest: Manifest | null): ModelEntry {
  const entry = {
    id,
    modelId: id,
    sha,
    private: false,
    gated: false,
    disabled: false,
    downloads: 0,
    likes: 0,
    library_name: 'transformers',
    pipeline_tag: 'fill-mask',
    tags: ['transformers', 'onnx', 'safetensors', 'fill-mask', 'continual-learning'],
  } as const;
  if (manifest === null) return entry;
  return { ...entry, siblings: manifest.files.map(({ path }) => ({ rfilename: path })) };
}

export type TreeEntry =
  | {
      readonly type: 'file';
      readonly oid: string;
      readonly size: number;
      readonly path: string;
      readonly lfs: { readonly oid: string; readonly size: number; readonly pointerSize: number };
    }
  | { readonly type: 'directory'; readonly oid: string; readonly size: 0; readonly path: string };

/**
 * Every file counts as a large one, which is named by the SHA-256 of its content; its git id is that of the pointer.
 * @param folder without a slash at its ends; `''` for the whole revision
 * @returns null where there is no such folder
 */
export function treeOf(manifest: Manifest, folder: string, recursive: boolean): TreeEntry[] | null {
  const prefix = folder === '' ? '' : `${folder}/`;
  const below = manifest.files.filter(({ path }) => path.startsWith(prefix));
  if (below.length === 0 && folder !== '') return null;
  const entries: TreeEntry[] = [];
  const folders = new Set<string>();
  for (const file of below) {
    const parts = file.path.slice(prefix.length).split('/');
    for (let depth = 1; depth < (recursive ? parts.length : Math.min(2, parts.length)); depth++) {
      const path = prefix + parts.slice(0, depth).join('/');
      if (folders.has(path)) continue;
      folders.add(path);
      entries.push({ type: 'directory', oid: gitBlobSha1(new TextEncoder().encode(path)), size: 0, path });
    }
    if (recursive || parts.length === 1) entries.push(fileEntry(file));
  }
  return entries;
}

function fileEntry({ path, sha256, size }: ManifestFile): TreeEntry {
  const pointer = new TextEncoder().encode(lfsPointer(sha256, size));
  const lfs = { oid: sha256, size, pointerSize: pointer.byteLength };
  return { type: 'file', oid: gitBlobSha1(pointer), size, path, lfs };
}
