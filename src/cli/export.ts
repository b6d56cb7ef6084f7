/** `cpt export DIR`: one revision as an ordinary folder, for programs that load models from one. */
import { CptError } from '../errors.ts';
import type { Command } from './command.ts';
import { neededFlag, textFlag } from './flags.ts';
import { loadingLines } from './loading.ts';

export const command: Command = {
  name: 'export',
  summary: 'lay a revision out as a folder that other programs load',
  usage: 'export DIR --to FOLDER [--ref NAME]',
  positionals: 1,
  flags: [
    { name: 'to', value: 'FOLDER', about: 'where the model goes' },
    { name: 'ref', value: 'NAME', about: 'a domain (d1), its version (d1.2), main or a revision (main)' },
  ],
  settings: ['output'],

  async run({ args, config, io }) {
    const [dir] = args.positionals;
    if (dir === undefined) {
      throw new CptError('CPT_USAGE', 'cpt export needs the folder of a lineage.', {
        hint: 'Usage: cpt export OUT/LINEAGE --to FOLDER',
      });
    }
    const to = neededFlag(args.flags, 'to', 'export');
    const ref = textFlag(args.flags, 'ref') ?? 'main';
    const { storeAt } = await import('../edge/store/index.ts');
    const { domain, version, files } = await storeAt(dir).materialise(ref, to);
    const answer = { folder: to, domain, version, files: files.map((file) => file.path) };
    if (config.json) io.stdout.write(`${JSON.stringify(answer)}\n`);
    else
      io.stdout.write(
        `${[`${domain}, version ${version}, is in ${to}`, '', ...loadingLines(to)].join('\n')}\n`,
      );
    return 0;
  },
};
