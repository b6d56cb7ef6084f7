/** The rules of the house that a compiler does not know: who may import what, and what no file may hold. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, statSync } from 'node:fs';
import { builtinModules } from 'node:module';
import { dirname, join, relative, sep } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';
import { ERROR_CODES } from '../src/errors.ts';

const ROOT = fileURLToPath(new URL('..', import.meta.url));

/** Rooms from the ground up; a room imports from its own floor and from those below. */
const FLOORS: readonly (readonly string[])[] = [
  ['engine', 'text', 'domains', 'measure', 'events', 'errors', 'rng'],
  ['roberta', 'plugin', 'checkpoint'],
  ['train', 'strategies'],
  ['edge', 'stream', 'config'],
  ['pipelines'],
  ['cli'], // starts pipelines, and nobody imports it
];

const PACKAGES: Readonly<Record<string, readonly string[]>> = {
  kafkajs: ['edge'],
  'kafkajs-snappy': ['edge'],
  'lz4-napi': ['edge'],
  fzstd: ['edge'],
  '@kafkajs/confluent-schema-registry': ['edge'],
  'prom-client': ['edge'],
  lmdb: ['edge'],
  pino: ['edge', 'cli'],
  rxjs: ['stream', 'pipelines'],
  zod: ['config'],
  tokenizers: ['text'],
  'pure-rand': ['rng'],
  'onnxruntime-node': ['engine'],
  '@bufbuild/protobuf': ['engine'],
  '@aws-sdk/client-s3': ['edge'],
  '@huggingface/hub': ['edge'],
  '@tensorflow/tfjs': ['engine', 'roberta', 'plugin', 'checkpoint', 'train', 'strategies'],
  '@tensorflow/tfjs-node-gpu': ['engine'],
  '@xenova/transformers': ['edge', 'cli'],
};

/** Node's modules without effects: everybody may use them. The others belong to `edge` and `cli`. */
const PURE_MODULES = ['crypto', 'path', 'url', 'util', 'buffer', 'assert', 'string_decoder'];
const WITH_EFFECTS = ['edge', 'cli'];

interface Import {
  readonly file: string;
  readonly room: string;
  readonly own: boolean;
  readonly target: string;
}

const git = (...args: string[]): string[] =>
  execFileSync('git', args, { cwd: ROOT, encoding: 'utf8', maxBuffer: 1 << 26 })
    .split('\0')
    .filter((line) => line !== '');
