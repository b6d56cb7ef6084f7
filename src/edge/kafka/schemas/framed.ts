/**
 * Records in Confluent's frame: a zero byte, the schema's id in four bytes, big-endian, and the payload. Whatever is in
 * one, it becomes a value or a fault; only a registry that is away is waited for.
 */
import { CptError } from '../../../errors.ts';
import type { FeedRecord, OpenFeed } from '../../feed/feed.ts';
import { patiently } from '../../patience.ts';
import type { KafkaLogger } from '../client.ts';
import type { ReadingOptions } from '../reading-options.ts';
import type { Found } from './registry.ts';
import { TimedOut, within } from './within.ts';

export interface Framed {
  /** The records in their order, those in a frame decoded. @throws CptError CPT_INTERRUPTED once closed */
  decode(records: readonly FeedRecord[]): Promise<readonly FeedRecord[]>;
  close(): void;
}

const FRAME = 5;
const DECODE_MS = 500;

/** @returns null where no registry is set */
export async function framedOf(
  { schemaRegistry: url, schemaRegistryUsername: username, schemaRegistryPassword: password }: ReadingOptions,
  logger?: KafkaLogger,
): Promise<Framed | null> {
  if (url === '') return null;
  const { Registry } = await import('./registry.ts'); // with what compiles schemas
  const clock = () => performance.now() / 1000;
  const registry = new Registry({ url, username, password, clock });
  const stopped = new AbortController();
  const { host } = new URL(url);
  const find = (id: number): Promise<Found> =>
    patiently(() => registry.find(id), {
      clock,
      signal: stopped.signal,
      failed(error, seconds) {
        if (stopped.signal.aborted)
          throw new CptError('CPT_INTERRUPTED', 'Stopped while a schema was waited for.');
        const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
        const why = cause instanceof Error ? cause.message : String(cause);
        logger?.warn(
          { schema: id, seconds },
          `The schema registry ${host} gives no schema ${id}: ${why}; reading is held back until it does`,
        );
      },
      recovered: (seconds) => logger?.info({ seconds }, 'schemas are given again'),
    });
  return {
    async decode(records) {
      const schemas = new Map<number, Found>();
      for (const record of records) {
        const id = idOf(record);
        if (id !== null && !schemas.has(id)) schemas.set(id, await find(id));
      }
      return schemas.size === 0 && !records.some(isFramed)
        ? records
        : records.map((record) => decoded(record, schemas));
    },
    close: () => stopped.abort(),
  };
}

/** The same feed, its records decoded. */
export function openFramedFeed(open: OpenFeed, framed: Framed): OpenFeed {
  return async (from) => {
    const feed = await open(from);
    return {
      async read() {
        const batch = await feed.read();
        return batch && { ...batch, records: await framed.decode(batch.records) };
      },
      close() {
        framed.close();
        return feed.close();
      },
    };
  };
}

/** A record that was cut is put aside for its size. */
function isFramed({ bytes, size }: FeedRecord): boolean {
  return bytes !== null && bytes.length === size && bytes[0] === 0;
}

function idOf(record: FeedRecord): number | null {
  if (!isFramed(record) || record.size < FRAME) return null;
  return Buffer.from(record.bytes!.subarray(1, FRAME)).readInt32BE();
}

function decoded(record: FeedRecord, schemas: ReadonlyMap<number, Found>): FeedRecord {
  if (!isFramed(record)) return record;
  const id = idOf(record);
  if (id === null) return { ...record, decoded: { fault: 'a zero byte, and no schema id behind it' } };
  const found = schemas.get(id)!;
  if ('fault' in found) return { ...record, decoded: found };
  const payload = Buffer.from(record.bytes!.subarray(FRAME));
  for (let tried = 1; ; tried++) {
    try {
      return { ...record, decoded: { value: within(DECODE_MS, () => found.schema.fromBuffer(payload)) } };
    } catch (error) {
      if (error instanceof TimedOut && tried < 2) continue; // once more: the machine may have stood still
      const why = error instanceof Error ? error.message : String(error);
      return { ...record, decoded: { fault: `the payload does not fit schema ${id}: ${why}` } };
    }
  }
}
