/** Which faults come, and when: all of it from the seed. */
import { makeRng } from '../../src/rng.ts';

export const KINDS = [
  'parent killed',
  'trainer killed',
  'both killed',
  'broker killed',
  'broker frozen',
  'second member',
  'disk full',
  'clock jumps',
] as const;

export type Kind = (typeof KINDS)[number];

export interface Fault {
  readonly kind: Kind;
  /** Seconds before it, since the one before is over. */
  readonly wait: number;
  /** Whether it waits until the program has a trainer. */
  readonly settled: boolean;
  /** 0 to 1: how long, how far. */
  readonly size: number;
}

/** Of a hundred faults; the cheap ones come more often. */
const WEIGHTS: Readonly<Record<Kind, number>> = {
  'parent killed': 20,
  'trainer killed': 24,
  'both killed': 12,
  'broker killed': 8,
  'broker frozen': 10,
  'second member': 10,
  'disk full': 8,
  'clock jumps': 8,
};

/** Each kind once, before any comes again by chance. */
export function scheduleOf(seed: string, count: number, kinds: readonly Kind[] = KINDS): Fault[] {
  const rng = makeRng(seed).fork('schedule');
  const total = kinds.reduce((sum, kind) => sum + WEIGHTS[kind], 0);
  const drawn = (): Kind => {
    let at = rng.uniform() * total;
    for (const kind of kinds) {
      at -= WEIGHTS[kind];
      if (at < 0) return kind;
    }
    return kinds[0]!;
  };
  const first = [...kinds];
  for (let at = first.length - 1; at > 0; at--) {
    const other = rng.int(at + 1);
    [first[at], first[other]] = [first[other]!, first[at]!];
  }
  return Array.from({ length: count }, (_, at) => ({
    kind: first[at] ?? drawn(),
    wait: 3 * rng.uniform() ** 2,
    settled: rng.uniform() < 0.8,
    size: rng.uniform(),
  }));
}
