import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { dispatch } from '../../src/cli/dispatch.ts';
import { makeRng } from '../../src/rng.ts';
import { filesOf, openFakeHub } from '../edge/hub/fake-hub.ts';
import { tinyPassages } from '../fixtures/tiny.ts';
import { writeTinyEncoder } from '../fixtures/tiny-encoder.ts';
import { type FakeHostOptions, fakeHost } from './fake-host.ts';

const folder = await mkdtemp(path.join(tmpdir(), 'cpt-segment-'));
after(() => rm(folder, { recursive: true, force: true }));

const rng = makeRng('segment');
const passages = ['kitchen', 'sea', 'kitchen'].flatMap((topic, at) => tinyPassages(topic, 150, rng.fork(at)));
const EXPECTED_BOUNDARIES = [150, 300];

async function segment(
  argv: string[],
  { stdin = '', env = {} }: Pick<FakeHostOptions, 'stdin' | 'env'> = {},
): Promise<{ domains: Record<string, unknown>[]; err: string }> {
  const host = fakeHost({ stdin, env });
  assert.equal(await dispatch(['segment', ...argv], host), 0, host.err());
  const domains = host
    .out()
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line) as Record<string, unknown>);
  return { domains, err: host.err() };
}

test('domains of standard input, members in the order of the contract', async () => {
  const host = fakeHost({ stdin: passages.map((text) => `${text}\n`).join('') });
  assert.equal(await dispatch(['segment', '--input', '-'], host), 0);
  const lines = host.out().trim().split('\n');
  const domains = lines.map((line) => JSON.parse(line) as { domain: string; first: number; last: number });
  assert.equal(domains.length, 3);
  for (const [at, boundary] of EXPECTED_BOUNDARIES.entries()) {
    const off = Math.abs(domains[at + 1]!.first - boundary);
    assert.ok(off <= 25, `${domains[at + 1]!.first} is ${off} off ${boundary}`);
    assert.equal(domains[at]!.last + 1, domains[at + 1]!.first);
  }
  assert.match(
    lines[2]!,
    /^\{"event":"DomainClosed","domain":"d1","first":\d+,"last":449,"detectedAt":449,"returnOf":"d1","label":"[a-z]+, [a-z]+, [a-z]+, [a-z]+"\}$/,
  );
});

test('explicit domains cut where they say, and what holds no passage is counted, not indexed', async () => {
  const file = path.join(folder, 'feed.jsonl.gz');
  const records = [
    ...passages.slice(0, 3).map((body) => JSON.stringify({ body, topic: 'a' })),
    '{"body": ""}',
    '{broken',
    ...passages.slice(3, 5).map((body) => JSON.stringify({ body, topic: 'b' })),
  ];
  await writeFile(file, gzipSync(`${records.join('\n')}\n`));
  const { domains, err } = await segment([
    '--input',
    file,
    '--text-field',
    'body',
    '--domain-field',
    'topic',
  ]);
  for (const { label } of domains) assert.match(String(label), /^[a-z]+(, [a-z]+)*$/);
  assert.deepEqual(
    domains.map(({ label: _, ...rest }) => rest),
    [
      { event: 'DomainClosed', domain: 'a', first: 0, last: 2, detectedAt: 4, returnOf: null },
      { event: 'DomainClosed', domain: 'b', first: 3, last: 4, detectedAt: 4, returnOf: null },
    ],
  );
  assert.equal(err, '2 records hold no passage and were left out.\n');
});

test('domains that come interleaved say which passages are theirs', async () => {
  const lines = passages.slice(0, 4).map((text, at) => JSON.stringify({ text, domain: 'ab'[at % 2] }));
  const { domains } = await segment(['--input', '-'], { stdin: lines.join('\n') });
  assert.deepEqual(
    domains.map(({ domain, first, last, ranges }) => [domain, first, last, ranges]),
    [
      [
        'a',
        0,
        2,
        [
          [0, 0],
          [2, 2],
        ],
      ],
      [
        'b',
        1,
        3,
        [
          [1, 1],
          [3, 3],
        ],
      ],
    ],
  );
});

test('an empty input has no domains', async () => {
  assert.deepEqual(await segment(['--input', '-']), { domains: [], err: '' });
});

test('with a sentence encoder the same domains, from a folder and from a hub', async () => {
  const tiny = path.join(folder, 'encoder');
  writeTinyEncoder(tiny);
  const stdin = passages.map((text) => `${text}\n`).join('');
  const flags = ['--input', '-', '--features', 'encoder', '--encoder'];
  const { domains } = await segment([...flags, tiny], { stdin });
  const cuts = domains.map(({ first }) => Number(first));
  assert.ok(cuts.length === 3 && cuts.every((cut, at) => Math.abs(cut - 150 * at) <= 25), cuts.join());
  assert.equal(domains[2]!.returnOf, 'd1');

  const hub = await openFakeHub();
  const files = { ...filesOf(tiny), 'README.md': '# tiny' };
  for (const name of ['model.onnx', 'model.onnx_data']) {
    Object.assign(files, { [`onnx/${name}`]: await readFile(path.join(tiny, 'onnx', name)) });
  }
  const commit = hub.publish('acme/encoder', files);
  const env = { HF_ENDPOINT: hub.url, HF_HUB_CACHE: path.join(folder, 'cache') };
  const fetched = await segment([...flags, 'acme/encoder'], { stdin, env });
  assert.deepEqual(fetched.domains, domains);
  assert.match(fetched.err, new RegExp(`encoder acme/encoder: commit ${commit}, .* fetched`));
  assert.ok(hub.seen.every(({ url }) => !url.includes('README')));
  await hub.close();
  const offline = await segment([...flags, 'acme/encoder'], { stdin, env: { ...env, HF_HUB_OFFLINE: '1' } });
  assert.deepEqual(offline.domains, domains);
});

test('settings reach the segmenter', async () => {
  const { domains } = await segment(['--input', '-', '--max-passages', '100'], {
    stdin: passages.slice(0, 150).join('\n'),
  });
  assert.deepEqual(
    domains.map(({ first, last }) => [first, last]),
    [
      [0, 99],
      [100, 149],
    ],
  );
});

test('the bound by bytes counts the texts, not the records around them', async () => {
  const record = JSON.stringify({ text: 'ж'.repeat(50), url: 'u'.repeat(400) });
  const stdin = Array.from({ length: 30 }, () => record).join('\n');
  const { domains } = await segment(['--input', '-', '--max-domain-bytes', '1500'], { stdin });
  assert.deepEqual(
    domains.map(({ first, last }) => [first, last]),
    [
      [0, 14],
      [15, 29],
    ],
  );
});

test('without input it is wrong usage, with a missing file a documented error', async () => {
  const none = fakeHost();
  assert.equal(await dispatch(['segment'], none), 2);
  assert.match(none.err(), /^CPT_USAGE: cpt segment needs --input FILE/);
  const missing = fakeHost();
  assert.equal(await dispatch(['segment', '--input', path.join(folder, 'nothing.jsonl')], missing), 1);
  assert.match(missing.err(), /^CPT_FEED: .*there is no such file/);
});

test('an interruption stops it with its own error', async () => {
  const { CptError } = await import('../../src/errors.ts');
  const host = fakeHost({ signal: AbortSignal.abort(new CptError('CPT_INTERRUPTED', 'Stopped by SIGINT.')) });
  assert.equal(await dispatch(['segment', '--input', '-'], host), 1);
  assert.equal(host.err(), 'CPT_INTERRUPTED: Stopped by SIGINT.\n');
});
