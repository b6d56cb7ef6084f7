/** Token ids of passages and hostile strings, ours against transformers' and the tokenizers library's. */
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { loadTokenizer } from '../../src/text/tokenizer.ts';
import type { Part } from './part.ts';
import { runScript } from './python.ts';

export type Texts = Readonly<Record<'passages' | 'hostile', readonly string[]>>;
type Ids = Readonly<Record<keyof Texts, readonly (readonly number[])[]>>;

/** See token_ids.py. */
interface Reference {
  readonly transformers: string;
  readonly tokenizers: string;
  readonly of: readonly {
    readonly name: string;
    readonly json: string;
    readonly read: Ids;
    readonly spelt: Ids;
  }[];
  readonly left_out: readonly string[];
}

const KINDS = ['passages', 'hostile'] as const;
const HEAD = [
  'tokenizer',
  'entries',
  'texts',
  'equal where special tokens are read',
  'equal where they are letters',
  'special ids out of texts',
];

/**
 * @param folder where files may be put
 * @param tokenizers folders, see token_ids.py
 * @param options.learn one more tokenizer, learnt from the passages
 */
export async function compareTokenIds(
  python: string,
  folder: string,
  tokenizers: readonly string[],
  texts: Texts,
  { learn = false }: { readonly learn?: boolean } = {},
): Promise<Part> {
  const file = join(folder, 'texts.json');
  const wellFormed = Object.fromEntries(KINDS.map((kind) => [kind, texts[kind].map(toWellFormed)]));
  await writeFile(file, JSON.stringify(wellFormed));
  await runScript(python, 'token_ids.py', [file, folder, ...tokenizers, ...(learn ? ['--learn'] : [])]);
  const reference = JSON.parse(await readFile(join(folder, 'ids.json'), 'utf8')) as Reference;
  const rows: string[][] = [];
  const missed: string[] = [];
  for (const one of reference.of) {
    const compare = await comparer(one.json, texts);
    for (const kind of KINDS.filter((kind) => texts[kind].length > 0)) {
      const total = texts[kind].length;
      const { vocabSize, read, spelt, comparable, leaked } = await compare(kind, one);
      const wrong: readonly (readonly [number, string])[] = [
        [total - read, 'differ from transformers'],
        [comparable - spelt, 'differ from tokenizers'],
        [leaked, 'give special ids'],
      ];
      for (const [number, what] of wrong) {
        if (number > 0) missed.push(`${one.name}: ${number} of ${total} ${kind} ${what}`);
      }
      const apart = total > comparable ? `, ${total - comparable} where Python reads them all the same` : '';
      rows.push([
        one.name,
        vocabSize.toLocaleString('en'),
        `${total} ${kind === 'hostile' ? 'hostile strings' : kind}`,
        `${read} of ${total}`,
        `${spelt} of ${comparable}${apart}`,
        String(leaked),
      ]);
    }
  }
  const notes = [
    `transformers ${reference.transformers}, tokenizers ${reference.tokenizers}; nothing added around a text. Runs take special tokens for letters.`,
    ...reference.left_out.map((sentence) => `Left out: ${sentence}.`),
  ];
  return { head: HEAD, rows, notes, missed };
}

interface Counts {
  readonly vocabSize: number;
  /** Texts with equal ids where special tokens are read. */
  readonly read: number;
  /** The same where they are letters, of those that can be compared. */
  readonly spelt: number;
  readonly comparable: number;
  /** Texts out of which a run would get a special id. */
  readonly leaked: number;
}

/** @param path of a tokenizer.json */
async function comparer(
  path: string,
  texts: Texts,
): Promise<(kind: keyof Texts, theirs: Record<'read' | 'spelt', Ids>) => Promise<Counts>> {
  const file = await readFile(path, 'utf8');
  const trusting = loadTokenizer(file, { recogniseSpecials: true });
  const { encodeBatch, special, vocabSize } = loadTokenizer(file);
  const never = [special.bos, special.eos, special.pad, special.mask];
  const readAnyway = specialPieces(file);
  return async (kind, theirs) => {
    const asRead = await trusting.encodeBatch(texts[kind]);
    const asLetters = await encodeBatch(texts[kind]);
    const equal = (own: Int32Array, ids: readonly number[]) => own.join() === ids.join();
    const comparable = texts[kind].flatMap((text, at) => (readAnyway(text) ? [] : [at]));
    return {
      vocabSize,
      read: asRead.filter((own, at) => equal(own, theirs.read[kind][at]!)).length,
      spelt: comparable.filter((at) => equal(asLetters[at]!, theirs.spelt[kind][at]!)).length,
      comparable: comparable.length,
      leaked: asLetters.filter((ids) => never.some((id) => ids.includes(id))).length,
    };
  };
}

/**
 * Whether the library reads special tokens out of a text whatever it is told: Unigram, which has them among its pieces,
 * where the text spells one.
 */
function specialPieces(file: string): (text: string) => boolean {
  const { model, added_tokens: added } = JSON.parse(file) as {
    readonly model: { readonly type: string };
    readonly added_tokens: readonly { readonly content: string }[];
  };
  return (text) => model.type === 'Unigram' && added.some(({ content }) => text.includes(content));
}

/** Half a surrogate pair becomes U+FFFD, as it does on its way into the library. */
function toWellFormed(text: string): string {
  return Buffer.from(text, 'utf8').toString('utf8');
}
