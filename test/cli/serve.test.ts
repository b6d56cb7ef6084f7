import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, test } from 'node:test';
import { dispatch } from '../../src/cli/dispatch.ts';
import { openStore } from '../../src/edge/store/index.ts';
import { smallRevision } from '../checkpoint/help/small-revision.ts';
import { fakeHost } from './fake-host.ts';

const out = mkdtempSync(path.join(tmpdir(), 'cpt-serve-'));
after(() => rmSync(out, { recursive: true }));

test('serve tells where and what, and runs until it is stopped', async () => {
  const revision = smallRevision();
  await openStore(out, 'news').publish(revision);
  const stop = new AbortController();
  const host = fakeHost({ signal: stop.signal });
  const ended = dispatch(['serve', '--out', out, '--org', 'acme', '--port', '0', '--json'], host);
  while (host.out() === '') await new Promise((resolve) => setTimeout(resolve, 20));
  const { url, models } = JSON.parse(host.out()) as { url: string; models: string[] };
  assert.deepEqual(models, ['acme/news']);
  const answer = await fetch(`${url}/acme/news/resolve/main/config.json`);
  assert.equal(answer.headers.get('x-repo-commit'), revision.revision);
  await answer.arrayBuffer();
  stop.abort();
  assert.equal(await ended, 0);
});

test('serve refuses what cannot be served', async () => {
  for (const [flags, fault] of [
    [['--port', 'off'], /CPT_CONFIG: Serving needs a port/],
    [['--org', '../x'], /CPT_CONFIG: .*--org/],
  ] as const) {
    const host = fakeHost();
    assert.equal(await dispatch(['serve', '--out', out, ...flags], host), 1);
    assert.match(host.err(), fault);
  }
});
