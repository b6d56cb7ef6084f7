/**
 * Writes the sample feed to standard output:
 *
 *     node --import tsx pipelines/sample/generate.ts > pipelines/sample/sample.jsonl
 *
 * It is committed beside this file and always comes out the same; a test compares.
 */
import { fileURLToPath } from 'node:url';
import { makeRng } from '../../src/rng.ts';
import { garden } from './garden.ts';
import { type Grammar, passages } from './grammar.ts';
import { incidents } from './incidents.ts';
import { kitchen } from './kitchen.ts';
import { weather } from './weather.ts';

export const SAMPLE_FILE = fileURLToPath(new URL('sample.jsonl', import.meta.url));

/** The stretches of the sample in order; the kitchen comes back. */
export const STRETCHES: readonly (readonly [Grammar, number])[] = [
  [kitchen, 320],
  [weather, 300],
  [incidents, 320],
  [kitchen, 220],
  [garden, 300],
];

/**
 * JSON Lines: `text`, and `topic`, which stretch it comes from. The topic is there so that a report can be
 * held against the truth; nothing that cuts the stream into domains reads it.
 */
export function sampleFeed(): string {
  const rng = makeRng('sample');
  const sources = new Map<Grammar, Generator<string, never>>();
  let feed = '';
  for (const [grammar, count] of STRETCHES) {
    const source = sources.get(grammar) ?? passages(grammar, rng.fork(grammar.topic));
    sources.set(grammar, source); // one that returns goes on where it stopped: fresh passages
    for (let i = 0; i < count; i++) {
      feed += `${JSON.stringify({ text: source.next().value, topic: grammar.topic })}\n`;
    }
  }
  return feed;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) process.stdout.write(sampleFeed());
