/** `cpt retire DOMAIN`: forgets a domain on purpose. */
import { didYouMean } from '../config/closest.ts';
import { CptError } from '../errors.ts';
import type { CheckpointWithdrawn } from '../events.ts';
import type { Command } from './command.ts';
import { openDisplay } from './display.ts';
import { retiredLines } from './retirement.ts';

export const command: Command = {
  name: 'retire',
  summary: 'forget a domain: withdraw its checkpoints, reset its neurons',
  usage: 'retire DOMAIN --lineage NAME [--yes] [flags]',
  positionals: 1,
  flags: [{ name: 'yes', about: 'do it; without this flag only what it would do is told' }],
  settings: ['places', 'output'],

  async run({ args, config, io, env }) {
    const [domain] = args.positionals;
    if (domain === undefined) {
      throw new CptError('CPT_USAGE', 'cpt retire needs a domain.', {
        hint: 'Usage: cpt retire DOMAIN --lineage NAME',
      });
    }
    const { lineage, state, out } = config;
    const { crashPoints } = await import('../edge/crash.ts');
    const { openRetirement } = await import('../edge/retire/retire.ts');
    const at = crashPoints(env.CPT_CRASH_AT);
    const display = openDisplay(io, { json: config.json, env, now: () => performance.now() / 1000 });
    const onMigrated = display.show;
    const retirement = await openRetirement({ lineage, domain, state, out, didYouMean, onMigrated, at });
    try {
      if (args.flags.yes !== true) {
        display.print(retiredLines(retirement.planned, null));
        throw new CptError('CPT_USAGE', `${domain} was not retired: that cannot be undone.`, {
          hint: 'Give --yes to do it.',
        });
      }
      const withdrawn: CheckpointWithdrawn = await retirement.carryOut();
      if (config.json) display.show(withdrawn);
      else display.print(retiredLines(withdrawn, withdrawn));
    } finally {
      await retirement.close();
      display.end();
    }
    return 0;
  },
};
