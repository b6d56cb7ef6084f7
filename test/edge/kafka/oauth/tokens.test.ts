import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, type TestContext, test } from 'node:test';
import { endpointToken } from '../../../../src/edge/kafka/oauth/endpoint-token.ts';
import { fileToken } from '../../../../src/edge/kafka/oauth/file-token.ts';
import { toToken } from '../../../../src/edge/kafka/oauth/token.ts';
import { CptError } from '../../../../src/errors.ts';

const folder = mkdtempSync(join(tmpdir(), 'cpt-tokens-'));
after(() => rmSync(folder, { recursive: true }));

const jwt = (claims: unknown): string =>
  `e30.${Buffer.from(JSON.stringify(claims)).toString('base64url')}.signature`;

/** What a call throws, as a line that must not hold the secret. */
async function lineOf(call: () => unknown): Promise<{ line: string; retryable: boolean }> {
  try {
    await call();
  } catch (error) {
    assert.ok(error instanceof CptError && error.code === 'CPT_KAFKA', String(error));
    assert.ok(!`${error.toLine()}${error.stack}`.includes('s3cret'), error.toLine());
    return { line: error.toLine(), retryable: error.retryable };
  }
  return assert.fail('it was taken');
}

async function endpoint(t: TestContext, answer: RequestListener): Promise<string> {
  const server = createServer(answer).listen(0, '127.0.0.1');
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  await once(server, 'listening');
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/token?tenant=1`;
}

const client = { clientId: 'a:b c', clientSecret: 's3cret/ü', scope: 'kafka read' };

test('what is in a token is read, and what could end its message is refused', async () => {
  assert.deepEqual(toToken('abc', 'It'), { value: 'abc', expires: null });
  assert.equal(toToken(jwt({ exp: 1700.5 }), 'It').expires, 1700.5);
  for (const odd of [{ exp: '9' }, { exp: null }, [], null, 3])
    assert.equal(toToken(jwt(odd), 'It').expires, null);
  assert.equal(toToken('a.{.b'.replace('{', 'Aw'), 'It').expires, null); // not JSON
  for (const bad of ['', 's3cret x', 's3cret\u0001auth=x', 's3cret\n', 'é', 's3cret'.repeat(20_000)]) {
    await lineOf(() => toToken(bad, 'It'));
  }
});

test('a file is read anew at each login; an old token is told and not sent', async () => {
  const path = join(folder, 'token');
  const token = fileToken(path, () => 1000);
  assert.match((await lineOf(token)).line, /does not exist/);
  writeFileSync(path, `${jwt({ exp: 1001 })}\n`);
  assert.equal((await token()).expires, 1001);
  writeFileSync(path, jwt({ exp: 990, s: 's3cret' }));
  const old = await lineOf(token);
  assert.match(old.line, /expired 10 s ago/);
  assert.ok(old.retryable);
  writeFileSync(path, 'opaque');
  assert.equal((await token()).value, 'opaque');
});

test('a token is kept for four fifths of its life, one request at a time, and through an outage until its end', async (t) => {
  let now = 0;
  let given = 0;
  let down = false;
  const seen: string[] = [];
  const url = await endpoint(t, (request, response) => {
    const { authorization, 'content-type': type } = request.headers;
    request.on('data', (body) => seen.push(`${request.url} ${authorization} ${type} ${body}`));
    request.on('end', () => {
      response.statusCode = down ? 503 : 200;
      response.end(JSON.stringify({ access_token: `t${++given}`, expires_in: 100, token_type: 'bearer' }));
    });
  });
  const token = endpointToken({ endpoint: url, ...client }, () => now);
  const value = async () => (await token()).value;
  assert.deepEqual(await Promise.all([value(), value(), value()]), ['t1', 't1', 't1']);
  const basic = Buffer.from('a%3Ab+c:s3cret%2F%C3%BC').toString('base64');
  assert.deepEqual(seen, [
    `/token?tenant=1 Basic ${basic} application/x-www-form-urlencoded grant_type=client_credentials&scope=kafka+read`,
  ]);
  now = 79;
  assert.equal(await value(), 't1');
  now = 80;
  assert.equal(await value(), 't2'); // until 180, renewed from 160
  down = true;
  now = 179;
  assert.equal(await value(), 't2');
  now = 180;
  const gone = await lineOf(token);
  assert.match(gone.line, /answered 503/);
  assert.ok(gone.retryable);
  down = false;
  assert.match(await value(), /^t\d+$/);
});

test('answers that are no token', async (t) => {
  const answers: [status: number, body: string, line: RegExp, retryable: boolean][] = [
    [
      401,
      '{"error":"invalid_client","error_description":"s3cret"}',
      /answered 401 \(invalid_client\)\. Check/,
      false,
    ],
    [400, '{"error":"\\u001b[31ms3cret"}', /answered 400\. /, false],
    [429, 's3cret', /answered 429/, true],
    [302, '', /answered 302/, false], // not followed
    [200, 's3cret', /without an access_token/, false],
    [200, '[]', /without an access_token/, false],
    [200, '{"access_token":5}', /without an access_token/, false],
    [200, '{"access_token":"s3cret\\u0001"}', /no bearer token/, false],
    [200, '{"access_token":"x","token_type":"mac"}', /no bearer token/, false],
    [200, `{"pad":"${'s3cret'.repeat(200_000)}"}`, /larger than 1 MiB/, true],
  ];
  for (const [status, body, line, retryable] of answers) {
    const url = await endpoint(t, (request, response) => {
      request.resume();
      response.writeHead(status, { location: 'http://127.0.0.1:1/' }).end(body);
    });
    const told = await lineOf(endpointToken({ endpoint: url, ...client }, () => 0));
    assert.match(told.line, line);
    assert.equal(told.retryable, retryable, told.line);
  }
  const gone = await lineOf(endpointToken({ endpoint: 'http://127.0.0.1:1/', ...client }, () => 0));
  assert.match(gone.line, /cannot be asked: ECONNREFUSED/);
});
