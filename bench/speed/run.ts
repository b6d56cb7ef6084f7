/**
 * One training step of CPT in each engine, side by side: the compiled one in fp32, with the base in int8 and on every
 * other provider, PyTorch in four ways, tfjs's `cpu` backend.
 *
 *   node --import tsx bench/speed/run.ts --python PATH [--size NAME] [--engine ID,…] [--rounds N] [--threads 2] [--write]
 *
 * PATH is a Python with `pip install torch transformers`; `torch.compile` also wants a C++ compiler. `--write` renews
 * the sections of the sizes that were run in results.md. All engines of a size are open at once, which takes 15 GB at
 * RoBERTa-base; `--engine` takes only some (`compiled`, `compiled-int8`, `torch-full`, …) and writes nothing.
 */
import { loadavg } from 'node:os';
import { parseArgs } from 'node:util';
import { COMPILED, EAGER, engines, TRIMMED } from './engines.ts';
import { machine, writeSection } from './report.ts';
import { measure } from './rounds.ts';
import { section } from './section.ts';
import { SIZES, sizeOf } from './sizes.ts';

const { values: flags } = parseArgs({
  options: {
    python: { type: 'string', default: 'python3' },
    size: { type: 'string' },
    engine: { type: 'string' },
    rounds: { type: 'string' },
    threads: { type: 'string', default: '2' },
    write: { type: 'boolean', default: false },
  },
});

/** What is wrong with the command line, or null. */
function mistake(known: readonly string[]): string | null {
  const unknown = flags.engine?.split(',').find((id) => !known.includes(id));
  if (unknown !== undefined) return `No engine ${unknown}; there are ${known.join(', ')}.`;
  if (flags.size !== undefined && !(flags.size in SIZES))
    return `No size ${flags.size}; there are ${Object.keys(SIZES).join(', ')}.`;
  if (!(Number(flags.threads) >= 1) || !(Number(flags.rounds ?? 1) >= 1))
    return '--threads and --rounds take a number from 1 up.';
  if (flags.write && flags.engine !== undefined) return '--write takes the whole table: leave --engine out.';
  return null;
}

const own = { python: flags.python, threads: Number(flags.threads) };
const wrong = mistake(engines(own).map(({ id }) => id));
if (wrong !== null) {
  process.stderr.write(`${wrong}\n`);
  process.exit(2);
}
const wanted = (id: string) => flags.engine === undefined || flags.engine.split(',').includes(id);
for (const name of flags.size === undefined ? Object.keys(SIZES) : [flags.size]) {
  const size = sizeOf(name);
  const load = loadavg()[0]!;
  const say = (line: string) => process.stderr.write(`${name}: ${line}\n`);
  const rounds = Number(flags.rounds ?? size.rounds);
  const measured = await measure(own, name, size, { rounds, wanted }, say);
  const where = `${machine(own.threads)}, load ${load.toFixed(1)} before`;
  const body = section(measured, { rounds, size, where, references: [COMPILED, EAGER, TRIMMED] });
  process.stdout.write(`## ${size.title}\n\n${body}\n\n`);
  if (flags.write) writeSection(size.title, body);
}
process.exit(0);
