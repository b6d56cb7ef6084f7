declare module 'kafkajs/src/protocol/decoder.js' {
  export interface Header {
    readonly key: string;
    readonly value: Buffer | null;
  }

  /** Of kafkajs 2.2; only what is used here. */
  const Decoder: {
    readonly prototype: {
      /** Headers of a message are all that it is used for. */
      readVarIntArray(reader: (decoder: unknown) => Header): Header[];
    };
  };
  export default Decoder;
}
