/** `cpt train`: one task by hand on a lineage's state, as a closed domain of a feed would be. */
import path from 'node:path';
import { LINEAGE_NAME, lineageOf } from '../config/config-type.ts';
import { CptError } from '../errors.ts';
import { openBase } from './base.ts';
import type { Command } from './command.ts';
import { openDisplay } from './display.ts';
import { neededFlag, textFlag } from './flags.ts';
import { readTexts } from './texts.ts';

export const command: Command = {
  name: 'train',
  summary: 'train one task by hand',
  usage: 'train --lineage NAME --data FILE [--domain ID] [flags]',
  flags: [
    { name: 'data', value: 'FILE', about: 'text of the domain: JSON Lines or plain lines, .gz too' },
    { name: 'domain', value: 'ID', about: "the domain's name; one that is there gets a second version" },
  ],
  settings: ['places', 'base', 'output', 'decode', 'task', 'trainer'],

  async run({ args, config, io, env, signal }) {
    const file = neededFlag(args.flags, 'data', 'train');
    const domain = textFlag(args.flags, 'domain') ?? lineageOf(file);
    if (!LINEAGE_NAME.test(domain)) {
      throw new CptError('CPT_USAGE', `${JSON.stringify(domain)} cannot name a domain.`, {
        hint: 'Use 1 to 64 of a-z, 0-9, ".", "_" and "-".',
      });
    }
    const { packageVersion } = await import('../edge/bundled.ts');
    const { trainByHand } = await import('../edge/trainer/by-hand.ts');
    const texts = await readTexts(file, config.decode);
    const display = openDisplay(io, { json: config.json, env, now: () => performance.now() / 1000 });
    try {
      const state = path.join(config.state, config.lineage);
      const base = await openBase({ config, env, signal, state, show: display.show, say: display.print });
      await trainByHand({
        lineage: config.lineage,
        state: config.state,
        out: config.out,
        base: base.folder,
        baseName: base.name,
        pin: base.pin,
        options: config.task,
        trainer: config.trainer,
        version: packageVersion(),
        domain,
        texts,
        onEvent: (event) => display.show(event),
        signal,
      });
    } finally {
      display.end();
    }
    return 0;
  },
};
