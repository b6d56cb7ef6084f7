import assert from 'node:assert/strict';
import path from 'node:path';
import { test } from 'node:test';
import fc from 'fast-check';
import { hubIdText, parseHubId } from '../../../src/edge/hub/id.ts';

test('org/name, with or without a revision', () => {
  assert.deepEqual(parseHubId('acme/tiny'), { repo: 'acme/tiny', revision: 'main' });
  assert.deepEqual(parseHubId('acme/tiny@v1.0'), { repo: 'acme/tiny', revision: 'v1.0' });
  assert.deepEqual(parseHubId('A_1/b.c-d@refs/pr/1'), { repo: 'A_1/b.c-d', revision: 'refs/pr/1' });
  assert.equal(hubIdText(parseHubId('acme/tiny@main')!), 'acme/tiny');
  assert.equal(hubIdText(parseHubId('acme/tiny@v1')!), 'acme/tiny@v1');
});

test('what is no such name', () => {
  for (const text of [
    ...[
      'tiny',
      'a/b/c',
      '/a/b',
      'a/',
      '/b',
      './a',
      '../a',
      'a/..',
      'a/.b',
      '-a/b',
      'a/b-',
      'a--b/c',
      'a..b/c',
    ],
    ...[
      'a/b@',
      'a/b@..',
      'a/b@x/../y',
      'a/b@/x',
      'a/b@x/',
      'a/b@-x',
      'a/b@.x',
      'a/b@x y',
      'a/b@x@y',
      'a b/c',
    ],
    ...['a/b?x', 'a/b#x', 'a\\b', 'C:/models', 'a/b\n', `a/${'b'.repeat(100)}`, `a/b@${'c'.repeat(201)}`, ''],
  ]) {
    assert.equal(parseHubId(text), null, JSON.stringify(text));
  }
});

test('whatever is taken for a name stays below the folder that it is put in', () => {
  const part = fc.stringMatching(/^[a-z./@-]{1,12}$/);
  fc.assert(
    fc.property(
      fc.oneof(
        fc.string(),
        fc.tuple(part, part, part).map(([a, b, c]) => `${a}/${b}@${c}`),
      ),
      (text) => {
        const id = parseHubId(text);
        if (id === null) return;
        for (const piece of [id.repo, id.revision]) {
          assert.ok(path.resolve('/cache', piece).startsWith('/cache/'));
          assert.equal(path.posix.normalize(piece), piece);
        }
      },
    ),
  );
});
