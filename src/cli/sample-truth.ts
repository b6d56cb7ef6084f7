/** Where the sample's topics really change, for the report alone: the run never sees it. */
import { readFile } from 'node:fs/promises';
import type { Stretch } from './report-domains.ts';

/** @param file JSON Lines with a `topic` each */
export async function sampleTruth(file: string): Promise<Stretch[]> {
  const lines = (await readFile(file, 'utf8')).trimEnd().split('\n');
  const stretches: { topic: string; first: number; last: number }[] = [];
  for (const [at, line] of lines.entries()) {
    const { topic } = JSON.parse(line) as { topic: string };
    const open = stretches.at(-1);
    if (open?.topic === topic) open.last = at;
    else stretches.push({ topic, first: at, last: at });
  }
  return stretches;
}
