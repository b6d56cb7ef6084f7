/** What the rows of a state say, of this version or of another: what cannot be read is named, not guessed. */
import type { RootDatabase } from 'lmdb';
import { decodeSignature } from '../../domains/index.ts';
import { countOf } from '../../domains/ranges.ts';
import { decodeState } from '../../domains/snapshot.ts';
import type { CptEvent } from '../../events.ts';
import { identityIn } from '../state/identity.ts';
import type { Meta } from '../state/meta.ts';
import type { Retirement } from '../state/retirement.ts';
import type { Task } from '../state/types.ts';

export interface OpenDomain {
  /** Of its newest run: how many, and the index of the first. */
  readonly passages: number;
  readonly since: number;
  readonly statistic: number;
  readonly label: string | null;
  /** Domains of which short runs are held beside it; an empty name is records without one. */
  readonly held: readonly { readonly domain: string; readonly passages: number }[];
}

export interface KnownDomain {
  readonly domain: string;
  readonly passages: number;
  readonly label: string | null;
}

export interface WaitingTask {
  readonly task: number;
  readonly domain: string;
  readonly label: string | null;
  readonly passages: number;
  readonly bytes: number;
  readonly begun: boolean;
}

export interface StateRows {
  /** As they stand in the folder, whatever they are. */
  readonly identity: { readonly version: unknown; readonly lineage: unknown; readonly features: unknown };
  readonly progress: Partial<Meta>;
  readonly open: OpenDomain | null;
  readonly known: readonly KnownDomain[];
  readonly queue: readonly WaitingTask[];
  readonly outbox: { readonly events: number; readonly oldest: Outboxed | null };
  readonly retirement: Retirement['event'] | null;
}

export interface Outboxed {
  readonly sequence: number;
  readonly event: CptEvent['event'];
}

/** Reads a part, or notes why it cannot be read and gives `otherwise`. */
export type Part = <T>(name: string, read: () => T, otherwise: T) => T;

/** All in one turn of the event loop, which is one snapshot. */
export function readRows(root: RootDatabase, part: Part): StateRows {
  const meta = root.openDB<unknown, string>('meta', { encoding: 'json' });
  const { version, lineage, features } = part('the identity', () => identityIn(meta) ?? {}, {});
  const segmenter = part('the segmenter', () => readSegmenter(root), { open: null, known: [] });
  return {
    identity: { version, lineage, features },
    progress: part('the counts', () => (meta.get('progress') as Partial<Meta> | undefined) ?? {}, {}),
    ...segmenter,
    queue: part('the queue', () => readQueue(root), []),
    outbox: part('the outbox', () => readOutbox(root), { events: 0, oldest: null }),
    retirement: part(
      'the retirement',
      () => (meta.get('retirement') as Retirement | undefined)?.event ?? null,
      null,
    ),
  };
}

function readSegmenter(root: RootDatabase): Pick<StateRows, 'open' | 'known'> {
  const bytes = root.openDB<Buffer, string>('blobs', { encoding: 'binary' })?.get('segmenter');
  if (bytes === undefined) return { open: null, known: [] };
  const rows = root.openDB<Buffer, string>('signatures', { encoding: 'binary' })?.getRange() ?? [];
  const signatures = Array.from(rows, ({ value }) => decodeSignature(new Uint8Array(value)));
  const state = decodeState({ open: new Uint8Array(bytes), known: signatures });
  const { passages, first, detector, labeller, held, known, labels } = state;
  return {
    open: {
      passages: passages - first,
      since: first,
      statistic: detector.statistic,
      label: labeller.label,
      held: Array.from(held, ({ name, passages }) => ({ domain: name, passages })),
    },
    known: Array.from(known.values(), ({ domain, counts: [odd, even] }) => {
      return { domain, passages: odd + even, label: labels.get(domain) ?? null };
    }),
  };
}

function readQueue(root: RootDatabase): WaitingTask[] {
  const rows = root.openDB<Task, number>('queue', { encoding: 'json' })?.getRange() ?? [];
  return Array.from(rows, ({ value: { task, domain, label = null, ranges, bytes, begun } }) => {
    return { task, domain, label, passages: countOf(ranges), bytes, begun };
  });
}

function readOutbox(root: RootDatabase): StateRows['outbox'] {
  const rows = root.openDB<CptEvent, number>('outbox', { encoding: 'json' });
  if (rows === undefined) return { events: 0, oldest: null };
  const [oldest] = rows.getRange({ limit: 1 });
  return {
    events: rows.getCount(),
    oldest: oldest === undefined ? null : { sequence: oldest.key, event: oldest.value.event },
  };
}
