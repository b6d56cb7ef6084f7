/** The one number that a person sets, expected passages per false alarm, against what long streams give. */
import { makeRng } from '../../src/rng.ts';
import { mixOf, only, runs } from './draw.ts';
import { inEvents, withEchoes } from './events.ts';
import { aligned } from './markdown.ts';
import { segment } from './segment.ts';
import { type Pools, SECTIONS, type Source } from './sources.ts';
import { type Family, streamOf } from './splice.ts';

const SET = [200, 1000, 5000, 50_000];
const LOCAL: readonly (readonly [Source, number])[] = [
  ['news', 15_000],
  ['restaurants', 15_000],
  ['ai', 15_000],
];
const MIXES: readonly (readonly Source[])[] = [
  ['restaurants', 'novels', 'news', 'encyclopedia'],
  ['ai', 'acl', 'encyclopedia', 'news', 'restaurants'],
];

/** Streams in which nothing changes for good: every alarm is a false one. */
const STREAMS: readonly Family[] = [
  {
    name: 'stationary',
    about: '20,000 restaurant reviews, 30,000 passages of novels, 50,000 of the encyclopedia',
    streams: 3,
    build: (splice, _rng, k) => {
      const source = (['restaurants', 'novels', 'encyclopedia'] as const)[k]!;
      splice.domain(source, [20_000, 30_000, 50_000][k]!, only(source));
    },
  },
  {
    name: 'heterogeneous',
    about: 'four and five kinds shuffled, 40,000 each',
    streams: MIXES.length,
    build: (splice, rng, k) => splice.domain('mixture', 40_000, mixOf(rng, MIXES[k]!)),
  },
  {
    name: 'sections',
    about: 'news in runs of 5 to 15 of one section, 20,000',
    streams: 1,
    build: (splice, rng) => splice.domain('news', 20_000, runs(rng, SECTIONS, 5, 15)),
  },
  {
    name: 'neighbours',
    about: 'one source in runs of 3 to 30 passages that share rare words, 15,000 each of three',
    streams: LOCAL.length,
    build: (splice, rng, k) => splice.arranged(...LOCAL[k]!, (texts) => inEvents(texts, rng, [3, 30])),
  },
  {
    name: 'echoes',
    about: 'the same in random order, rare words of each run’s first passage added to the others',
    streams: LOCAL.length,
    build: (splice, rng, k) => splice.arranged(...LOCAL[k]!, (texts) => withEchoes(texts, rng, [3, 30])),
  },
];

interface Measured {
  readonly name: string;
  readonly passages: number;
  /** By what was set, in the order of SET. */
  readonly alarms: readonly number[];
}

export function calibrate(
  pools: Pools,
  seeds: readonly string[],
  progress: (line: string) => void,
): Measured[] {
  return STREAMS.map((family) => {
    let passages = 0;
    const alarms = SET.map(() => 0);
    for (const seed of seeds) {
      for (let k = 0; k < family.streams; k++) {
        const { texts } = streamOf(family, pools, makeRng(seed), k);
        passages += texts.length;
        SET.forEach((falseAlarmEvery, at) => {
          alarms[at]! += segment(texts, { falseAlarmEvery }).found.length;
        });
      }
    }
    progress(`${family.name}: ${alarms.join(', ')} alarms in ${passages} passages`);
    return { name: family.name, passages, alarms };
  });
}

export function reportCalibration(measured: readonly Measured[], seeds: readonly string[]): string {
  const head = ['stream', 'passages', ...SET.map((every) => `set ${every.toLocaleString('en')}`)];
  const rows = measured.map(({ name, passages, alarms }) => [
    name,
    passages.toLocaleString('en'),
    ...alarms.map((count) => every(passages, count)),
  ]);
  return `# False alarms: set against measured

\`node --import tsx bench/segmentation/run.ts DATA_DIR --calibration ${seeds.map((seed) => `--seed ${seed}`).join(' ')}\`

Passages per false alarm as set (\`--false-alarm-every\`) and as measured on streams in which nothing changes for good;
in brackets the number of alarms.

${aligned(head, rows)}

${STREAMS.map(({ name, about }) => `- ${name}: ${about}`).join('\n')}
`;
}

/** Passages per alarm: more than all of them where there was none. */
export function every(passages: number, alarms: number): string {
  const measured = Math.round(passages / Math.max(1, alarms)).toLocaleString('en');
  return `${alarms === 0 ? `> ${measured}` : measured} (${alarms})`;
}
