import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { parseRange, parseRequest } from '../../../src/edge/serve/request.ts';

test('what hub clients ask for', () => {
  const cases: [string, unknown][] = [
    [
      '/cpt/news/resolve/main/config.json',
      { kind: 'file', id: 'cpt/news', rev: 'main', path: 'config.json' },
    ],
    [
      '/cpt/news/resolve/d1.2/onnx/model.onnx?download=true',
      { kind: 'file', id: 'cpt/news', rev: 'd1.2', path: 'onnx/model.onnx' },
    ],
    ['/cpt/news/resolve/refs%2Fpr%2F1/a', { kind: 'file', id: 'cpt/news', rev: 'refs/pr/1', path: 'a' }],
    ['/api/models', { kind: 'models' }],
    ['/api/models?limit=5', { kind: 'models' }],
    ['/api/models/cpt/news', { kind: 'model', id: 'cpt/news', rev: 'main' }],
    ['/api/models/cpt/news/revision/d1', { kind: 'model', id: 'cpt/news', rev: 'd1' }],
    [
      '/api/models/cpt/news/tree/main',
      { kind: 'tree', id: 'cpt/news', rev: 'main', path: '', recursive: false },
    ],
    [
      '/api/models/cpt/news/tree/main/onnx/?recursive=True&expand=false',
      { kind: 'tree', id: 'cpt/news', rev: 'main', path: 'onnx', recursive: true },
    ],
    // nothing of a hub
    ['/', null],
    ['/cpt/news', null],
    ['/cpt/news/resolve/main', null],
    ['/a/b/c/resolve/main/x', null],
    ['/api/models/a/b/c', null],
    ['/api/models/cpt/news/revision/a/b', null],
    ['/cpt/news/resolve/main/%ff', null],
    [`/cpt/news/resolve/main/${'x'.repeat(5000)}`, null],
  ];
  for (const [url, asked] of cases) assert.deepEqual(parseRequest(url), asked, url);
});

test('whatever is asked, it is answered', () => {
  const kinds = [undefined, 'file', 'model', 'tree', 'models'];
  fc.assert(
    fc.property(fc.oneof(fc.string(), fc.webUrl(), fc.webPath()), (url) =>
      kinds.includes(parseRequest(url)?.kind),
    ),
  );
});

test('ranges of ten bytes', () => {
  const cases: [string | undefined, unknown][] = [
    [undefined, 'whole'],
    ['bytes=0-0', { from: 0, to: 0 }],
    ['bytes=3-', { from: 3, to: 9 }],
    ['bytes=3-99', { from: 3, to: 9 }],
    ['bytes=-4', { from: 6, to: 9 }],
    ['bytes=-40', { from: 0, to: 9 }],
    ['bytes=10-', 'unsatisfiable'],
    ['bytes=-0', 'unsatisfiable'],
    ['bytes=5-2', 'whole'],
    ['bytes=0-1,4-5', 'whole'],
    ['bytes=-', 'whole'],
    ['items=0-1', 'whole'],
  ];
  for (const [header, range] of cases) assert.deepEqual(parseRange(header, 10), range, header);
});
