/** What a model's card tells beside figures. It is kept with the state, so that whoever exports need not repeat it. */
import path from 'node:path';
import type { CommandArgs } from '../command.ts';
import { listFlag, textFlag } from '../flags.ts';

export interface About {
  /** Names of the files that were trained on, without their folders. */
  readonly data: readonly string[];
  /** What the data are and under which licence, a line each, as a person gave them. */
  readonly sources: readonly string[];
  /** What else there is to say, a line each. */
  readonly notes: readonly string[];
  /** Identifier for hubs, `cc-by-sa-4.0` for example. */
  readonly licence: string | null;
  /** Tokens of the corpus that was trained on last. */
  readonly corpusTokens: number | null;
  /** The model that was gone on with, or null for one that began at random. */
  readonly base: Origin | null;
}

export interface Origin {
  /** A folder's name, or what a hub calls it, with the commit. */
  readonly name: string;
  /** Of its weights, in single precision; null where it came without a head. */
  readonly sha256: string | null;
}

export const NOTHING_KNOWN: About = {
  data: [],
  sources: [],
  notes: [],
  licence: null,
  corpusTokens: null,
  base: null,
};

/** What is given replaces what was known; data add up. */
export function aboutOf(flags: CommandArgs['flags'], known: About): About {
  const given = (name: string, before: readonly string[]): readonly string[] => {
    const list = listFlag(flags, name);
    return list.length > 0 ? list : before;
  };
  const data = listFlag(flags, 'data').map((file) => path.basename(file));
  return {
    ...known,
    data: [...new Set([...known.data, ...data])],
    sources: given('source', known.sources),
    notes: given('note', known.notes),
    licence: textFlag(flags, 'licence') ?? known.licence,
  };
}
