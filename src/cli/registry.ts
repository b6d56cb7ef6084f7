/** The commands by name. Each is one file of this folder, loaded when it is called and not before. */
import { CptError } from '../errors.ts';
import type { Command } from './command.ts';

/** Summaries stand here too, so that the list of commands loads none of them. */
export const COMMANDS: Readonly<Record<string, string>> = {
  run: 'read a feed, learn each domain, publish checkpoints',
  segment: 'cut a feed into domains, without training',
  train: 'train one task by hand',
  retire: 'forget a domain: withdraw its checkpoints, reset its neurons',
  evaluate: 'losses of a text under the base and every domain',
  route: 'which domain fits a text, or that none does',
  inspect: 'what a published lineage or a state folder holds',
  verify: 'recompute every hash of a published lineage',
  serve: 'serve published checkpoints as a model hub',
  backup: 'copy a lineage, its state and checkpoints, also while it runs',
  restore: 'put a backup of a lineage in place, checked',
  export: 'lay a revision out as a folder that other programs load',
  pretrain: 'pre-train a base model, new or from another one',
  doctor: 'check this machine for what a run needs',
};

/** @throws CptError CPT_USAGE where there is no such command */
export async function loadCommand(name: string): Promise<Command> {
  if (!Object.hasOwn(COMMANDS, name)) {
    const { didYouMean } = await import('../config/closest.ts');
    const known = Object.keys(COMMANDS);
    throw new CptError(
      'CPT_USAGE',
      `There is no command ${JSON.stringify(name)}.${didYouMean(name, known)}`,
      {
        hint: 'See cpt --help.',
      },
    );
  }
  const module = (await import(`./${name}.ts`)) as { command: Command };
  return module.command;
}
