import assert from 'node:assert/strict';
import { connect } from 'node:net';
import { test } from 'node:test';
import type { HttpServer } from '../../../src/edge/http-server.ts';
import { createMetrics } from '../../../src/edge/prometheus/metrics.ts';
import { type MetricsServerOptions, openMetricsServer } from '../../../src/edge/prometheus/server.ts';
import { CptError } from '../../../src/errors.ts';
import { parseExposition } from './exposition.ts';

const settings: MetricsServerOptions = {
  metrics: createMetrics({ version: '1', lineage: 'news' }),
  port: 0,
  ready: () => ({ ready: true, detail: 'reading' }),
};

async function withServer(more: Partial<MetricsServerOptions>, use: (server: HttpServer) => Promise<void>) {
  const server = await openMetricsServer({ ...settings, ...more });
  try {
    await use(server);
  } finally {
    await server.close();
  }
}

/** Sends bytes as they are and gives all that comes back. */
function raw(port: number, request: string): Promise<string> {
  return new Promise((resolve, reject) => {
    let answer = '';
    const socket = connect(port, '127.0.0.1', () => socket.write(request));
    socket.setEncoding('utf8').on('data', (text) => {
      answer += text;
    });
    socket.on('end', () => resolve(answer)).on('error', reject);
  });
}

test('/metrics, /livez and /readyz answer on loopback', async () => {
  await withServer({}, async ({ url }) => {
    assert.match(url, /^http:\/\/127\.0\.0\.1:\d+$/);
    const metrics = await fetch(`${url}/metrics?x=1`);
    assert.equal(metrics.status, 200);
    assert.match(metrics.headers.get('content-type') ?? '', /^text\/plain; version=0\.0\.4/);
    assert.ok(parseExposition(await metrics.text()).length > 10);
    assert.equal((await fetch(`${url}/livez`)).status, 200);
    const ready = await fetch(`${url}/readyz`);
    assert.deepEqual([ready.status, await ready.text()], [200, 'reading\n']);
    const head = await fetch(`${url}/metrics`, { method: 'HEAD' });
    assert.deepEqual([head.status, await head.text()], [200, '']);
  });
});

test('/readyz is 503 with the reason while not ready, /livez stays 200', async () => {
  let ready = false;
  await withServer(
    { ready: () => ({ ready, detail: ready ? 'reading' : 'waiting for the broker' }) },
    async ({ url }) => {
      const response = await fetch(`${url}/readyz`);
      assert.deepEqual([response.status, await response.text()], [503, 'waiting for the broker\n']);
      assert.equal((await fetch(`${url}/livez`)).status, 200);
      ready = true;
      assert.equal((await fetch(`${url}/readyz`)).status, 200);
    },
  );
});

test('other paths are 404, other methods 405, and a failing metric is a 500', async () => {
  await withServer({}, async ({ url, port }) => {
    for (const path of ['/', '/metrics/', '/Metrics', '//metrics', '/livez/../metrics%2f']) {
      assert.match(
        await raw(port, `GET ${path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`),
        /^HTTP\/1\.1 404 /,
        path,
      );
    }
    const post = await fetch(`${url}/metrics`, { method: 'POST', body: 'x'.repeat(10_000) });
    assert.deepEqual([post.status, post.headers.get('allow')], [405, 'GET, HEAD']);
    assert.equal(post.headers.get('connection'), 'close');
  });
  const metrics = { ...settings.metrics, exposition: () => Promise.reject(new Error('/secret/path')) };
  await withServer({ metrics }, async ({ url }) => {
    const response = await fetch(`${url}/metrics`);
    assert.equal(response.status, 500);
    assert.doesNotMatch(await response.text(), /secret/);
  });
});

test('oversized and malformed requests are refused, and the server goes on', async () => {
  await withServer({}, async ({ url, port }) => {
    assert.match(await raw(port, `GET /${'x'.repeat(20_000)} HTTP/1.1\r\n\r\n`), /^HTTP\/1\.1 431 /);
    assert.match(await raw(port, 'nonsense\r\n\r\n'), /^HTTP\/1\.1 400 /);
    assert.equal((await fetch(`${url}/livez`)).status, 200);
  });
});

test('an occupied port and a foreign host are a CPT_PORT with what to do', async () => {
  await withServer({}, async ({ port }) => {
    await assert.rejects(
      openMetricsServer({ ...settings, port }),
      (error) =>
        error instanceof CptError &&
        error.code === 'CPT_PORT' &&
        error.message.includes(`Port ${port} `) &&
        /--port/.test(error.hint ?? ''),
    );
  });
  await assert.rejects(
    openMetricsServer({ ...settings, host: '192.0.2.1' }), // TEST-NET-1: nobody's
    (error) => error instanceof CptError && error.code === 'CPT_PORT',
  );
});

test('closing ends a kept-alive connection and frees the port', async () => {
  const server = await openMetricsServer(settings);
  await (await fetch(`${server.url}/livez`)).text(); // its connection is kept
  await server.close();
  await assert.rejects(fetch(`${server.url}/livez`));
  const again = await openMetricsServer({ ...settings, port: server.port });
  await again.close();
});
