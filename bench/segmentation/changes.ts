/** Families of domains that change at one passage. */
import type { Rng } from '../../src/rng.ts';
import { between, FAR, only, walk } from './draw.ts';
import { SECTIONS, type Source, UNSEEN } from './sources.ts';
import type { Cut, Family } from './splice.ts';

const NEAR: readonly (readonly [Source, Source])[] = [
  ['ai', 'acl'],
  ['wikipedia', 'textbooks'],
  ['world', 'business'],
  ['restaurants', 'yelp'],
];

export const CHANGES: readonly Family[] = [
  {
    name: 'splice',
    about: 'restaurants, AI abstracts, news, 2,000 each',
    streams: 1,
    build: (splice) => {
      for (const source of ['restaurants', 'ai', 'news'] as const) splice.domain(source, 2000, only(source));
    },
  },
  {
    name: 'abrupt',
    about: 'far domains of 300 to 1,500 passages',
    streams: 4,
    build: (splice, rng) => walk(splice, rng, FAR, 9, [300, 1500]),
  },
  {
    name: 'near',
    about:
      'AI and ACL abstracts; encyclopedia and textbooks; world and business news; two sorts of reviews: 300 to 650 in turn',
    streams: NEAR.length,
    build: (splice, rng, k) => walk(splice, rng, NEAR[k]!, 6, [300, 650]),
  },
  {
    name: 'topics',
    about: 'the four sections of the news, 300 to 800',
    streams: 4,
    build: (splice, rng) => walk(splice, rng, SECTIONS, 8, [300, 800]),
  },
  {
    name: 'titles',
    about:
      'titles (the first sentence, at most 12 words): AI and ACL in turn, sections of the news, 400 to 900',
    streams: 4,
    build: (splice, rng, k) => walk(splice, rng, k % 2 === 0 ? NEAR[0]! : SECTIONS, 6, [400, 900], title),
  },
  {
    name: 'headlines',
    about: 'the first 6 to 12 words of far and near domains, 300 to 900',
    streams: 3,
    build: (splice, rng) => {
      const sources: Source[] = ['restaurants', 'ai', 'wikipedia', ...SECTIONS];
      walk(splice, rng, sources, 8, [300, 900], firstWords(rng, 6, 12));
    },
  },
  {
    name: 'returning',
    about: 'A B A C B A, 400 to 1,000 each',
    streams: 4,
    build: (splice, rng) => {
      const [a, b, c] = rng.shuffle([...FAR]) as [Source, Source, Source];
      for (const source of [a, b, a, c, b, a]) splice.domain(source, between(rng, 400, 1000), only(source));
    },
  },
  {
    name: 'short',
    about: 'domains of 120 to 250 passages',
    streams: 4,
    build: (splice, rng) => walk(splice, rng, FAR, 14, [120, 250]),
  },
  {
    name: 'medium',
    about: 'domains of 250 to 350 passages, sections of the news among them',
    streams: 4,
    build: (splice, rng) => walk(splice, rng, [...FAR, 'sports', 'business'], 12, [250, 350]),
  },
  {
    name: 'unseen',
    about: 'small sources that no other family has (sentences, citations, relations, Wikitext), 150 to 350',
    streams: 3,
    build: (splice, rng) => walk(splice, rng, UNSEEN, 8, [150, 350]),
  },
];

/** The first sentence, at most 12 words of it. */
export function title(text: string): string {
  const sentence = /^.*?[.!?](?=\s|$)/su.exec(text)?.[0] ?? text;
  return sentence.split(/\s+/).slice(0, 12).join(' ');
}

function firstWords(rng: Rng, least: number, most: number): Cut {
  return (text) =>
    text
      .split(/\s+/)
      .slice(0, between(rng, least, most))
      .join(' ');
}
