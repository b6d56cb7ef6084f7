/** Which topics a feed reads: one, several, or all that match a pattern. */
import { runInNewContext } from 'node:vm';
import { CptError } from '../../errors.ts';

export interface TopicPattern {
  /** A JavaScript regular expression, looked for anywhere in a name unless anchored. */
  readonly pattern: string;
}

export type TopicSelection = string | readonly string[] | TopicPattern;

const MAX_PATTERN = 500; // characters
const MATCH_MS = 1000;

export function isPattern(selection: TopicSelection): selection is TopicPattern {
  return typeof selection === 'object' && 'pattern' in selection;
}

/** The names of a selection that names its topics; null for a pattern. */
export function namesOf(selection: TopicSelection): readonly string[] | null {
  if (isPattern(selection)) return null;
  return typeof selection === 'string' ? [selection] : selection;
}

/** What a person calls it. */
export function titleOf(selection: TopicSelection): string {
  return namesOf(selection)?.join(', ') ?? `~${(selection as TopicPattern).pattern}`;
}

/** What is wrong with a pattern, a phrase, or null. */
export function patternFault(pattern: string): string | null {
  if (pattern === '') return 'its pattern is empty';
  if (pattern.length > MAX_PATTERN) return `its pattern has more than ${MAX_PATTERN} characters`;
  try {
    new RegExp(pattern);
    return null;
  } catch (error) {
    return `its pattern is no regular expression (${(error as Error).message})`;
  }
}

/**
 * The topics of a selection among those that exist, sorted. A pattern matches neither Kafka's own topics (`__…`)
 * nor this program's (`cpt.…`), which hold what it wrote itself, nor those of `never`.
 * @throws CptError CPT_KAFKA where a pattern takes over a second on the names that there are: some take for ever
 * on names made for it
 */
export function selectTopics(
  selection: TopicSelection,
  present: readonly string[],
  never: readonly string[] = [],
): string[] {
  const names = namesOf(selection);
  if (names !== null) return present.filter((name) => names.includes(name)).sort();
  const { pattern } = selection as TopicPattern;
  const foreign = present.filter((name) => !/^(__|cpt\.)/.test(name) && !never.includes(name));
  try {
    const script = 'names.filter((name) => new RegExp(pattern).test(name))';
    // In a context for its time limit alone: V8 stops a search in its midst.
    return (runInNewContext(script, { names: foreign, pattern }, { timeout: MATCH_MS }) as string[]).sort();
  } catch (cause) {
    throw new CptError('CPT_KAFKA', `The pattern ${JSON.stringify(pattern)} takes too long on topic names.`, {
      hint: 'Repetitions within repetitions, as in (a+)+, make it slow.',
      cause,
    });
  }
}
