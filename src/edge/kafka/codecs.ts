/** Kafka's codecs, read as hostile: what a batch may decompress to is bounded, and a damaged one is a clear error. */
import { promisify } from 'node:util';
import { unzip } from 'node:zlib';
import { decompress as unzstd } from 'fzstd';
import kafkajs, { CompressionTypes } from 'kafkajs';
import snappy from 'kafkajs-snappy';
import { decompressFrame } from 'lz4-napi';
import { boundOfLz4, boundOfSnappy, boundOfZstd, endOfRecords, snappyBlocks } from './compressed.ts';

/** Bytes that one batch may decompress to. A producer's batches have 1 MB, a broker takes some more. */
export const MAX_BATCH_BYTES = 64 << 20;

/** A batch that cannot be decompressed. Under this name kafkajs gives up at once instead of fetching for ever. */
export class DamagedBatch extends Error {
  override readonly name = 'KafkaJSNotImplemented';
  readonly codec: string;

  constructor(codec: string, detail: string) {
    super(`a batch compressed with ${codec} cannot be read: ${detail}`);
    this.codec = codec;
  }
}

/** @throws DamagedBatch where the batch is damaged, or would have more than `maxBytes` */
type Decompress = (compressed: Buffer, maxBytes: number) => Promise<Buffer>;

const gunzip = promisify(unzip);
const snappyCodec = snappy();

const DECOMPRESS = {
  gzip: (bytes, maxOutputLength) => gunzip(bytes, { maxOutputLength }),
  snappy: async (bytes, maxBytes) => {
    const blocks = snappyBlocks(bytes);
    allow(boundOfSnappy(blocks), maxBytes);
    // Block by block: the package would take a block that looks like a frame apart again.
    return Buffer.concat(await Promise.all(blocks.map((block) => snappyCodec.decompress(block))));
  },
  lz4: async (bytes, maxBytes) => {
    allow(boundOfLz4(bytes), maxBytes);
    return decompressFrame(bytes);
  },
  zstd: async (bytes, maxBytes) => {
    const { size, slack } = boundOfZstd(bytes);
    allow(size, maxBytes);
    // Into a buffer of ours: without one the window is moved for every block, however small that is.
    const room = Buffer.from(unzstd(bytes, new Uint8Array(size + slack)).buffer);
    // A copy, as the records of a small batch would keep all of the room.
    return Buffer.from(room.subarray(0, endOfRecords(room)));
  },
} as const satisfies Record<string, Decompress>;

export type CodecName = keyof typeof DECOMPRESS;

/** @throws DamagedBatch */
export async function decompress(
  name: CodecName,
  compressed: Buffer,
  maxBytes = MAX_BATCH_BYTES,
): Promise<Buffer> {
  try {
    return await DECOMPRESS[name](compressed, maxBytes);
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    throw new DamagedBatch(name, code === 'ERR_BUFFER_TOO_LARGE' ? tooLarge(maxBytes) : message);
  }
}

/** Makes kafkajs read what any producer writes. It compresses with gzip only, its own way. */
export function registerCodecs(): void {
  const { CompressionCodecs } = kafkajs; // no named export that Node sees
  const { compress } = CompressionCodecs[CompressionTypes.GZIP]();
  const refused = async (): Promise<Buffer> => {
    throw new Error('only gzip is written here');
  };
  const codec = (name: CodecName, write: typeof compress) => () => ({
    compress: write,
    decompress: (bytes: Buffer) => decompress(name, bytes),
  });
  if (registered) return;
  registered = true;
  CompressionCodecs[CompressionTypes.GZIP] = codec('gzip', compress);
  CompressionCodecs[CompressionTypes.Snappy] = codec('snappy', refused);
  CompressionCodecs[CompressionTypes.LZ4] = codec('lz4', refused);
  CompressionCodecs[CompressionTypes.ZSTD] = codec('zstd', refused);
}

let registered = false;

function allow(bytes: number, maxBytes: number): void {
  if (bytes > maxBytes) throw new Error(tooLarge(maxBytes));
}

function tooLarge(maxBytes: number): string {
  return `it would have more than ${maxBytes} bytes`;
}
