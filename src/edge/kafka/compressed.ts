/**
 * How large compressed bytes may become, read from their headers before anything is decompressed. All sizes in
 * bytes. What breaks the format throws an Error that says what.
 */

const XERIAL = Buffer.from('82534e4150505900', 'hex'); // snappy-java's frame, which Kafka's clients write
const XERIAL_HEADER = 16;

/** The blocks of snappy-java's frame, or the one block that there is without a frame. */
export function snappyBlocks(bytes: Buffer): Buffer[] {
  if (!bytes.subarray(0, XERIAL.length).equals(XERIAL)) return [bytes];
  const blocks: Buffer[] = [];
  for (let at = XERIAL_HEADER; at < bytes.length; ) {
    const start = at + 4;
    if (start > bytes.length) throw new Error('it is cut off');
    const end = start + bytes.readUInt32BE(at);
    if (end > bytes.length) throw new Error('it is cut off');
    blocks.push(bytes.subarray(start, end));
    at = end;
  }
  return blocks;
}

/**
 * Checks every element of the blocks and adds up what they say of their size.
 * Source: github.com/google/snappy, format_description.txt
 */
export function boundOfSnappy(blocks: readonly Buffer[]): number {
  let total = 0;
  for (const block of blocks) {
    const { value: size, next } = varint(block, 0);
    if (size !== elementsOf(block, next)) throw new Error('a block has another size than it says');
    total += size;
  }
  return total;
}

/** Bytes that the elements from `at` on make. */
function elementsOf(block: Buffer, at: number): number {
  let made = 0;
  while (at < block.length) {
    const tag = block[at]!;
    const kind = tag & 3;
    let length = (tag >> 2) + 1;
    if (kind === 0) {
      const extra = length > 60 ? length - 60 : 0;
      if (at + 1 + extra > block.length) throw new Error('a block is cut off');
      if (extra > 0) length = block.readUIntLE(at + 1, extra) + 1;
      at += 1 + extra + length;
      if (at > block.length) throw new Error('a block is cut off');
    } else {
      if (kind === 1) length = ((tag >> 2) & 7) + 4;
      at += kind === 3 ? 5 : kind + 1;
      if (at > block.length) throw new Error('a block is cut off');
    }
    made += length;
  }
  return made;
}

const LZ4_MAGIC = 0x184d2204;
const LZ4_MOST = 255; // a byte of input makes at most so many

/** The sizes of an LZ4 frame's blocks, each at most what the frame allows. Source: lz4_Frame_format.md */
export function boundOfLz4(bytes: Buffer): number {
  if (bytes.length < 7 || bytes.readUInt32LE(0) !== LZ4_MAGIC) throw new Error('it is no LZ4 frame');
  const flags = bytes[4]!;
  const largest = 1 << (8 + 2 * ((bytes[5]! >> 4) & 7)); // 4 to 7: 64 KiB to 4 MiB
  const checksum = flags & 0x10 ? 4 : 0;
  let at = 7 + (flags & 0x08 ? 8 : 0) + (flags & 0x01 ? 4 : 0);
  let total = 0;
  while (at + 4 <= bytes.length) {
    const word = bytes.readUInt32LE(at);
    if (word === 0) return total;
    const size = word & 0x7fffffff;
    total += word >>> 31 ? size : Math.min(largest, size * LZ4_MOST);
    at += 4 + size + checksum;
  }
  throw new Error('it is cut off');
}

const ZSTD_MAGIC = 0xfd2fb528;
const ZSTD_BLOCK = 128 << 10; // no block makes more

/**
 * The sizes of the blocks of the one frame that Kafka's clients write, and the room that a decoder wants behind.
 * Source: RFC 8878
 */
export function boundOfZstd(bytes: Buffer): { readonly size: number; readonly slack: number } {
  if (bytes.length < 6 || bytes.readUInt32LE(0) !== ZSTD_MAGIC) throw new Error('it is no Zstandard frame');
  const flags = bytes[4]!;
  const isSingle = (flags >> 5) & 1;
  const sizeBytes = [isSingle, 2, 4, 8][flags >> 6]!;
  const dictionaryBytes = [0, 1, 2, 4][flags & 3]!;
  let at = 5 + (1 - isSingle) + dictionaryBytes + sizeBytes;
  let size = 0;
  for (let isLast = false; !isLast; ) {
    if (at + 3 > bytes.length) throw new Error('it is cut off');
    const header = bytes.readUIntLE(at, 3);
    isLast = (header & 1) === 1;
    const kind = (header >> 1) & 3;
    const given = header >> 3;
    size += kind === 2 ? ZSTD_BLOCK : given;
    at += 3 + (kind === 1 ? 1 : given);
    if (kind === 3) throw new Error('a block is of no kind');
    if (at > bytes.length) throw new Error('it is cut off');
  }
  if (at + (flags & 4) !== bytes.length) throw new Error('more follows its first frame');
  return { size, slack: ZSTD_BLOCK };
}

/**
 * Where a batch's records end in a buffer that is zero behind them: a record has at least one byte, so none has
 * the length 0. Source: kafka.apache.org, Message Format
 */
export function endOfRecords(bytes: Buffer): number {
  let at = 0;
  while (at < bytes.length && bytes[at] !== 0) {
    const { value, next } = varint(bytes, at);
    if (value % 2 === 1) throw new Error('a record has a negative length');
    at = next + value / 2; // zigzag
  }
  return Math.min(at, bytes.length);
}

/** At most five bytes, as 32-bit numbers have them. */
function varint(bytes: Buffer, at: number): { readonly value: number; readonly next: number } {
  let value = 0;
  for (let factor = 1; factor <= 2 ** 28; factor *= 128) {
    const byte = bytes[at++];
    if (byte === undefined) throw new Error('it is cut off');
    value += (byte & 127) * factor;
    if (byte < 128) return { value, next: at };
  }
  throw new Error('a length is too long');
}
