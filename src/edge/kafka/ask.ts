/** Requests that kafkajs does not make, over its connections: what this client may do, asked without doing it. */
import type { Kafka } from 'kafkajs';
import Decoder from 'kafkajs/src/protocol/decoder.js';
import Encoder from 'kafkajs/src/protocol/encoder.js';

export interface Request<T> {
  readonly request: {
    readonly apiKey: number;
    readonly apiVersion: number;
    readonly apiName: string;
    encode(): Promise<Encoder>;
  };
  readonly response: { decode(bytes: Buffer): Promise<T>; parse(answer: T): Promise<T> };
}

interface Node {
  readonly connectionPool: { send<T>(request: Request<T>): Promise<T> };
  /** By API key. */
  readonly versions: Readonly<Record<number, { readonly minVersion: number; readonly maxVersion: number }>>;
}

export interface Cluster {
  connect(): Promise<void>;
  disconnect(): Promise<void>;
  refreshMetadata(): Promise<void>;
  findControllerBroker(): Promise<Node>;
  findGroupCoordinator(of: { groupId: string }): Promise<Node>;
}

/** The connections of a client of their own, made as it makes them for its consumers. */
export function clusterOf(kafka: Kafka): Cluster {
  const name = 'private:Kafka:createCluster';
  const symbol = Object.getOwnPropertySymbols(kafka).find(({ description }) => description === name);
  const make = (kafka as unknown as Record<symbol, (options: object) => Cluster>)[symbol!]!;
  return make({ metadataMaxAge: 300_000, allowAutoTopicCreation: false });
}

export function ask<T>(
  [apiKey, apiVersion, apiName]: readonly [number, number, string],
  encode: (encoder: Encoder) => Encoder,
  decode: (decoder: Decoder) => T,
): Request<T> {
  return {
    request: { apiKey, apiVersion, apiName, encode: async () => encode(new Encoder()) },
    response: { decode: async (bytes) => decode(new Decoder(bytes)), parse: async (answer) => answer },
  };
}
