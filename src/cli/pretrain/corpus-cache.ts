/** The encoded, shuffled corpus of a pre-training, kept beside its state so that resuming does not encode again. */
import fs from 'node:fs';
import path from 'node:path';
import { sha256 } from '../../checkpoint/index.ts';
import { writeAtomic } from '../../edge/files.ts';

export interface CachedCorpus {
  readonly tokens: Uint16Array;
  readonly texts: number;
}

/** Changes with whatever changes the corpus: the files' sizes and times, the tokenizer, the seed, the decoding. */
export function corpusKey(files: readonly string[], ...parts: readonly string[]): string {
  const stats = files.map((file) => {
    const { size, mtimeMs } = fs.statSync(file, { throwIfNoEntry: false }) ?? { size: -1, mtimeMs: 0 };
    return `${path.resolve(file)}:${size}:${mtimeMs}`;
  });
  return sha256(Buffer.from(JSON.stringify([...stats, ...parts])));
}

/** The corpus that was stored under this key, or null. */
export function readCorpus(folder: string, key: string): CachedCorpus | null {
  try {
    const note = JSON.parse(fs.readFileSync(path.join(folder, 'corpus.json'), 'utf8')) as {
      key: string;
      texts: number;
    };
    if (note.key !== key) return null;
    const bytes = fs.readFileSync(path.join(folder, 'corpus.u16'));
    return { tokens: new Uint16Array(bytes.buffer, bytes.byteOffset, bytes.length / 2), texts: note.texts };
  } catch {
    return null; // it is only a cache
  }
}

/** @throws CptError CPT_DISK_FULL, CPT_STATE */
export async function writeCorpus(
  folder: string,
  key: string,
  { tokens, texts }: CachedCorpus,
): Promise<void> {
  fs.rmSync(path.join(folder, 'corpus.json'), { force: true });
  const bytes = new Uint8Array(tokens.buffer, tokens.byteOffset, tokens.byteLength);
  await writeAtomic(path.join(folder, 'corpus.u16'), [bytes]);
  await writeAtomic(path.join(folder, 'corpus.json'), [Buffer.from(JSON.stringify({ key, texts }))]);
}
