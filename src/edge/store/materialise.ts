/** A revision as an ordinary folder. */
import { constants } from 'node:fs';
import { chmod, copyFile, rename, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Manifest } from '../../checkpoint/index.ts';
import { CptError } from '../../errors.ts';
import { diskError } from '../disk.ts';
import { makeFolder } from '../files.ts';
import type { Layout } from './layout.ts';

/**
 * Copies, which share their blocks with the blobs where the file system can do that. No links: whoever edits the
 * folder must not change the lineage, ONNX Runtime refuses weights that a symbolic link leads out to, and the onnx
 * package those with a second hard link. Files of the same names are replaced, others stay.
 */
export async function materialise(layout: Layout, manifest: Manifest, folder: string): Promise<void> {
  for (const { path, sha256, size } of manifest.files) {
    const blob = layout.blob(sha256);
    const actual = await stat(blob).catch(() => null);
    if (actual === null || !actual.isFile() || actual.size !== size) {
      throw new CptError('CPT_VERIFY', `The blob ${sha256} of ${path} is missing or has another size.`, {
        hint: 'Run verify on the lineage.',
      });
    }
    const target = join(folder, path);
    await makeFolder(dirname(target));
    await place(blob, target);
  }
}

async function place(blob: string, target: string): Promise<void> {
  const draft = `${target}.${process.pid}.tmp`;
  try {
    await rm(draft, { force: true });
    await copyFile(blob, draft, constants.COPYFILE_FICLONE);
    await chmod(draft, 0o644); // blobs are read-only
    await rename(draft, target);
  } catch (error) {
    await rm(draft, { force: true }).catch(() => {});
    throw diskError(error, target, 'CPT_STATE');
  }
}
