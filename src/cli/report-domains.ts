/** The part of the report on where the feed was cut, beside the truth where that is known. */
import type { DomainClosed } from '../events.ts';
import { at, scoreBoundaries } from '../measure/boundaries.ts';
import { count, counted } from './format.ts';
import { table } from './table.ts';

/** A run of passages about one topic; indices 0-based and inclusive. */
export interface Stretch {
  readonly topic: string;
  readonly first: number;
  readonly last: number;
}

/** Boundaries count as found within so many passages. */
const TOLERANCE = 25;

/**
 * The stretches of a feed whose records say their topic.
 * @param records JSON Lines with a field `topic`, all of them accepted
 * @returns null where a line has no topic: then nothing is known
 */
export function stretchesOf(records: string): Stretch[] | null {
  const stretches: { topic: string; first: number; last: number }[] = [];
  const lines = records.split('\n').filter((line) => line !== '');
  for (const [index, line] of lines.entries()) {
    const { topic } = JSON.parse(line) as { topic?: unknown };
    if (typeof topic !== 'string') return null;
    const open = stretches.at(-1);
    if (open?.topic === topic) open.last = index;
    else stretches.push({ topic, first: index, last: index });
  }
  return stretches;
}

export function domainLines(closed: readonly DomainClosed[], truth: readonly Stretch[] | null): string[] {
  const labelled = closed.some(({ label }) => label);
  const known = truth === null ? [] : ['true topic', 'true passages'];
  const head = ['domain', 'passages', 'known at', ...known, ...(labelled ? ['label'] : [])];
  const rows = closed.map((event) => {
    const own = truth === null ? null : nearest(event, truth);
    return [
      event.returnOf === null ? event.domain : `${event.domain} (back)`,
      range(event),
      count(event.detectedAt),
      ...(own === null ? known.map(() => '') : [own.topic, range(own)]),
      event.label ?? '',
    ];
  });
  const lines = table([head, ...rows], ['left', 'left', 'right', 'left', 'left', 'left']);
  return ['Domains found', ...lines, ...(truth === null ? [] : [scoreLine(closed, truth)])];
}

function range({ first, last }: { readonly first: number; readonly last: number }): string {
  return `${count(first)}–${count(last)}`;
}

/** The true stretch that shares most passages. */
function nearest(found: DomainClosed, truth: readonly Stretch[]): Stretch | null {
  let best: Stretch | null = null;
  let most = 0;
  for (const stretch of truth) {
    const shared = Math.min(found.last, stretch.last) - Math.max(found.first, stretch.first) + 1;
    if (shared > most) {
      most = shared;
      best = stretch;
    }
  }
  return best;
}

function scoreLine(closed: readonly DomainClosed[], truth: readonly Stretch[]): string {
  const found = closed
    .slice(1)
    .map(({ first }, index) => ({ at: first, detectedAt: closed[index]!.detectedAt }));
  const wanted = truth.slice(1).map(({ first }) => at(first));
  const { matched, missed, falseAlarms, errors } = scoreBoundaries(wanted, found, TOLERANCE);
  const parts = [`True boundaries found: ${count(matched)} of ${count(wanted.length)}`];
  if (matched > 0) parts.push(`at most ${counted(Math.max(...errors), 'passage')} off`);
  if (missed > 0) parts.push(`${count(missed)} missed`);
  if (falseAlarms > 0) parts.push(`${counted(falseAlarms, 'false alarm')}`);
  return parts.join(', ');
}
