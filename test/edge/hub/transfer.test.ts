/** Files that do not come at one go, or not as promised. */
import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { beforeEach, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { CptError } from '../../../src/errors.ts';
import { cutAfter, type Intercept, sha256 } from './fake-hub.ts';
import { accessTo, calm, fetched, freshCache, hub, TINY, WEIGHTS } from './help.ts';

hub.publish('acme/tiny', TINY);
beforeEach(calm);

const BLOB = sha256(WEIGHTS);
const blobsOf = (cache: string): string => path.join(cache, 'models--acme--tiny', 'blobs');
const partialOf = (cache: string): string => path.join(blobsOf(cache), `${BLOB}.cpt.incomplete`);
const isWeights: (url: string) => boolean = (url) => url.includes(BLOB);
const ranges = () => hub.seen.filter(({ url }) => isWeights(url)).map(({ range }) => range);

/** Answers requests for the weights, one after the other; then the hub answers. */
function answerWeights(...answers: ((...args: Parameters<Intercept>) => void)[]): void {
  hub.intercept = (request, response, seen) => {
    const answer = isWeights(seen.url) ? answers.shift() : undefined;
    answer?.(request, response, seen);
    return answer !== undefined;
  };
}

const cut = (bytes: number) => (_: unknown, response: Parameters<Intercept>[1]) =>
  cutAfter(response, WEIGHTS, bytes);
const whole = (content: Uint8Array) => (_: unknown, response: Parameters<Intercept>[1]) => {
  response.writeHead(200, { 'content-type': 'application/octet-stream' }).end(content);
};
const damaged = Buffer.from(WEIGHTS);
damaged[100]! ^= 1;

async function arrives(cache: string): Promise<void> {
  const { folder } = await fetched('acme/tiny', accessTo(cache));
  assert.ok(readFileSync(path.join(folder, 'model.safetensors')).equals(WEIGHTS));
  assert.deepEqual(
    readdirSync(blobsOf(cache)).filter((name) => name.includes('incomplete')),
    [],
  );
}

test('a cut connection is taken up where it broke', async () => {
  answerWeights(cut(30_000));
  await arrives(freshCache());
  assert.equal(ranges().length, 2);
  assert.equal(ranges()[0], null);
  assert.match(ranges()[1]!, /^bytes=[1-9]\d*-$/);
});

test('an answer that ends early without breaking is taken up too', async () => {
  answerWeights(whole(WEIGHTS.subarray(0, 50_000)));
  await arrives(freshCache());
  assert.deepEqual(ranges(), [null, 'bytes=50000-']);
});

test('an interrupted download goes on in the next run', async () => {
  const cache = freshCache();
  const stop = new AbortController();
  answerWeights((_, response) => {
    response.writeHead(200, { 'content-length': WEIGHTS.length });
    response.write(WEIGHTS.subarray(0, 40_000));
  });
  const reason = new CptError('CPT_INTERRUPTED', 'Stopped by SIGINT.', { retryable: true });
  const running = fetched('acme/tiny', accessTo(cache), { signal: stop.signal });
  while ((existsSync(partialOf(cache)) ? readFileSync(partialOf(cache)).length : 0) < 40_000) await sleep(5);
  stop.abort(reason);
  await assert.rejects(running, (error) => error === reason);
  assert.equal(readFileSync(partialOf(cache)).length, 40_000);
  calm();
  await arrives(cache);
  assert.deepEqual(ranges(), ['bytes=40000-']);
});

test('a hub that sends the whole again instead of the rest is understood', async () => {
  answerWeights(cut(30_000), whole(WEIGHTS));
  await arrives(freshCache());
});

test('one that breaks off each time at the same place is given up on, and what came is kept', async () => {
  const cache = freshCache();
  answerWeights(...Array.from({ length: 20 }, () => cut(30_000)));
  await assert.rejects(fetched('acme/tiny', accessTo(cache)), {
    code: 'CPT_HUB',
    message: /cannot be reached/,
    hint: /what was fetched is kept/,
  });
  assert.ok(ranges().length <= 6, String(ranges().length));
  assert.ok(readFileSync(partialOf(cache)).length > 0);
});

test('silence is not waited out for ever', async () => {
  answerWeights((_, response) => {
    response.writeHead(200, { 'content-length': WEIGHTS.length });
    response.write(WEIGHTS.subarray(0, 10_000));
  });
  await arrives(freshCache());
  assert.equal(ranges().length, 2);
});

test('errors that pass are tried again, others are not', async () => {
  const fails = (status: number) => (_: unknown, response: Parameters<Intercept>[1]) =>
    void response.writeHead(status).end();
  answerWeights(fails(503), fails(429), fails(500));
  await arrives(freshCache());
  answerWeights(fails(403)); // a signed address that has run out
  await arrives(freshCache());
  const gone = (status: number): void => {
    hub.intercept = (_, response, { url }) => {
      if (url.includes('/resolve/')) response.writeHead(status).end();
      return url.includes('/resolve/');
    };
  };
  for (const [status, message] of [
    [410, /config\.json of acme\/tiny with status 410/],
    [404, /acme\/tiny lists config\.json but does not have it/],
  ] as const) {
    gone(status);
    await assert.rejects(fetched('acme/tiny', accessTo(freshCache())), { code: 'CPT_HUB', message });
    assert.equal(hub.seen.filter(({ url }) => url.includes('/resolve/')).length, 1);
  }
});

test('a wrong checksum: once more from nothing, then it is an error and nothing is left', async () => {
  answerWeights(whole(damaged));
  await arrives(freshCache());
  assert.deepEqual(ranges(), [null, null]);

  const cache = freshCache();
  answerWeights(whole(damaged), whole(damaged), whole(damaged));
  await assert.rejects(fetched('acme/tiny', accessTo(cache)), {
    code: 'CPT_HUB',
    message: 'model.safetensors of acme/tiny came twice with a wrong checksum.',
    hint: /What came was removed/,
  });
  assert.deepEqual(
    readdirSync(blobsOf(cache)).filter((name) => name.includes(BLOB)),
    [],
  );
});

test('small files are checked too, by the hash that git gives them', async () => {
  const changed = TINY['config.json']!.toString().replace('2', '3');
  hub.intercept = (_, response, { url }) => {
    if (!url.endsWith('/config.json')) return false;
    response.writeHead(200, { 'content-type': 'text/plain' }).end(changed);
    return true;
  };
  await assert.rejects(fetched('acme/tiny', accessTo(freshCache())), {
    code: 'CPT_HUB',
    message: /config\.json of acme\/tiny came twice with a wrong checksum/,
  });
});

test('a part left by something else does no harm', async () => {
  for (const left of [
    damaged.subarray(0, 60_000),
    Buffer.alloc(WEIGHTS.length + 5),
    Buffer.alloc(WEIGHTS.length),
  ]) {
    const cache = freshCache();
    mkdirSync(blobsOf(cache), { recursive: true });
    writeFileSync(partialOf(cache), left);
    await arrives(cache);
  }
});

test('more bytes than were listed, and another part than was asked for, are refused', async () => {
  answerWeights(whole(Buffer.concat([WEIGHTS, WEIGHTS])));
  await assert.rejects(fetched('acme/tiny', accessTo(freshCache())), { message: /longer than it is listed/ });
  answerWeights(cut(30_000), (_, response) => {
    response.writeHead(206, { 'content-range': `bytes 0-9/${WEIGHTS.length}` }).end(WEIGHTS.subarray(0, 10));
  });
  await assert.rejects(fetched('acme/tiny', accessTo(freshCache())), {
    message: /another part of model\.safetensors/,
  });
});

test('a disk without room: before the download where that shows, else in the midst of it', async () => {
  hub.relist = (entry) =>
    entry.path === 'model.safetensors' ? { ...entry, lfs: { ...entry.lfs!, size: 2 ** 52 } } : entry;
  await assert.rejects(fetched('acme/tiny', accessTo(freshCache())), {
    code: 'CPT_DISK_FULL',
    hint: /HF_HUB_CACHE/,
  });
  assert.deepEqual(ranges(), []);
  calm();
});

test('a disk that fills up', { skip: !existsSync('/dev/full') && 'there is no /dev/full here' }, async () => {
  const cache = freshCache();
  mkdirSync(blobsOf(cache), { recursive: true });
  symlinkSync('/dev/full', partialOf(cache));
  await assert.rejects(fetched('acme/tiny', accessTo(cache)), {
    code: 'CPT_DISK_FULL',
    hint: /Nothing is lost/,
  });
});
