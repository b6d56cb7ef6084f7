/** `cpt serve`: what is published, as a model hub, with metrics and health on the same port. */
import { packageVersion } from '../edge/bundled.ts';
import { CptError } from '../errors.ts';
import type { Command } from './command.ts';
import { textFlag } from './flags.ts';
import { writer } from './write.ts';

const ORG = /^[a-zA-Z0-9][a-zA-Z0-9._-]{0,63}$/;

export const command: Command = {
  name: 'serve',
  summary: 'serve published checkpoints as a model hub',
  usage: 'serve [--out DIR] [--org NAME] [flags]',
  flags: [{ name: 'org', value: 'NAME', about: 'first part of the ids, NAME/LINEAGE (cpt)' }],
  settings: ['places', 'serving', 'output'],

  async run({ args, config, io, signal }) {
    const { out, host, port } = config;
    const org = textFlag(args.flags, 'org') ?? 'cpt';
    if (!ORG.test(org)) {
      throw new CptError('CPT_CONFIG', `${JSON.stringify(org.slice(0, 80))} is no name for --org.`, {
        hint: 'Use 1 to 64 letters, digits, ".", "_" or "-".',
      });
    }
    if (port === 'off') throw new CptError('CPT_CONFIG', 'cpt serve needs a port.', { hint: 'Give --port.' });
    const { openHub } = await import('../edge/serve/open.ts');
    const { publishedInFolder } = await import('../edge/serve/in-folder.ts');
    const hub = await openHub({ files: publishedInFolder(out), org, host, port, version: packageVersion() });
    try {
      const print = writer(io.stdout);
      const models = (await hub.lineages()).map((lineage) => `${org}/${lineage}`);
      if (config.json) await print.write(`${JSON.stringify({ url: hub.url, models })}\n`);
      else {
        const list = models.length === 0 ? 'nothing yet' : models.join(', ');
        await print.write(`serving ${out} at ${hub.url}: ${list}\n`);
      }
      await print.flushed();
      await new Promise<void>((resolve) => {
        if (signal.aborted) resolve();
        else signal.addEventListener('abort', () => resolve(), { once: true });
      });
    } finally {
      await hub.close();
    }
    return 0; // being stopped is how it ends
  },
};
