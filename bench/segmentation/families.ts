/** Families of spliced streams: what a feed may do. */
import { CHANGES } from './changes.ts';
import { GRADUAL } from './gradual.ts';
import type { Family } from './splice.ts';
import { STEADY } from './steady.ts';

export const FAMILIES: readonly Family[] = [...CHANGES, ...GRADUAL, ...STEADY];
