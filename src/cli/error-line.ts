import { CptError } from '../errors.ts';

/** Any error as one line for a person. */
export function lineOf(error: unknown): string {
  if (error instanceof CptError) return error.toLine();
  return error instanceof Error ? error.message.split('\n')[0]! : String(error);
}
