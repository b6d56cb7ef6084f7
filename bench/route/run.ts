/**
 * Routing of held-out passages: `node --import tsx bench/route/run.ts DATA_DIR [--seed N]`. Prints its report and
 * writes it to results.md. The router is the one that a checkpoint would carry, written and read again.
 */
import { writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { parseArgs } from 'node:util';
import { parseRouter, type RoutedDomain, route, routerJson, Segmenter } from '../../src/domains/index.ts';
import { makeRng } from '../../src/rng.ts';
import { Dealer, dataFolder, Pools, type Source } from '../segmentation/sources.ts';

const KNOWN: readonly Source[] = ['restaurants', 'ai', 'acl', 'news'];
const OUTSIDE: readonly Source[] = ['wikipedia', 'novels', 'textbooks', 'yelp'];
const LEARNT = [120, 500, 2000];
const SIZES = [1, 2, 4, 8, 16, 32];
const HELD_OUT = 2400; // of each source

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { seed: { type: 'string', default: '1' } },
});
const dataDir = dataFolder(positionals[0], 'bench/route/run.ts DATA_DIR [--seed N]');

const dealer = new Dealer(new Pools(dataDir), makeRng(values.seed));
const deal = (source: Source, count: number): string[] => dealer.deals(count, () => source);
const heldOut = new Map([...KNOWN, ...OUTSIDE].map((source) => [source, deal(source, HELD_OUT)]));
const learnt = new Map(KNOWN.map((source) => [source, deal(source, Math.max(...LEARNT))]));
const percent = (part: number): string => `${(100 * part).toFixed(2)} %`;

const sections: string[] = [];
for (const count of LEARNT) {
  const router = learn(count);
  section(`## ${count} passages of each domain learnt\n`);
  section(
    table(
      ['texts in a batch', 'right', 'another domain', 'none', 'right without none'],
      SIZES.map((size) => [size, ...accuracy(router, size)]),
    ),
  );
  section('Said to be none, of outsiders by what they are, and of a known domain that the router lacks:\n');
  const lacking = KNOWN.map((source) => router.filter(({ domain }) => domain !== source));
  section(
    table(
      ['texts in a batch', ...OUTSIDE, ...KNOWN.map((source) => `${source}, unknown`)],
      SIZES.map((size) => [
        size,
        ...OUTSIDE.map((source) => percent(noneRate(router, source, size))),
        ...KNOWN.map((source, at) => percent(noneRate(lacking[at]!, source, size))),
      ]),
    ),
  );
  if (count !== 500) continue;
  for (const size of [1, 8]) {
    section(`Batches of ${size} by what they are (rows) and where they went:\n`);
    const rows = [...KNOWN, ...OUTSIDE].map((source) => {
      const found = routed(router, source, size);
      return [source, ...[...KNOWN, null].map((domain) => found.filter((f) => f.domain === domain).length)];
    });
    section(table(['', ...KNOWN, 'none'], rows));
  }
}
const report = `# Routing of held-out passages

\`node --import tsx bench/route/run.ts DATA_DIR --seed ${values.seed}\`, ${cpus()[0]?.model.trim()}, Node ${process.versions.node}.
${HELD_OUT} held-out passages of each source, in batches of one source. The router is a checkpoint's \`router.json\`, written and
read again: ${Math.round(JSON.stringify(routerJson([])).length / 100) / 10} kB and ${bytesADomain()} bytes a domain. AI and ACL abstracts are near domains; yelp are restaurant reviews
of another source. "Right without none" is the domain that fits best, whether or not it was taken for none.

${sections.join('\n')}`;
writeFileSync(new URL('./results.md', import.meta.url), report);

function section(text: string): void {
  console.log(text);
  sections.push(text);
}

/** What the segmenter keeps of `count` passages of each domain, through the file's format. */
function learn(count: number): RoutedDomain[] {
  const segmenter = new Segmenter();
  for (const [source, texts] of learnt) {
    for (const text of texts.slice(0, count)) segmenter.push({ text, domain: source });
  }
  segmenter.end();
  return parseRouter(JSON.parse(JSON.stringify(routerJson(segmenter.signatures()))));
}

function routed(router: readonly RoutedDomain[], source: Source, size: number) {
  const texts = heldOut.get(source)!;
  return Array.from({ length: Math.floor(texts.length / size) }, (_, k) =>
    route(router, texts.slice(k * size, (k + 1) * size)),
  );
}

function accuracy(router: readonly RoutedDomain[], size: number): string[] {
  let [right, none, best, all] = [0, 0, 0, 0];
  for (const source of KNOWN) {
    for (const { domain, scores } of routed(router, source, size)) {
      all++;
      if (domain === source) right++;
      if (domain === null) none++;
      if (scores[0]?.domain === source) best++;
    }
  }
  return [right, all - right - none, none, best].map((part) => percent(part / all));
}

function noneRate(router: readonly RoutedDomain[], source: Source, size: number): number {
  const found = routed(router, source, size);
  return found.filter(({ domain }) => domain === null).length / found.length;
}

function bytesADomain(): number {
  const signatures = new Segmenter();
  for (const text of learnt.get('ai')!.slice(0, 100)) signatures.push({ text, domain: 'ai' });
  signatures.end();
  return JSON.stringify(routerJson(signatures.signatures()).domains).length;
}

function table(head: readonly string[], rows: readonly (readonly (string | number)[])[]): string {
  const lines = [head, head.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`);
  return `${lines.join('\n')}\n`;
}
