/**
 * From a topic to durable, segmented state, beside a consumer that only parses the JSON:
 *
 *   node --import tsx bench/kafka/run.ts [--passages 50000] [--bytes 500,2000] [--rounds 5] [--write]
 *
 * Each reader in a process of its own, in turns, on one topic. `--write` puts results.md in place.
 */
import { writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { aligned } from '../segmentation/markdown.ts';
import { median, ratio } from '../speed/statistics.ts';
import type { Measured } from './measured.ts';
import { type Reader, startReader } from './start-reader.ts';
import { machine, say, withTopic } from './with-topic.ts';

const { values: flags } = parseArgs({
  options: {
    passages: { type: 'string', default: '50000' },
    bytes: { type: 'string', default: '500,2000' },
    rounds: { type: 'string', default: '5' },
    write: { type: 'boolean', default: false },
  },
});
const [passages, rounds] = [Number(flags.passages), Number(flags.rounds)];
const READERS: readonly Reader[] = ['bare', 'ours'];
const NAMES: Readonly<Record<Reader, string>> = { bare: 'kafkajs, JSON parsed', ours: 'cpt-stream' };

let where = '';
const rows: string[][] = [];
for (const bytes of flags.bytes.split(',').map(Number)) {
  const measured = await withTopic(passages, bytes, async (topic, how) => {
    const of: Record<Reader, Measured[]> = { bare: [], ours: [] };
    for (let round = 0; round < rounds; round++) {
      for (const reader of READERS) {
        const one = await startReader(reader, { ...topic, every: passages });
        of[reader].push(one);
        say(
          `${bytes} bytes, ${reader}: ${one.seconds.toFixed(2)} s, ${one.processorSeconds.toFixed(2)} s of processor`,
        );
      }
    }
    where = machine(how);
    return of;
  });
  for (const reader of READERS) rows.push(row(bytes, reader, measured[reader], measured.bare));
}

const head = [
  'passages of',
  'reader',
  'passages/s',
  'µs of processor',
  'times bare',
  'delay p99, most',
  'domains',
];
const report = `# From a topic to durable, segmented state

\`node --import tsx bench/kafka/run.ts --passages ${passages} --rounds ${rounds}\`, ${where}.
${passages} passages in one partition, read by each reader in a process of its own, in turns, ${rounds} times; medians, ratios
within a round. \`cpt-stream\` is the whole way of \`cpt run\` but for the trainer, which has every task done at once: read,
decode, features, segmentation, one transaction a batch with what comes of it, metrics; each transaction has waited for
its \`fdatasync\` before the next batch is read. Processor time is of all threads, a passage; delay is the event loop's,
milliseconds. From the moment at which the reader has joined its group.

${aligned(head, rows)}
`;
process.stdout.write(report);
if (flags.write) writeFileSync(new URL('./results.md', import.meta.url), report);

function row(bytes: number, reader: Reader, own: readonly Measured[], bare: readonly Measured[]): string[] {
  const of = (value: (one: Measured) => number): number => median(own.map(value));
  const processor = ({ processorSeconds }: Measured): number => processorSeconds;
  return [
    `${bytes} bytes`,
    NAMES[reader],
    Math.round(of((one) => one.passages / one.seconds)).toLocaleString('en'),
    of((one) => (1e6 * one.processorSeconds) / one.passages).toFixed(1),
    (ratio(own.map(processor), bare.map(processor)) ?? Number.NaN).toFixed(1),
    `${Math.round(of((one) => one.delay.p99))}, ${Math.round(of((one) => one.delay.most))}`,
    String(of((one) => one.domains)),
  ];
}
