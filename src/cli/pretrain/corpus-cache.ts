/** The encoded, shuffled corpus of a pre-training, kept beside its state so that resuming does not encode again. */
import fs from 'node:fs';
import path from 'node:path';
import { bytesOf, sha256 } from '../../checkpoint/index.ts';
import { writeAtomic } from '../../edge/files.ts';
import type { TokenIds } from '../../text/corpus.ts';

export interface CachedCorpus {
  readonly tokens: TokenIds;
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
    const note = JSON.parse(fs.readFileSync(path.join(folder, NOTE), 'utf8')) as Note;
    if (note.key !== key) return null;
    const { buffer, byteOffset, length } = fs.readFileSync(path.join(folder, IDS));
    const tokens =
      note.bytes === 2
        ? new Uint16Array(buffer, byteOffset, length / 2)
        : new Uint32Array(buffer, byteOffset, length / 4);
    return { tokens, texts: note.texts };
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
  fs.rmSync(path.join(folder, NOTE), { force: true });
  await writeAtomic(path.join(folder, IDS), [bytesOf(tokens)]);
  const note: Note = { key, texts, bytes: tokens.BYTES_PER_ELEMENT };
  await writeAtomic(path.join(folder, NOTE), [Buffer.from(JSON.stringify(note))]);
}

const NOTE = 'corpus.json';
const IDS = 'corpus.ids';

interface Note {
  readonly key: string;
  readonly texts: number;
  /** Of an id. */
  readonly bytes: number;
}
