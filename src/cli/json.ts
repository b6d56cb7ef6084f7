/** Events as JSON Lines. */
import type { CptEvent } from '../events.ts';
import { harmlessJson } from './width.ts';

/** One event on one line; what JSON cannot hold (a loss that is not a number) is null. */
export function jsonLine(event: CptEvent): string {
  return `${harmlessJson(JSON.stringify(event))}\n`;
}
