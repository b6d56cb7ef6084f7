/** Everything that a hub can say instead of a base, as one line with what to do; and whom the token is told to. */
import assert from 'node:assert/strict';
import { existsSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { beforeEach, test } from 'node:test';
import { CptError } from '../../../src/errors.ts';
import type { Files } from './fake-hub.ts';
import { accessTo, calm, closedPort, fetched, freshCache, hub, place, TINY } from './help.ts';

hub.publish('acme/tiny', TINY);
beforeEach(calm);

const SECRET = 'hf_sesame';

/** The line for a person. */
async function refused(code: string, name = 'acme/tiny', env: Record<string, string> = {}): Promise<string> {
  const error = await fetched(name, accessTo(freshCache(), env)).then(
    () => assert.fail('it was not refused'),
    (thrown: unknown) => thrown,
  );
  assert.ok(error instanceof CptError, String(error));
  assert.equal(error.code, code);
  assert.ok(error.hint);
  assert.doesNotMatch(`${error.toLine()}${error.stack}${String(error.cause)}`, /sesame/);
  assert.doesNotMatch(error.toLine(), /\n/);
  return error.toLine();
}

const answering = (status: number, headers: Record<string, string>, body = ''): void => {
  hub.intercept = (_, response) => {
    response.writeHead(status, headers).end(body);
    return true;
  };
};

test('no such model, no such revision', async () => {
  assert.match(await refused('CPT_HUB', 'acme/none'), /no folder and no model acme\/none .* Check the name/);
  assert.match(
    await refused('CPT_HUB', 'acme/tiny@v9'),
    /acme\/tiny has no revision v9 .* a branch, a tag or a commit/,
  );
  assert.match(await refused('CPT_HUB', `acme/tiny@${'0'.repeat(40)}`), /has no revision 0{40}/);
});

test('a model that needs a token', async () => {
  hub.token = SECRET;
  assert.match(await refused('CPT_HUB'), /needs a token, or is not at .* set HF_TOKEN/);
  assert.match(
    await refused('CPT_HUB', 'acme/tiny', { HF_TOKEN: 'hf_sesame_old' }),
    /refuses .* the token in HF_TOKEN/,
  );
  const { folder } = await fetched('acme/tiny', accessTo(freshCache(), { HF_TOKEN: SECRET }));
  assert.ok(existsSync(folder));
  calm();
  answering(403, { 'x-error-code': 'GatedRepo' });
  assert.match(
    await refused('CPT_HUB', 'acme/tiny', { HF_TOKEN: SECRET }),
    /whom its owner lets in.*Ask for it at/,
  );
});

test('the token goes to the hub and to nobody else', async () => {
  hub.token = SECRET;
  await fetched('acme/tiny', accessTo(freshCache(), { HF_TOKEN: SECRET }));
  const by = (server: string) => [
    ...new Set(hub.seen.filter((one) => one.server === server).map((one) => one.authorization)),
  ];
  assert.deepEqual(by('hub'), [`Bearer ${SECRET}`]);
  assert.deepEqual(by('store'), [null]);
});

test('nor does a list of files that goes on elsewhere get it', async () => {
  hub.intercept = (_, response, { server, url }) => {
    if (!url.includes('/tree/') && server === 'hub') return false;
    const store = url.includes('/tree/') && server === 'hub';
    const next = store ? { link: `<${hub.store}/more>; rel="next"` } : {};
    response.writeHead(200, { 'content-type': 'application/json', ...next }).end('[]');
    return true;
  };
  assert.match(await refused('CPT_BASE', 'acme/tiny', { HF_TOKEN: SECRET }), /has no config\.json/);
  assert.deepEqual(
    hub.seen.filter(({ server }) => server === 'store').map((one) => one.authorization),
    [null],
  );
});

test('a hub that is not there, or not a hub', async () => {
  const nobody = await closedPort();
  assert.match(
    await refused('CPT_HUB', 'acme/tiny', { HF_ENDPOINT: nobody }),
    /cannot be reached \(ECONNREFUSED\)/,
  );
  const proxied = { HF_ENDPOINT: nobody, HTTPS_PROXY: 'http://127.0.0.1:3128' };
  assert.match(await refused('CPT_HUB', 'acme/tiny', proxied), /NODE_USE_ENV_PROXY/);
  for (const status of [200, 403, 404]) {
    answering(status, { 'content-type': 'text/html; charset=utf-8' }, '<html>Sign in</html>');
    assert.match(await refused('CPT_HUB'), /answered with a web page .* A proxy or a sign-in page/);
  }
  answering(502, { 'content-type': 'text/html' }, 'bad gateway');
  assert.match(await refused('CPT_HUB'), /with status 502/);
  assert.equal(hub.seen.length, 4, 'tried again three times');
});

test('a web page in the place of a file', async () => {
  hub.intercept = (_, response, { server }) => {
    if (server === 'store') response.writeHead(200, { 'content-type': 'text/html' }).end('<html>');
    return server === 'store';
  };
  assert.match(await refused('CPT_HUB'), /answered with a web page/);
});

test('answers that are not what a hub says', async () => {
  const strange = async (body: string, expected: RegExp) => {
    answering(200, { 'content-type': 'application/json' }, body);
    assert.match(await refused('CPT_HUB'), expected);
  };
  await strange('<xml>', /something that is not JSON/);
  await strange('{}', /no commit/);
  await strange('{"sha":"../../etc"}', /no commit/);
  for (const changed of [
    { size: -1 },
    { size: 1.5 },
    { oid: '../up', lfs: undefined },
    { lfs: { oid: 'x', size: 1 } },
  ]) {
    calm();
    hub.relist = (entry) => ({ ...entry, ...changed }) as typeof entry;
    assert.match(await refused('CPT_HUB'), /a list of files without sizes and hashes/);
  }
  calm();
  hub.intercept = (_, response, { url }) => {
    if (!url.includes('/tree/')) return false;
    response
      .writeHead(200, { 'content-type': 'application/json', link: `<${hub.url}/tree/>; rel="next"` })
      .end('[]');
    return true;
  };
  assert.match(await refused('CPT_HUB'), /a list of files without an end/);
});

test('a model that is no base', async () => {
  const { 'model.safetensors': _weights, ...rest } = TINY;
  const base = async (name: string, files: Files, expected: RegExp) => {
    hub.publish(name, files);
    assert.match(await refused('CPT_BASE', name), expected);
  };
  await base(
    'acme/torch',
    { ...rest, 'pytorch_model.bin': 'x' },
    /no safetensors, only pytorch_model\.bin.*save_pretrained/,
  );
  await base('acme/empty', rest, /has no safetensors\. /);
  const { 'tokenizer.json': _, ...untokenized } = TINY;
  await base('acme/slow', untokenized, /has no tokenizer\.json/);
  await base('acme/gpt', { ...TINY, 'config.json': '{"model_type":"gpt2"}' }, /model_type "gpt2"/);
  assert.ok(!hub.seen.some(({ url }) => url.includes('model.safetensors')), 'weights of no use were fetched');
  const index = (map: object) => ({
    ...rest,
    'model.safetensors.index.json': JSON.stringify({ weight_map: map }),
  });
  await base('acme/lacks', index({ a: 'model-1.safetensors' }), /lacks the shard model-1\.safetensors/);
  for (const name of [
    '../out.safetensors',
    '/etc/out.safetensors',
    'sub/out.safetensors',
    '..\\out.safetensors',
  ]) {
    const hostile = { ...index({ a: name }), [name]: 'x' };
    await base('acme/out', hostile, /index\.json of acme\/out does not map tensors to files beside it/);
  }
});

test('hostile names of files are never written', async () => {
  const cache = freshCache();
  const names = [
    '../../../up.json',
    '/abs/LICENSE',
    'a/../../LICENSE',
    '..\\LICENSE',
    'LICENSE\0',
    '../LICENSE',
  ];
  hub.publish('acme/hostile', { ...TINY, ...Object.fromEntries(names.map((name) => [name, 'x'])) });
  const { folder } = await fetched('acme/hostile', accessTo(cache));
  assert.deepEqual(readdirSync(folder).sort(), Object.keys(TINY).sort());
  const inside = readdirSync(place).filter((name) => !/^(cache-\d+|tiny)$/.test(name));
  assert.deepEqual(inside, []);
  assert.ok(!existsSync(path.join(cache, 'up.json')));
});
