/**
 * What the active set and HAT's sparsity term cost or win: the same four domains, one after the other, under several
 * settings; nats won on held-out text by each task, and how many neurons the lineage then has.
 *
 *   node --import tsx bench/growth/quality.ts DATA_DIR [--passages 250] [--passes 2] [--seeds 1] [--only NAME]… [--write]
 */
import { writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { makeRng } from '../../src/rng.ts';
import { TASK_DEFAULTS, type TaskOptions } from '../../src/train/options.ts';
import { Dealer, dataFolder, Pools, type Source } from '../segmentation/sources.ts';
import { runLineage } from './lineage.ts';

const { values: flags, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    passages: { type: 'string', default: '250' },
    passes: { type: 'string', default: '2' },
    seeds: { type: 'string', default: '1' },
    only: { type: 'string', multiple: true },
    write: { type: 'boolean', default: false },
  },
});
const dataDir = dataFolder(positionals[0], 'bench/growth/quality.ts DATA_DIR');

const SETTINGS: Readonly<Record<string, Partial<TaskOptions>>> = {
  'active set, 1/2 free': { freeShare: 0.5 },
  'active set, 1/4 free': { freeShare: 0.25 },
  'active set, all free': { freeShare: 1 },
  'no active set: 2.5 times as wide, all of it computed': {
    freeShare: 0.01,
    attentionWidth: 2.5,
    ffnWidth: 2.5,
  },
  'no growth': { freeShare: 0.01 },
  '1/2 free, sparsity 0.05': { freeShare: 0.5, sparsity: 0.05 },
  '1/2 free, sparsity 0.2': { freeShare: 0.5, sparsity: 0.2 },
  '1/2 free, sparsity 0.75': { freeShare: 0.5, sparsity: 0.75 },
};
const ORDER: readonly Source[] = ['restaurants', 'ai', 'news', 'acl'];

const pools = new Pools(dataDir);
const rows: string[] = [];
for (const [name, setting] of Object.entries(SETTINGS)) {
  if (flags.only !== undefined && !flags.only.includes(name)) continue;
  for (const seed of flags.seeds.split(',')) {
    const dealer = new Dealer(pools, makeRng(`quality-${seed}`));
    const domains = ORDER.map((kind) => ({
      name: kind,
      texts: dealer.deals(Number(flags.passages), () => kind),
    }));
    const options = {
      ...TASK_DEFAULTS,
      passes: Number(flags.passes),
      device: 'cpu',
      seed,
      ...setting,
    } as const;
    const { costs } = await runLineage(domains, options);
    const won = costs.map(({ trained }) => {
      const { base, own } = trained.losses.at(-1)!;
      return base - own;
    });
    const mean = won.reduce((sum, value) => sum + value, 0) / won.length;
    const { claimed } = costs.at(-1)!.trained.neurons;
    const processor =
      costs.slice(1).reduce((sum, cost) => sum + cost.processorSeconds, 0) / (costs.length - 1);
    const state = costs.at(-1)!.state / costs.length / 1024;
    const cells = [
      name,
      seed,
      ...won.map((value) => value.toFixed(3)),
      mean.toFixed(3),
      claimed,
      Math.round(state),
      processor.toFixed(0),
    ];
    rows.push(`| ${cells.join(' | ')} |`);
    process.stderr.write(`${rows.at(-1)}\n`);
  }
}
const report = `# The active set and sparsity

\`node --import tsx bench/growth/quality.ts DATA_DIR --passages ${flags.passages} --passes ${flags.passes} --seeds ${flags.seeds}\`, ${cpus()[0]!.model.trim()}.
Four domains of ${flags.passages} passages, in this order, in one lineage on the bundled base. Won: held-out masked-LM loss of the base less
that of the domain's checkpoint, nats. Nothing is forgotten under any setting, so what is won is kept.

| setting | seed | ${ORDER.map((kind) => `won: ${kind}`).join(' | ')} | mean | neurons claimed | state, KiB a domain | processor seconds a task |
|${' --- |'.repeat(ORDER.length + 6)}
${rows.join('\n')}
`;
process.stdout.write(report);
if (flags.write) writeFileSync(fileURLToPath(new URL('quality.md', import.meta.url)), report);