/** Files of the working tree that are or would be committed. */
const files = [...new Set(git('ls-files', '-z', '--cached', '--others', '--exclude-standard'))].filter(
  (file) => existsSync(join(ROOT, file)),
);
const text = (file: string): string => readFileSync(join(ROOT, file), 'utf8');
const typescript = files.filter((file) => file.endsWith('.ts'));
const source = typescript.filter((file) => /^(src|pipelines)\//.test(file));

function roomOf(file: string): string {
  const [top, second] = file.split('/');
  return top === 'src' ? second!.replace(/\.ts$/, '') : top!;
}

const imports: readonly Import[] = source.flatMap((file) =>
  ts.preProcessFile(text(file), true, true).importedFiles.map(({ fileName }) => {
    const own = fileName.startsWith('.');
    const path = own ? relative(ROOT, join(ROOT, dirname(file), fileName)) : fileName;
    return { file, room: roomOf(file), own, target: path.split(sep).join('/') };
  }),
);
const inner = imports.filter(({ own }) => own);
const outer = imports.filter(({ own }) => !own);

function floorOf(room: string): number {
  return FLOORS.findIndex((rooms) => rooms.includes(room));
}

/** Where a file has nodes of a kind, as `file:line text`. */
function nodes(file: string, wanted: (node: ts.Node) => boolean): string[] {
  const tree = ts.createSourceFile(file, text(file), ts.ScriptTarget.Latest, true);
  const found: string[] = [];
  const visit = (node: ts.Node): void => {
    if (wanted(node)) {
      const { line } = tree.getLineAndCharacterOfPosition(node.getStart());
      found.push(`${file}:${line + 1} ${node.getText().slice(0, 60)}`);
    }
    ts.forEachChild(node, visit);
  };
  visit(tree);
  return found;
}

function none(problems: readonly string[]): void {
  assert.deepEqual([...problems].sort(), []);
}

test('the rules see the project', () => {
  assert.ok(source.length > 50 && inner.length > 100 && outer.length > 20);
  assert.ok(inner.some(({ file, target }) => file === 'src/text/tokenizer.ts' && target === 'src/errors.ts'));
  assert.ok(outer.some(({ room, target }) => room === 'stream' && target === 'rxjs'));
});

test('every room stands on a floor, and imports go down or stay there', () => {
  none(source.map(roomOf).filter((room) => floorOf(room) < 0));
  none(
    inner
      .filter(({ room, target }) => floorOf(roomOf(target)) < 0 || floorOf(roomOf(target)) > floorOf(room))
      .map(({ file, target }) => `${file} → ${target}`),
  );
});

test('rooms of one floor do not import each other in a circle', () => {
  const edges = new Map<string, Set<string>>();
  for (const { room, target } of inner) {
    const other = roomOf(target);
    if (other !== room) edges.set(room, (edges.get(room) ?? new Set()).add(other));
  }
  const circles: string[] = [];
  const done = new Set<string>();
  const visit = (room: string, path: readonly string[]): void => {
    if (path.includes(room)) circles.push([...path.slice(path.indexOf(room)), room].join(' → '));
    if (path.includes(room) || done.has(room)) return;
    for (const next of edges.get(room) ?? []) visit(next, [...path, room]);
    done.add(room);
  };
  for (const room of edges.keys()) visit(room, []);
  none(circles);
});

test('a package or an effect is used only in its room', () => {
  const allowed = (room: string, target: string): boolean => {
    const name = target.replace(/^node:/, '');
    if (builtinModules.includes(name)) {
      return target.startsWith('node:') && (PURE_MODULES.includes(name) || WITH_EFFECTS.includes(room));
    }
    const scoped = target.startsWith('@') ? 2 : 1;
    return PACKAGES[target.split('/').slice(0, scoped).join('/')]?.includes(room) ?? false;
  };
  none(
    outer
      .filter(({ room, target }) => !allowed(room, target))
      .map(({ file, target }) => `${file} → ${target}`),
  );
});

test('what is below edge and cli knows no clock, no chance, no process and no console', () => {
  const ambient = /^(Date\.now|Math\.random|performance\.now|(process|console)\.\w+)$/;
  const below = source.filter((file) => file.startsWith('src/') && !WITH_EFFECTS.includes(roomOf(file)));
  none(
    below.flatMap((file) =>
      nodes(file, (node) =>
        ts.isPropertyAccessExpression(node)
          ? ambient.test(node.getText())
          : ts.isNewExpression(node) && node.getText() === 'new Date()',
      ),
    ),
  );
});

test('a source file has one idea: 200 lines, in a few cases 250', () => {
  const long = source
    .map((file) => ({ file, lines: text(file).split('\n').length - 1 }))
    .filter((f) => f.lines > 200);
  none(long.filter(({ lines }) => lines > 250).map(({ file, lines }) => `${file} has ${lines}`));
  assert.ok(long.length <= 3, long.map(({ file, lines }) => `${file} has ${lines}`).join(', '));
});

test('no any', () => {
  none(typescript.flatMap((file) => nodes(file, (node) => node.kind === ts.SyntaxKind.AnyKeyword)));
});

test('no file names a folder of one machine or a package registry', () => {
  // Written so that this file does not match itself. Containers have /tmp and /home/node of their own.
  const folders = /(?<![\w.-])\/(?:work|root|Users|home(?!\/(?:node|runner)\b))\/[\w.-]/;
  const scratch = /(?<![\w.\-\]])\/tmp\/\w/;
  const registries = /https?:\/\/(?:[\w-]+\.)*(?:registry|mirror|proxy|artifactory|nexus|npm)[\w-]*[.:/]/i;
  const found: string[] = [];
  for (const file of files) {
    if (statSync(join(ROOT, file)).size > 2e6) continue; // weights
    const content = text(file);
    if (content.includes('\0')) continue; // not text
    const patterns = file.startsWith('deploy/') ? [folders, registries] : [folders, scratch, registries];
    for (const pattern of patterns) {
      const match = pattern.exec(content);
      if (match) found.push(`${file}: ${content.slice(match.index, match.index + 50).split('\n')[0]}`);
    }
  }
  none(found);
  assert.ok(
    !text('package-lock.json').includes('"resolved"'),
    'the lock file names where its packages came from',
  );
});

test('README documents every error code', () => {
  const readme = existsSync(join(ROOT, 'README.md')) ? text('README.md') : '';
  const section = /^## Errors$([\s\S]*?)(?=^## |(?![\s\S]))/m.exec(readme)?.[1];
  assert.ok(section !== undefined, 'README.md has no section "## Errors"');
  none(ERROR_CODES.filter((code) => !section.includes(`\`${code}\``)));
  const known: readonly string[] = ERROR_CODES;
  none(
    [...section.matchAll(/`(CPT_[A-Z_]+)`/g)]
      .map((match) => match[1]!)
      .filter((code) => !known.includes(code)),
  );
});
