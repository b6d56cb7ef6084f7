/** Engines and bare products taking turns, each in its own process, so that what disturbs one disturbs all. */
import { batchShape } from '../../src/train/mlm.ts';
import { type Engine, engines, type Machine, peakCommands } from './engines.ts';
import { flops, heaviest, type Product, stepProducts } from './flops.ts';
import { type Answer, Missing, openWorker, type Worker } from './process.ts';
import type { Size } from './sizes.ts';
import type { Row } from './table.ts';

export interface Peak {
  readonly library: string;
  /** Best GFLOP/s of each round, for each of `shapes`. */
  readonly rounds: readonly (readonly number[])[];
  readonly missing?: string;
}

export interface Measured {
  /** 10⁹ operations of a step of the full batch. */
  readonly work: number;
  readonly rows: readonly Row[];
  /** [rows, inner, columns] */
  readonly shapes: readonly (readonly number[])[];
  readonly peaks: readonly Peak[];
}

/** One process and what it said so far. */
interface Entry<T> {
  readonly what: T;
  readonly worker: Worker | null;
  readonly values: number[][];
  missing?: string;
}

const SQUARES = [1024, 2048];
const MODEL_SHAPES = 6;
/** Repetitions of a bare product in one turn. */
const REPETITIONS = 3;

export async function measure(
  machine: Machine,
  name: string,
  size: Size,
  options: { readonly rounds: number; readonly wanted: (id: string) => boolean },
  say: (line: string) => void,
): Promise<Measured> {
  const all = engines(machine).filter(({ id }) => options.wanted(id));
  const products = productsOf(size, size.batch, size.length);
  const shapes = [...SQUARES.map((side) => [side, side, side]), ...heaviest(products, MODEL_SHAPES)];
  const bare: Entry<string>[] = [];
  for (const [library, command] of Object.entries(peakCommands(machine, shapes)))
    bare.push(await start(library, () => openWorker(command), `products in ${library}`, say));
  const fast: Entry<Engine>[] = [];
  for (const engine of all.filter(({ slow }) => !slow))
    fast.push(await start(engine, () => openWorker(engine.command(name)), engine.id, say));

  const turns = [
    ...fast.map(
      (entry) => () =>
        turn(entry, size.steps, ({ seconds }) => [speed(entry.what, size, size.steps, seconds!)]),
    ),
    ...bare.map((entry) => () => turn(entry, REPETITIONS, ({ gflops }) => [...gflops!])),
  ];
  for (const entry of fast) if (entry.worker) await turn(entry, 1, () => null); // all are warm
  const began = performance.now();
  for (let round = 0; round < options.rounds; round++) {
    for (let at = 0; at < turns.length; at++) await turns[(round + at) % turns.length]!(); // each goes first in turn
    const left = ((performance.now() - began) / 60_000 / (round + 1)) * (options.rounds - round - 1);
    const open = fast.filter(({ worker }) => worker !== null);
    const latest = open.map(({ what, values }) => `${what.id} ${values[round]?.[0]?.toFixed(0) ?? 'none'}`);
    say(
      `round ${round + 1} of ${options.rounds}: ${latest.join(', ')} tokens/s; about ${left.toFixed(1)} min left`,
    );
  }
  for (const entry of bare) await entry.worker?.end().catch(() => {});
  const rows: Row[] = [];
  for (const entry of fast) rows.push(await finish(entry, size));
  for (const engine of all.filter(({ slow }) => slow)) {
    const entry = await start(engine, () => openWorker(engine.command(name)), engine.id, say);
    await turn(entry, 1, ({ seconds }) => [speed(engine, size, 1, seconds!)]);
    rows.push(await finish(entry, size));
  }
  const peaks = bare.map(({ what: library, values, missing }) => ({
    library,
    rounds: values,
    ...(missing === undefined ? {} : { missing }),
  }));
  return { work: flops(products) / 1e9, rows, shapes, peaks };
}

function productsOf(size: Size, batch: number, length: number): Product[] {
  return stepProducts(size, batch, length, batchShape(batch, length).positions);
}

function speed(engine: Engine, size: Size, steps: number, seconds: number): number {
  return (batchOf(engine, size).tokens * steps) / seconds;
}

/** An engine that cannot be had is an entry too, with the reason. */
async function start<T>(
  what: T,
  open: () => Promise<Worker>,
  name: string,
  say: (line: string) => void,
): Promise<Entry<T>> {
  try {
    const worker = await open();
    say(`${name} is ready, first step after ${worker.setUp.toFixed(1)} s`);
    return { what, worker, values: [] };
  } catch (error) {
    if (!(error instanceof Missing)) throw error;
    say(`${name}: ${error.message}`);
    return { what, worker: null, values: [], missing: error.message };
  }
}

/** One turn; an engine that ends keeps what it had, with the reason, and takes no more turns. */
async function turn<T>(
  entry: Entry<T>,
  count: number,
  read: (answer: Answer) => number[] | null,
): Promise<void> {
  if (entry.worker === null || entry.missing !== undefined) return;
  try {
    const values = read(await entry.worker.ask(count));
    if (values !== null) entry.values.push(values);
  } catch (error) {
    if (!(error instanceof Missing)) throw error;
    entry.missing = error.message;
  }
}

async function finish({ what, worker, values, missing }: Entry<Engine>, size: Size): Promise<Row> {
  const { batch, length, tokens } = batchOf(what, size);
  const memory = missing === undefined ? await worker?.end() : undefined;
  return {
    id: what.id,
    title: what.title(worker?.version ?? ''),
    speeds: values.map(([value]) => value!),
    work: flops(productsOf(size, batch, length)) / tokens / 1e9,
    ...(worker === null ? {} : { setUp: worker.setUp }),
    ...(memory === undefined ? {} : { memory }),
    ...(missing === undefined ? {} : { missing }),
  };
}

/** A slow engine has the tiny batch. */
function batchOf({ slow }: Engine, { tiny, batch, length }: Size) {
  const own = slow ? tiny : { batch, length };
  return { ...own, tokens: own.batch * own.length };
}
