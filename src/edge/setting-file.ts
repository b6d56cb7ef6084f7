/** Files that settings name: small, read whole, once. */
import { closeSync, fstatSync, openSync, readSync } from 'node:fs';

/** A bundle of all public authorities has a quarter of it. */
const MAX_BYTES = 1 << 20;
const OTHERS = 0o004; // the permission to read, of everybody on the machine

export type SettingFile = { readonly text: string; readonly public: boolean } | { readonly problem: string };

/** Never throws. `public`: everybody on the machine may read it. A `problem` is a phrase to stand behind `it `. */
export function readSettingFile(path: string): SettingFile {
  let file: number | undefined;
  try {
    file = openSync(path, 'r');
    const stat = fstatSync(file);
    if (stat.isDirectory()) return { problem: 'is a folder, not a file' };
    const bytes = Buffer.alloc(MAX_BYTES + 1);
    let size = 0;
    for (let read = -1; read !== 0 && size < bytes.length; size += read) {
      read = readSync(file, bytes, size, bytes.length - size, null);
    }
    if (size > MAX_BYTES) return { problem: 'is larger than 1 MiB' };
    const text = new TextDecoder('utf-8', { fatal: true }).decode(bytes.subarray(0, size));
    return { text, public: (stat.mode & OTHERS) !== 0 };
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT') return { problem: 'does not exist' };
    if (code === 'EACCES') return { problem: 'may not be read by this user' };
    return {
      problem: code === 'ERR_ENCODING_INVALID_ENCODED_DATA' ? 'is not UTF-8' : `cannot be read (${code})`,
    };
  } finally {
    if (file !== undefined) closeSync(file);
  }
}
