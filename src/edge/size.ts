/** How much a folder holds. */
import fs from 'node:fs';
import path from 'node:path';

/** Bytes of the files below a folder; 0 where it is not there. */
export function sizeBelow(folder: string): number {
  if (!fs.existsSync(folder)) return 0;
  const files = fs
    .readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile());
  return files.reduce((sum, file) => sum + sizeOf(path.join(file.parentPath, file.name)), 0);
}

/** 0 for what a running process removed meanwhile. */
function sizeOf(file: string): number {
  return fs.statSync(file, { throwIfNoEntry: false })?.size ?? 0;
}
