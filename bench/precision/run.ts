/**
 * What a task loses by `precision: int8`: the same passages, seeds and steps in both precisions, measured on the same
 * held-out text in single precision, on the weights that each would publish.
 *
 *   node --import tsx bench/precision/run.ts FILE… [--passages 500] [--seeds 1,2] [--base DIR] [--write]
 *
 * FILE is JSON Lines with a `text` field, gzipped or not. `--write` puts the table into results.md.
 */
import { writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { basename } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { readTexts } from '../../src/cli/texts.ts';
import { type LoadedBase, loadBase } from '../../src/edge/base.ts';
import { BUNDLED_BASE } from '../../src/edge/bundled.ts';
import type { Precision } from '../../src/engine/index.ts';
import { DECODE_DEFAULTS } from '../../src/text/decode.ts';
import { weightsFor } from '../../src/train/base.ts';
import { freshLineage } from '../../src/train/lineage.ts';
import { pluginConfigFor, TASK_DEFAULTS } from '../../src/train/options.ts';
import { openTaskRunner } from '../../src/train/run-task.ts';

const { values: flags, positionals: files } = parseArgs({
  allowPositionals: true,
  options: {
    passages: { type: 'string', default: '500' },
    seeds: { type: 'string', default: '1,2' },
    base: { type: 'string', default: BUNDLED_BASE },
    write: { type: 'boolean', default: false },
  },
});
if (files.length === 0) {
  process.stderr.write('Name at least one file of passages: JSON Lines with a text field, .gz too.\n');
  process.exit(1);
}

interface Outcome {
  /** Held-out nats per masked token, of the base and after the task. */
  readonly base: number;
  readonly own: number;
  readonly seconds: number;
}

async function task(
  base: LoadedBase,
  texts: readonly string[],
  seed: string,
  precision: Precision,
): Promise<Outcome> {
  const options = { ...TASK_DEFAULTS, seed, precision };
  const plugin = pluginConfigFor(base.config, options);
  const own = { ...base, weights: await weightsFor(base, precision) };
  const runner = await openTaskRunner(own, plugin, options);
  const began = performance.now();
  const { version } = await runner.run(freshLineage(plugin), { domain: 'd1', texts, near: [] });
  const seconds = (performance.now() - began) / 1000;
  await runner.dispose();
  return { base: version.baseLoss, own: version.publishedLoss, seconds };
}

const base = await loadBase(flags.base);
const rows: string[] = [];
for (const file of files) {
  const texts = (await readTexts(file, DECODE_DEFAULTS)).slice(0, Number(flags.passages));
  for (const seed of flags.seeds.split(',')) {
    const single = await task(base, texts, seed, 'fp32');
    const integer = await task(base, texts, seed, 'int8');
    const change = 100 * (integer.own / single.own - 1);
    rows.push(
      `| ${basename(file)} | ${seed} | ${single.base.toFixed(4)} | ${single.own.toFixed(4)} | ${integer.base.toFixed(4)} | ${integer.own.toFixed(4)} | ${change > 0 ? '+' : ''}${change.toFixed(2)} % | ${(single.seconds / integer.seconds).toFixed(2)} |`,
    );
    process.stderr.write(`${rows.at(-1)}\n`);
  }
}
const report = [
  '# A task on 8-bit integers',
  '',
  `The first ${flags.passages} passages of a file, one task from a fresh lineage with the default options, on ${cpus()[0]!.model.trim()};`,
  'held-out masked-LM loss in nats, always measured in single precision. Under int8 the base is the rounded one, which is',
  'what is published. Time is that of the whole task, evaluation in single precision included, on a shared machine.',
  '',
  '| passages | seed | base | after, fp32 | rounded base | after, int8 | int8 to fp32 | time, fp32 to int8 |',
  '| --- | --- | --- | --- | --- | --- | --- | --- |',
  ...rows,
  '',
].join('\n');
process.stdout.write(report);
if (flags.write) writeFileSync(fileURLToPath(new URL('results.md', import.meta.url)), report);
