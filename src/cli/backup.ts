/** `cpt backup`: a copy of a lineage's state and of what it has published, also while it runs. */
import type { Command } from './command.ts';
import { neededFlag } from './flags.ts';
import { bytes, counted } from './format.ts';
import { harmless } from './width.ts';

export const command: Command = {
  name: 'backup',
  summary: 'copy a lineage, its state and checkpoints, also while it runs',
  usage: 'backup --lineage NAME --to FOLDER [flags]',
  flags: [{ name: 'to', value: 'FOLDER', about: 'folder of the backup, which is made' }],
  settings: ['places', 'output'],

  async run({ args, config, io, env }) {
    const to = neededFlag(args.flags, 'to', 'backup');
    const { lineage, state, out } = config;
    const { crashPoints } = await import('../edge/crash.ts');
    const { backUp } = await import('../edge/backup/backup.ts');
    const { trained, files } = await backUp({ lineage, state, out, to, at: crashPoints(env.CPT_CRASH_AT) });
    const size = files.reduce((sum, file) => sum + file.size, 0);
    const what = `${counted(trained, 'task')}, ${counted(files.length, 'file')}, ${bytes(size)}`;
    const answer = { folder: to, lineage, trained, files: files.length, bytes: size };
    io.stdout.write(
      config.json ? `${JSON.stringify(answer)}\n` : `${harmless(`${lineage} is in ${to}: ${what}`)}\n`,
    );
    return 0;
  },
};
