/** A revision as an ordinary folder. */
import { copyFile, link, rename, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Manifest } from '../../checkpoint/index.ts';
import { CptError } from '../../errors.ts';
import { diskError } from '../disk.ts';
import { errnoOf, makeFolder } from './atomic.ts';
import type { Layout } from './layout.ts';

/**
 * Hard links to the blobs where the file system has them, copies elsewhere. Not symbolic links: ONNX Runtime
 * refuses weights that lie outside of the model's folder. Files of the same names are replaced, others stay.
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
    await link(blob, draft).catch(async (error: unknown) => {
      if (errnoOf(error) === undefined) throw error;
      await copyFile(blob, draft); // another file system, or one without links
    });
    await rename(draft, target);
    await rm(draft, { force: true }); // renaming a link onto another link of the same file leaves both
  } catch (error) {
    await rm(draft, { force: true }).catch(() => {});
    throw diskError(error, target, 'CPT_STATE');
  }
}
