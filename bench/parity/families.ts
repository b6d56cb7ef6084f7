/** Random models of every family as transformers saves them: logits, loss and gradients of plugins, ours against its. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { decodeSafetensors, toFloat32 } from '../../src/checkpoint/index.ts';
import { loadBase } from '../../src/edge/base.ts';
import { compile, type FeedSpec } from '../../src/engine/index.ts';
import { neuronShapes, type Placement, type PluginConfig, pluginShapes } from '../../src/plugin/config.ts';
import { encode, noPlug, type Site, vocabularyLogits } from '../../src/roberta/model.ts';
import { shapedWeights } from '../../src/roberta/weights.ts';
import type { BaseModel } from '../../src/train/base.ts';
import { type BatchShape, mlmSpecs } from '../../src/train/mlm.ts';
import { taskStep } from '../../src/train/task-step.ts';
import { lossAndGradients, named } from '../../src/train/update.ts';
import { LIMIT, type Part, relativeError, small } from './part.ts';
import { runScript } from './python.ts';

/** See families.py. */
interface Case {
  readonly name: string;
  readonly family: string;
  readonly dtype: 'float32' | 'float16' | 'bfloat16';
  readonly tied: boolean;
  readonly sharded: boolean;
  readonly placement: Placement;
  readonly feeds: Readonly<Record<'ids' | 'attention' | 'positions' | 'labels', readonly number[]>>;
}

interface Cases {
  readonly torch: string;
  readonly transformers: string;
  readonly batch: number;
  readonly length: number;
  readonly gateScale: number;
  readonly widths: Readonly<Record<Site, number>>;
  readonly cases: readonly Case[];
}

interface Errors {
  readonly logits: number;
  readonly loss: number;
  /** The worst of the tensors. */
  readonly gradients: number;
}

const HEAD = ['model', 'layers', 'weights in', 'head', 'plugins', 'logits', 'loss', 'gradients of plugins'];

/** @param folder where the models may be put; @param say told of each model */
export async function compareFamilies(
  python: string,
  folder: string,
  say: (line: string) => void,
): Promise<Part> {
  await runScript(python, 'families.py', [folder]);
  const all = JSON.parse(await readFile(join(folder, 'cases.json'), 'utf8')) as Cases;
  const rows: string[][] = [];
  const missed: string[] = [];
  for (const one of all.cases) {
    const base = await loadBase(join(folder, one.name));
    const errors = await errorsOf(all, one, base, await reference(join(folder, `${one.name}.safetensors`)));
    const kinds = { float32: 'fp32', float16: 'fp16', bfloat16: 'bf16' };
    const files = `${kinds[one.dtype]}, ${one.sharded ? 'shards' : 'one file'}`;
    const cells = [
      one.family,
      String(base.config.layers),
      files,
      base.config.tied ? 'tied' : 'untied',
      one.placement,
    ];
    rows.push([...cells, ...Object.values(errors).map(small)]);
    if (base.config.tied !== one.tied) missed.push(`${one.name}: the head was taken for the wrong kind`);
    for (const [what, error] of Object.entries(errors)) {
      if (!(error <= LIMIT)) missed.push(`${one.name}: ${small(error)} off in ${what}`);
    }
    const told = Object.entries(errors).map(([what, error]) => `${what} ${small(error)}`);
    say(`${one.name}: ${told.join(', ')}`);
  }
  const notes = [
    `transformers ${all.transformers}, torch ${all.torch}. Random models of 32 values a token, saved by transformers and read`,
    'here; fp16 and bf16 files against transformers reading them to fp32. Largest difference as a share of the',
    `largest value, of the worst tensor; limit ${LIMIT}.`,
  ];
  return { head: HEAD, rows, notes, missed };
}

async function reference(path: string): Promise<ReadonlyMap<string, Float32Array>> {
  const { tensors } = decodeSafetensors(await readFile(path));
  return new Map(Object.entries(tensors).map(([name, tensor]) => [name, toFloat32(tensor)]));
}

async function errorsOf(
  { batch, length, gateScale, widths }: Cases,
  { placement, feeds }: Case,
  { config, weights }: BaseModel,
  expected: ReadonlyMap<string, Float32Array>,
): Promise<Errors> {
  const plugin: PluginConfig = { hidden: config.hidden, layers: config.layers, widths, placement };
  const shape: BatchShape = { batch, length, positions: feeds.positions.length };
  const params = { ...pluginShapes(plugin), ...neuronShapes(plugin, 'e') };
  const names = Object.keys(params);
  const program = await compile(
    (inputs, frozen) => {
      const hidden = encode(config, frozen, inputs.ids!, inputs.attention!, noPlug);
      const own = named(names, 'value', inputs);
      const { loss } = taskStep(config, plugin, shape, {});
      const trained = lossAndGradients(loss, own, inputs, frozen);
      return { logits: vocabularyLogits(config, frozen, hidden), loss: trained.loss, ...trained.gradients };
    },
    { ...mlmSpecs(shape), s: { shape: [], dtype: 'float32' }, ...valueSpecs(params) },
    { weights: shapedWeights(config, weights), threads: 1 },
  );
  const values = Object.fromEntries(names.map((name) => [`value:${name}`, expected.get(`value:${name}`)!]));
  const got = await program.run({
    ids: Int32Array.from(feeds.ids),
    attention: Float32Array.from(feeds.attention),
    positions: Int32Array.from(feeds.positions),
    labels: Int32Array.from(feeds.labels),
    weights: new Float32Array(shape.positions).fill(1),
    s: Float32Array.of(gateScale),
    ...values,
  });
  await program.dispose();
  const kept = feeds.attention.flatMap((mask, row) => (mask === 1 ? [row] : []));
  const real = (all: Float32Array) =>
    kept.flatMap((row) => [...all.subarray(row * config.vocabSize, (row + 1) * config.vocabSize)]);
  return {
    logits: relativeError(real(got.logits as Float32Array), real(expected.get('logits')!)),
    loss: relativeError(got.loss as Float32Array, expected.get('loss')!),
    gradients: Math.max(
      ...names.map((name) => relativeError(got[name] as Float32Array, expected.get(`gradient:${name}`)!)),
    ),
  };
}

function valueSpecs(shapes: Readonly<Record<string, readonly number[]>>): Record<string, FeedSpec> {
  return Object.fromEntries(
    Object.entries(shapes).map(([name, shape]) => [
      `value:${name}`,
      { shape, dtype: 'float32' } satisfies FeedSpec,
    ]),
  );
}
