/** `cpt serve`: what is published, as a model hub, with metrics and health on the same port. */
import type { Config } from '../config/config-type.ts';
import { packageVersion } from '../edge/bundled.ts';
import type { PublishedFiles } from '../edge/serve/published-files.ts';
import { CptError } from '../errors.ts';
import type { Command, CommandContext } from './command.ts';
import { textFlag } from './flags.ts';
import { whenAborted } from './grace.ts';
import { writer } from './write.ts';

const ORG = /^[a-zA-Z0-9][a-zA-Z0-9._-]{0,63}$/;
export const DEFAULT_ORG = 'cpt';

export const command: Command = {
  name: 'serve',
  summary: 'serve published checkpoints as a model hub',
  usage: 'serve [--out DIR] [--store DIR|s3://…] [--org NAME] [flags]',
  flags: [{ name: 'org', value: 'NAME', about: `first part of the ids, NAME/LINEAGE (${DEFAULT_ORG})` }],
  settings: ['places', 'machines', 'serving', 'output'],

  async run({ args, ...context }) {
    const org = textFlag(args.flags, 'org') ?? DEFAULT_ORG;
    if (!ORG.test(org)) {
      throw new CptError('CPT_CONFIG', `${JSON.stringify(org.slice(0, 80))} is no name for --org.`, {
        hint: 'Use 1 to 64 letters, digits, ".", "_" or "-".',
      });
    }
    await serve(context, org);
    return 0; // being stopped is how it ends
  },
};

/** Serves until the signal. @throws CptError CPT_CONFIG, CPT_PORT, CPT_STORE */
export async function serve(
  { config, io, signal }: Pick<CommandContext, 'config' | 'io' | 'signal'>,
  org: string,
): Promise<void> {
  const { host, port, out, machines } = config;
  if (port === 'off') throw new CptError('CPT_CONFIG', 'Serving needs a port.', { hint: 'Give --port.' });
  const { openHub } = await import('../edge/serve/open.ts');
  const hub = await openHub({ files: await publishedIn(config), org, host, port, version: packageVersion() });
  try {
    const print = writer(io.stdout);
    const models = (await hub.lineages()).map((lineage) => `${org}/${lineage}`);
    if (config.json) await print.write(`${JSON.stringify({ url: hub.url, models })}\n`);
    else {
      const list = models.length === 0 ? 'nothing yet' : models.join(', ');
      await print.write(`serving ${machines.store || out} at ${hub.url}: ${list}\n`);
    }
    await print.flushed();
    await new Promise<void>((resolve) => whenAborted(signal, resolve));
  } finally {
    await hub.close();
  }
}

/** The store where one is named, else the folder. */
async function publishedIn({ out, machines }: Config): Promise<PublishedFiles> {
  const { store, s3Endpoint } = machines;
  if (store === '') {
    const { publishedInFolder } = await import('../edge/serve/in-folder.ts');
    return publishedInFolder(out);
  }
  const { openObjectStore } = await import('../edge/objects/object-store.ts');
  const { publishedInObjects } = await import('../edge/serve/in-objects.ts');
  return publishedInObjects(await openObjectStore(store, { endpoint: s3Endpoint }));
}
