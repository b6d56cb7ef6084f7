/** `cpt verify DIR`: recomputes every hash of a published lineage. */
import { CptError } from '../errors.ts';
import type { Command } from './command.ts';
import { bytes, counted } from './format.ts';
import { harmless } from './width.ts';
import { writer } from './write.ts';

export const command: Command = {
  name: 'verify',
  summary: 'recompute every hash of a published lineage',
  usage: 'verify DIR [flags]',
  positionals: 1,
  flags: [],
  settings: ['output'],

  async run({ args, config, io, signal }) {
    const [dir] = args.positionals;
    if (dir === undefined) {
      throw new CptError('CPT_USAGE', 'cpt verify needs the folder of a lineage.', {
        hint: 'Usage: cpt verify OUT/LINEAGE',
      });
    }
    const { verifyLineage } = await import('../edge/store/index.ts');
    const out = writer(io.stdout);
    let files = 0;
    let faults = 0;
    let hashed = 0;
    let withdrawn = 0;
    for await (const finding of verifyLineage(dir)) {
      signal.throwIfAborted();
      files += 1;
      hashed += finding.bytes;
      if (finding.path.startsWith('withdrawn')) withdrawn += 1;
      if (finding.fault !== null) faults += 1;
      if (config.json) await out.write(`${JSON.stringify(finding)}\n`);
      else if (finding.fault !== null)
        await out.write(`${harmless(finding.path)}: ${harmless(finding.fault)}\n`);
    }
    if (!config.json) {
      const noted = withdrawn === 0 ? '' : `, ${counted(withdrawn, 'withdrawn revision')}`;
      const checked = `${counted(files, 'file')}, ${bytes(hashed)}${noted}`;
      await out.write(faults === 0 ? `sound: ${checked}\n` : `${checked}\n`);
    }
    await out.flushed();
    if (faults === 0) return 0;
    throw new CptError(
      'CPT_VERIFY',
      `${counted(faults, 'file')} of ${dir} ${faults === 1 ? 'is' : 'are'} wrong.`,
      {
        hint: 'Publish the lineage anew, or restore the folder from a backup.',
      },
    );
  },
};
