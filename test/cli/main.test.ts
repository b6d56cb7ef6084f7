/** The process itself: exit statuses, closed pipes, signals, what a start loads. */
import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { EventEmitter } from 'node:events';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { abortOnSignals } from '../../src/cli/signals.ts';
import { CptError } from '../../src/errors.ts';

const MAIN = new URL('../../src/cli/main.ts', import.meta.url);

function start(...argv: string[]): ChildProcess {
  return spawn(process.execPath, ['--import', 'tsx', fileURLToPath(MAIN), ...argv], { stdio: 'pipe' });
}

async function ended(child: ChildProcess): Promise<{ status: number | null; err: string }> {
  let err = '';
  child.stderr!.on('data', (chunk) => {
    err += String(chunk);
  });
  const status = await new Promise<number | null>((resolve) => child.once('close', resolve));
  return { status, err };
}

/** Records that each close the domain before them. */
const switching = (count: number): string =>
  Array.from({ length: count }, (_, at) => `${JSON.stringify({ text: 'x', domain: `d${at % 2}` })}\n`).join(
    '',
  );

/** Packages and files that are loaded when `file` is, without what it loads later by `import()`. */
function loadedWith(file: URL, seen = new Set<string>()): Set<string> {
  if (seen.has(file.href)) return seen;
  seen.add(file.href);
  const source = readFileSync(file, 'utf8');
  for (const [, clause, target] of source.matchAll(/^(?:import|export)\s([^;]*?)from '([^']+)';/gms)) {
    const typesOnly = clause!.startsWith('type ');
    if (typesOnly) continue;
    if (target!.startsWith('.')) loadedWith(new URL(target!, file), seen);
    else seen.add(target!);
  }
  return seen;
}

test('help and the list of commands load nothing but our own small files and Node', () => {
  const seen = new Set<string>();
  for (const file of ['main', 'help', 'parse', 'registry']) loadedWith(new URL(`./${file}.ts`, MAIN), seen);
  assert.ok([...seen].some((name) => name.endsWith('/config/settings.ts')));
  const packages = [...seen].filter((name) => !name.startsWith('file:') && !name.startsWith('node:'));
  assert.deepEqual(packages, []);
});

test('the first signal asks to stop, the second one ends the process with its status', () => {
  for (const [second, status] of [
    ['SIGINT', 130],
    ['SIGTERM', 143],
  ] as const) {
    const exits: number[] = [];
    const said: string[] = [];
    const source = Object.assign(new EventEmitter(), { exit: (code: number) => exits.push(code) });
    const signal = abortOnSignals(source, (line) => said.push(line));
    source.emit('SIGTERM');
    assert.ok(signal.aborted && signal.reason instanceof CptError);
    assert.equal(signal.reason.code, 'CPT_INTERRUPTED');
    assert.deepEqual([exits, said], [[], ['Stopping (SIGTERM); a second one stops at once.']]);
    source.emit(second);
    assert.deepEqual(exits, [status]);
  }
});

test('an interrupted command ends with 1 and says so in one line', async () => {
  const child = start('segment', '--input', '-', '--min-passages', '1');
  const end = ended(child);
  child.stdin!.write(switching(3)); // standard input stays open
  await new Promise((resolve) => child.stdout!.once('data', resolve));
  child.kill('SIGINT');
  const { status, err } = await end;
  assert.equal(status, 1);
  assert.match(err, /^Stopping \(SIGINT\).*\nCPT_INTERRUPTED: Stopped by SIGINT\. .*\n$/);
});

test('a reader that goes away ends the program without a word', async () => {
  const child = start('segment', '--input', '-', '--min-passages', '1');
  const end = ended(child);
  child.stdin!.on('error', () => {}); // it stops reading when it ends
  child.stdin!.write(switching(3));
  await new Promise((resolve) => child.stdout!.once('data', resolve));
  child.stdout!.destroy();
  child.stdin!.end(switching(20_000));
  assert.deepEqual(await end, { status: 0, err: '' });
});

test('what nobody foresaw is one line that asks for a report; the stack only where it is wanted', async () => {
  const { dispatch } = await import('../../src/cli/dispatch.ts');
  const { fakeHost } = await import('./fake-host.ts');
  for (const [env, lines] of [
    [{}, 1],
    [{ CPT_DEBUG: '1' }, 2],
  ] as const) {
    const host = fakeHost({ env });
    const broken = { ...host, io: { ...host.io, stdout: { write: () => assert.fail('a\nfault') } } };
    assert.equal(await dispatch(['--version'], broken as unknown as typeof host), 1);
    const printed = host.err().trimEnd().split('\n');
    assert.match(printed[0]!, /^Unexpected error: a fault\. .*please report it\./);
    assert.ok(lines === 1 ? printed.length === 1 : printed.length > 2, host.err());
  }
});
