/** S3, or a server that speaks it, as an object store. Conditional writes do what a file system's rename does. */
import { createReadStream } from 'node:fs';
import type { Readable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import type * as Sdk from '@aws-sdk/client-s3';
import { sha256 as hashOf } from '../../checkpoint/index.ts';
import { CptError } from '../../errors.ts';
import { checkKey, checkPrefix } from './keys.ts';
import type { ByteRange, Content, ObjectStore, S3Place } from './object-store.ts';

/** S3 takes no more in one request. */
const MAX_OBJECT_BYTES = 5 * 2 ** 30;
const TRIES = 5;
/** What fails comes out of the call; the SDK would write to the console too. */
const QUIET = { debug() {}, info() {}, warn() {}, error() {} };
const LATER = new Set([409, 429, 500, 502, 503, 504]);

/** @throws CptError CPT_STORE where the bucket cannot be used */
export async function openS3Store({ bucket, prefix }: S3Place, endpoint?: string): Promise<ObjectStore> {
  process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED ??= 'true'; // it would go to standard error
  const sdk = await import('@aws-sdk/client-s3');
  const { AWS_ENDPOINT_URL_S3, AWS_ENDPOINT_URL, AWS_REGION, AWS_DEFAULT_REGION } = process.env;
  const own = endpoint || AWS_ENDPOINT_URL_S3 || AWS_ENDPOINT_URL;
  const client = new sdk.S3Client({
    ...(own
      ? { endpoint: own, forcePathStyle: true, region: AWS_REGION ?? AWS_DEFAULT_REGION ?? 'us-east-1' }
      : {}),
    requestChecksumCalculation: 'WHEN_REQUIRED', // every write brings its SHA-256
    responseChecksumValidation: 'WHEN_REQUIRED', // what is read is checked by who asked
    logger: QUIET,
    maxAttempts: 1, // what a second attempt means is decided here
  });
  const name = `s3://${bucket}/${prefix}`;
  const at = (key: string) => ({ Bucket: bucket, Key: `${prefix}${checkKey(key)}` });

  /** Tries again what may succeed later. @param gone what an absent object gives */
  async function ask<T>(what: string, send: () => Promise<T>, gone?: () => T): Promise<T> {
    for (let tried = 1; ; tried++) {
      try {
        return await send();
      } catch (error) {
        const status = statusOf(error);
        if (status === 404 && gone !== undefined && nameOf(error) !== 'NoSuchBucket') return gone();
        if (status === 412 || error instanceof CptError) throw error;
        const retryable =
          status === undefined ? nameOf(error) !== 'CredentialsProviderError' : LATER.has(status);
        if (!retryable || tried === TRIES) throw storeError(name, what, error, retryable);
        await sleep(100 * 2 ** tried);
      }
    }
  }

  const write = (key: string, content: Content, condition: object): Promise<string> =>
    ask(`write ${key}`, async () => {
      const { ETag } = await client.send(
        new sdk.PutObjectCommand({ ...at(key), ...bodyOf(content), ...condition }),
      );
      return ETag ?? '';
    });

  const head = (key: string): Promise<Sdk.HeadObjectCommandOutput | null> =>
    ask<Sdk.HeadObjectCommandOutput | null>(
      `look at ${key}`,
      () => client.send(new sdk.HeadObjectCommand(at(key))),
      () => null,
    );

  const read = (key: string, range?: ByteRange): Promise<Sdk.GetObjectCommandOutput | null> =>
    ask<Sdk.GetObjectCommandOutput | null>(
      `read ${key}`,
      () => {
        const part = range === undefined ? {} : { Range: `bytes=${range.from}-${range.to}` };
        return client.send(new sdk.GetObjectCommand({ ...at(key), ...part }));
      },
      () => null,
    );

  const store: ObjectStore = {
    name,
    async get(key, limit) {
      const found = await read(key);
      if (found === null) return null;
      const body = found.Body as Readable;
      const bytes = await collect(body, limit, `${name}${key}`).catch((error: unknown) => {
        throw storeError(name, `read ${key}`, error, true);
      });
      return { bytes, tag: found.ETag ?? '' };
    },
    stream: async (key, range) => ((await read(key, range))?.Body as Readable | undefined) ?? null,
    async putIfAbsent(key, content) {
      if ((await head(key)) !== null) return false; // spares sending what is there
      return (await unless(412, () => write(key, content, { IfNoneMatch: '*' }))) !== null;
    },
    async put(key, bytes) {
      await write(key, bytes, {});
    },
    swap: (key, bytes, expected) =>
      unless(412, () =>
        unless(404, () =>
          write(key, bytes, expected === null ? { IfNoneMatch: '*' } : { IfMatch: expected }),
        ),
      ),
    async list(given) {
      const keys: string[] = [];
      for (let token: string | undefined; ; ) {
        const page: Sdk.ListObjectsV2CommandOutput = await ask(`list ${given}`, () =>
          client.send(
            new sdk.ListObjectsV2Command({
              Bucket: bucket,
              Prefix: `${prefix}${checkPrefix(given)}`,
              ...(token === undefined ? {} : { ContinuationToken: token }),
            }),
          ),
        );
        for (const { Key } of page.Contents ?? []) keys.push(Key!.slice(prefix.length));
        token = page.NextContinuationToken;
        if (!page.IsTruncated || token === undefined) return keys.sort();
      }
    },
    async remove(key) {
      await ask(`remove ${key}`, () => client.send(new sdk.DeleteObjectCommand(at(key))));
    },
  };
  await ask('be reached', () => client.send(new sdk.HeadBucketCommand({ Bucket: bucket })));
  return store;
}

function bodyOf(content: Content): object {
  const sha256 = content instanceof Uint8Array ? hashOf(content) : content.sha256;
  const bytes = content instanceof Uint8Array ? content.byteLength : content.bytes;
  if (bytes > MAX_OBJECT_BYTES) {
    throw new CptError('CPT_STORE', `An object of ${bytes} bytes is larger than S3 takes in one request.`);
  }
  return {
    Body: content instanceof Uint8Array ? content : createReadStream(content.file),
    ContentLength: bytes,
    ChecksumSHA256: Buffer.from(sha256, 'hex').toString('base64'),
  };
}

async function collect(body: Readable, limit: number, what: string): Promise<Uint8Array> {
  const pieces: Uint8Array[] = [];
  let size = 0;
  for await (const piece of body as AsyncIterable<Uint8Array>) {
    size += piece.byteLength;
    if (size > limit) {
      body.destroy();
      throw new CptError('CPT_STORE', `${what} has more than ${limit} bytes.`);
    }
    pieces.push(piece);
  }
  return Buffer.concat(pieces);
}

/** What `send` gives, or null where the store answers with this status. */
async function unless<T>(status: number, send: () => Promise<T>): Promise<T | null> {
  try {
    return await send();
  } catch (error) {
    const cause = error instanceof CptError ? error.cause : error;
    if (statusOf(cause) === status && nameOf(cause) !== 'NoSuchBucket') return null;
    throw error;
  }
}

function statusOf(error: unknown): number | undefined {
  return (error as { $metadata?: { httpStatusCode?: number } } | undefined)?.$metadata?.httpStatusCode;
}

function nameOf(error: unknown): string {
  return (error as { name?: string } | undefined)?.name ?? '';
}

function storeError(store: string, what: string, cause: unknown, retryable: boolean): CptError {
  if (cause instanceof CptError) return cause;
  const error = cause as Error;
  const status = statusOf(cause);
  const how = [error.name, status, error.message].filter(Boolean).join(' ');
  return new CptError('CPT_STORE', `${store} could not ${what}: ${how}.`, {
    hint: 'Check the bucket, --s3-endpoint and the credentials in the environment (AWS_…).',
    retryable,
    cause,
  });
}
