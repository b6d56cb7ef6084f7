/**
 * `npm test [-- WORD…]`: every `*.test.ts` below this folder whose path has one of the words, two files at a time.
 * (Node 20's own runner does not take patterns.)
 */
import { spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const words = process.argv.slice(2);
/** The longest first, so that the end is not one file alone. */
const FIRST = [
  'kill.test.ts',
  'faults/short',
  'edge/roles/chain',
  'edge/roles/train',
  'containerfile',
  'kafka',
  'published-models',
  'cli',
];
const rank = (file: string): number => {
  const at = FIRST.findIndex((part) => file.includes(part));
  return at < 0 ? FIRST.length : at;
};

const files = readdirSync(path.join(root, 'test'), { recursive: true, encoding: 'utf8' })
  .filter((file) => file.endsWith('.test.ts'))
  .filter((file) => words.length === 0 || words.some((word) => file.includes(word)))
  .sort((a, b) => rank(a) - rank(b) || (a < b ? -1 : 1))
  .map((file) => path.join('test', file));
if (files.length === 0) {
  console.error(`No test file has ${words.join(' or ')} in its path.`);
  process.exit(1);
}
const flags = ['--import', 'tsx', '--test', '--test-concurrency=2', '--test-reporter=spec'];
const { status } = spawnSync(process.execPath, [...flags, ...files], { cwd: root, stdio: 'inherit' });
process.exit(status ?? 1);
