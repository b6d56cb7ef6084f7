/** Whether a role has all that it needs. */
import type { Config } from './config-type.ts';

/** What each role cannot do without, by its path. */
const NEEDED: Readonly<Record<Config['machines']['role'], readonly (keyof Config['machines'])[]>> = {
  all: [],
  encode: ['encoded'],
  segment: ['encoded', 'tasks', 'store'],
  train: ['tasks', 'store'],
  serve: [],
};

/** A sentence for each contradiction between what a process does of a stream and what it is given. */
export function machineProblems({ feed, lineage, deadLetters, machines }: Config): string[] {
  const { role, store, s3Endpoint } = machines;
  const found: string[] = [];
  const lacking = NEEDED[role].filter((key) => machines[key] === '').map((key) => `machines.${key}`);
  if (role === 'encode') {
    if (!feed.startsWith('kafka:')) lacking.unshift('feed, a topic');
    if (deadLetters === '') lacking.push('deadLetters, a topic, as its state is no one place');
  }
  if (role === 'segment' && lineage === '') lacking.unshift('lineage');
  if (lacking.length > 0) found.push(`machines.role: ${role}; it needs ${lacking.join(' and ')}`);
  if (s3Endpoint !== '' && !store.startsWith('s3:')) {
    found.push(`machines.s3Endpoint: ${s3Endpoint}; it has no effect unless machines.store is s3://…`);
  }
  return found;
}
