/** The labeller as bytes. Words have no line breaks in them, so that many of them are one text. */
import type { ByteReader, ByteWriter } from './bytes.ts';
import { Labeller } from './labeller.ts';
import { WordCounts } from './word-counts.ts';

export function writeLabeller(out: ByteWriter, labeller: Labeller): void {
  writeCounts(out, labeller.others);
  writeCounts(out, labeller.own);
  out.u32(labeller.waiting.length);
  for (const { index, words } of labeller.waiting) {
    out.f64(index);
    writeWords(out, words);
  }
  writeWords(out, labeller.words);
  out.f64(labeller.chosenAt);
}

export function readLabeller(input: ByteReader): Labeller {
  const labeller = new Labeller();
  labeller.others = readCounts(input);
  labeller.own = readCounts(input);
  for (let left = input.u32(); left > 0; left--) {
    labeller.waiting.push({ index: input.f64(), words: readWords(input) });
  }
  labeller.words = readWords(input);
  labeller.chosenAt = input.f64();
  return labeller;
}

function writeCounts(out: ByteWriter, { counts, passages, taken }: WordCounts): void {
  out.f64(passages);
  out.f64(taken);
  writeWords(out, [...counts.keys()]);
  out.row(Uint32Array.from(counts.values()));
}

function readCounts(input: ByteReader): WordCounts {
  const read = new WordCounts();
  read.passages = input.f64();
  read.taken = input.f64();
  const words = readWords(input);
  const row = new Uint32Array(words.length);
  input.fill(row);
  for (const [k, word] of words.entries()) read.counts.set(word, row[k]!);
  return read;
}

/** Strings without a line break, in one text. */
export function writeWords(out: ByteWriter, words: readonly string[]): void {
  out.text(words.join('\n'));
}

export function readWords(input: ByteReader): string[] {
  const text = input.text();
  return text === '' ? [] : text.split('\n');
}
