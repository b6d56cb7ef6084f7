/** A held domain as bytes. */
import type { ByteReader, ByteWriter } from './bytes.ts';
import type { Held } from './held.ts';
import { readWords, writeWords } from './labels-bytes.ts';
import { readPassages, writePassages } from './packed.ts';
import { countOf, type Range } from './ranges.ts';

export function writeHeld(out: ByteWriter, held: Held): void {
  out.text(held.name);
  out.u32(held.ranges.length);
  for (const [first, last] of held.ranges) {
    out.f64(first);
    out.f64(last);
  }
  out.f64(held.bytes);
  out.nullable(held.firstTime);
  out.nullable(held.lastTime);
  out.text(held.continues ?? '');
  out.u32(held.words.length);
  for (const words of held.words) writeWords(out, words);
  writePassages(out, held.features);
}

/** Throws RangeError where the bytes end before it does. */
export function readHeld(input: ByteReader): Held {
  const name = input.text();
  const ranges: Range[] = [];
  for (let left = input.u32(); left > 0; left--) ranges.push([input.f64(), input.f64()]);
  const [bytes, firstTime, lastTime] = [input.f64(), input.nullable(), input.nullable()];
  const continues = input.text() || null;
  const words = Array.from({ length: input.u32() }, () => readWords(input));
  const features = readPassages(input, 0xffff_ffff);
  return { name, ranges, passages: countOf(ranges), bytes, firstTime, lastTime, continues, words, features };
}
