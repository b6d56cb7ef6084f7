/** Inner parts of kafkajs 2.2, which is not developed any more: only what is used here. */
declare module 'kafkajs/src/protocol/decoder.js' {
  export interface Header {
    readonly key: string;
    readonly value: Buffer | null;
  }

  export default class Decoder {
    constructor(bytes: Buffer);
    readInt16(): number;
    readInt32(): number;
    readBoolean(): boolean;
    readString(): string | null;
    readBytes(): Buffer | null;
    readArray<T>(reader: (decoder: Decoder) => T): T[];
    /** Headers of a message are all that it is used for. */
    readVarIntArray(reader: (decoder: unknown) => Header): Header[];
  }
}

declare module 'kafkajs/src/protocol/encoder.js' {
  export default class Encoder {
    writeBoolean(value: boolean): this;
    writeArray(values: readonly string[]): this;
  }
}
