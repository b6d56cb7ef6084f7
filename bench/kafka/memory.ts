/**
 * Resident memory from the first passage to the last:
 *
 *   node --import tsx bench/kafka/memory.ts [--passages 2000000] [--bytes 500] [--write]
 *
 * `--write` puts memory.md and memory.svg in place.
 */
import { writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { chart } from '../chart.ts';
import { aligned } from '../segmentation/markdown.ts';
import type { Measured, Memory } from './measured.ts';
import { startReader } from './start-reader.ts';
import { machine, withTopic } from './with-topic.ts';

const { values: flags } = parseArgs({
  options: {
    passages: { type: 'string', default: '2000000' },
    bytes: { type: 'string', default: '500' },
    write: { type: 'boolean', default: false },
  },
});
const [passages, bytes] = [Number(flags.passages), Number(flags.bytes)];
const SAMPLES = 100;
const ROWS = 10;
const MIB = 2 ** 20;

const every = Math.ceil(passages / SAMPLES);
const report = await withTopic(passages, bytes, async (topic, how) =>
  told(await startReader('ours', { ...topic, every }), machine(how)),
);
process.stdout.write(report);

function told({ seconds, domains, memory }: Measured, where: string): string {
  const most = (value: (one: Memory) => number): string => (Math.max(...memory.map(value)) / MIB).toFixed(0);
  const svg = chart(
    'Resident memory without the trainer',
    'MiB',
    [
      { name: 'all', values: memory.map(({ all }) => all / MIB) },
      { name: 'without pages of files', values: memory.map(({ own }) => (own ?? Number.NaN) / MIB) },
    ].filter(({ values }) => values.every(Number.isFinite)),
    { name: 'passages', from: 0, step: every },
  );
  if (flags.write) write('memory.svg', svg);
  const rows = memory
    .filter((_, at) => at % Math.ceil(memory.length / ROWS) === 0 || at === memory.length - 1)
    .map(({ passages: read, all, own }) => [
      read.toLocaleString('en'),
      (all / MIB).toFixed(0),
      own === null ? '-' : (own / MIB).toFixed(0),
    ]);
  const lines = `# Memory over ${passages.toLocaleString('en')} passages

\`node --import tsx bench/kafka/memory.ts --passages ${passages} --bytes ${bytes}\`, ${where}.
The process of \`bench/kafka/run.ts\` that goes the whole way of \`cpt run\` but for the trainer: there is none, every task is
done as soon as it is begun, and so the passages of its domain leave the state as they do after a training. ${domains} domains
closed in ${seconds.toFixed(0)} s. MiB; pages of files are those of the state and of programs, which the system can take back at any time.
At most ${most(({ all }) => all)} MiB, ${most(({ own, all }) => own ?? all)} of them its own.

${aligned(['passages', 'resident', 'of it its own'], rows)}

![memory](memory.svg)
`;
  if (flags.write) write('memory.md', lines);
  return lines;
}

function write(name: string, content: string): void {
  writeFileSync(new URL(name, import.meta.url), content);
}
