/** `cpt doctor`: what this machine has of what a run needs, and what to do about the rest. */
import type { Command } from './command.ts';
import { harmless, harmlessJson } from './width.ts';
import { writer } from './write.ts';

export type Standing = 'ok' | 'note' | 'missing';

/** One thing that was looked at. `missing` keeps a run from working, `note` does not. */
export interface Check {
  readonly name: string;
  readonly standing: Standing;
  readonly detail: string;
}

export const command: Command = {
  name: 'doctor',
  summary: 'check this machine for what a run needs',
  usage: 'doctor [flags]',
  flags: [],
  settings: ['pipeline', 'base', 'places', 'serving', 'output', 'kafka'],

  async run({ config, io, env, signal }) {
    const { allChecks } = await import('./doctor/checks.ts');
    const out = writer(io.stdout);
    let missing = 0;
    for await (const check of allChecks(config, env, signal)) {
      signal.throwIfAborted();
      if (check.standing === 'missing') missing += 1;
      await out.write(config.json ? `${harmlessJson(JSON.stringify(check))}\n` : `${checkLine(check)}\n`);
    }
    await out.flushed();
    return missing === 0 ? 0 : 1;
  },
};

export function checkLine({ name, standing, detail }: Check): string {
  return harmless(`${standing.padEnd(7)}  ${name.padEnd(16)}  ${detail}`);
}
