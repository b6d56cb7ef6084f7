declare module 'kafkajs-snappy' {
  /** @returns a codec as kafkajs takes one */
  export default function snappy(): {
    compress(encoder: { buffer: Buffer }): Promise<Buffer>;
    decompress(bytes: Buffer): Promise<Buffer>;
  };
}
