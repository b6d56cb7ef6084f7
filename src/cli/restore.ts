/** `cpt restore`: puts a backup in place where nothing is. */
import { CptError } from '../errors.ts';
import type { Command } from './command.ts';
import { counted } from './format.ts';
import { harmless } from './width.ts';

export const command: Command = {
  name: 'restore',
  summary: 'put a backup of a lineage in place, checked',
  usage: 'restore FOLDER [--state DIR] [--out DIR]',
  positionals: 1,
  flags: [],
  settings: ['places', 'output'],

  async run({ args, config, io, env }) {
    const [from] = args.positionals;
    if (from === undefined) {
      throw new CptError('CPT_USAGE', 'cpt restore needs the folder of a backup.', {
        hint: 'Usage: cpt restore FOLDER',
      });
    }
    const { state, out } = config;
    const { crashPoints } = await import('../edge/crash.ts');
    const { restore } = await import('../edge/backup/restore.ts');
    const { lineage, trained } = await restore({ from, state, out, at: crashPoints(env.CPT_CRASH_AT) });
    const line = `${lineage} is restored in ${state} and ${out}: ${counted(trained, 'task')}`;
    io.stdout.write(config.json ? `${JSON.stringify({ lineage, trained })}\n` : `${harmless(line)}\n`);
    return 0;
  },
};
