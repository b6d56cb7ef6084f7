import assert from 'node:assert/strict';
import { mkdtemp, readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { test } from 'node:test';
import { dispatch } from '../../src/cli/dispatch.ts';
import { COMMANDS } from '../../src/cli/registry.ts';
import { fakeHost } from './fake-host.ts';

test('help goes to standard output, and to standard error where no command was given', async () => {
  const asked = fakeHost();
  assert.equal(await dispatch(['--help'], asked), 0);
  for (const [name, summary] of Object.entries(COMMANDS)) {
    assert.match(asked.out(), new RegExp(`^ {2}${name} +${summary}$`, 'm'));
  }
  const bare = fakeHost();
  assert.equal(await dispatch([], bare), 2);
  assert.equal(bare.err(), asked.out());
  assert.equal(bare.out(), '');
});

test('the version is printed', async () => {
  const host = fakeHost();
  assert.equal(await dispatch(['--version'], host), 0);
  assert.equal(host.out(), '1.2.3\n');
});

test('wrong usage is status 2 and one line that says what was meant', async () => {
  const lines: [string[], RegExp][] = [
    [['sgement'], /^CPT_USAGE: There is no command "sgement"\. Did you mean segment\? See cpt --help\.\n$/],
    [['constructor'], /^CPT_USAGE: There is no command "constructor"\. See cpt --help\.\n$/],
    [['--json', 'run'], /^CPT_USAGE: The command stands before its flags, not --json\./],
    [['verify', 'x', '--depht'], /^CPT_USAGE: cpt verify has no flag --depht\. See cpt verify --help\.\n$/],
  ];
  for (const [argv, line] of lines) {
    const host = fakeHost();
    assert.equal(await dispatch(argv, host), 2, argv.join(' '));
    assert.match(host.err(), line);
    assert.equal(host.out(), '');
  }
});

test('wrong settings are status 1, all in one message', async () => {
  const host = fakeHost({ env: { CPT_FORMAT: 'xml' } });
  assert.equal(await dispatch(['segment', '--input', '-', '--min-passages', 'few'], host), 1);
  assert.equal(
    host.err(),
    'CPT_CONFIG: 2 settings are wrong:\n' +
      '  decode.format: "xml" from CPT_FORMAT; allowed: one of auto, jsonl, text\n' +
      '  segmenter.minPassages: "few" from --min-passages; allowed: a whole number from 1 to 1000000\n',
  );
});

test('--print-config tells each value with its source and does not run the command', async () => {
  const folder = await mkdtemp(path.join(tmpdir(), 'cpt-cli-'));
  const file = path.join(folder, 'settings.json');
  await writeFile(file, '\uFEFF{"segmenter":{"minPassages":12}}');
  const host = fakeHost({ env: { CPT_TEXT_FIELD: 'body' } });
  const argv = ['segment', '--config', file, '--format', 'jsonl', '--print-config'];
  assert.equal(await dispatch(argv, host), 0);
  const rows = new Map(
    host
      .out()
      .split('\n')
      .map((line) => [line.split(/ {2,}/)[0], line.split(/ {2,}/).slice(1)]),
  );
  assert.deepEqual(rows.get('decode.format'), ['jsonl', '--format']);
  assert.deepEqual(rows.get('decode.textField'), ['body', 'CPT_TEXT_FIELD']);
  assert.deepEqual(rows.get('segmenter.minPassages'), ['12 passages', file]);
  assert.deepEqual(rows.get('task.learningRate'), ['0.005', 'default']);

  const json = fakeHost();
  assert.equal(await dispatch([...argv, '--json'], json), 0);
  const printed = JSON.parse(json.out()) as Record<string, unknown>;
  assert.deepEqual(printed['segmenter.minPassages'], { value: 12, unit: 'passages', source: file });
});

test('a settings file that was named must be there and be JSON', async () => {
  const folder = await mkdtemp(path.join(tmpdir(), 'cpt-cli-'));
  const file = path.join(folder, 'settings.json');
  const missing = fakeHost();
  assert.equal(await dispatch(['segment', '--config', file], missing), 1);
  assert.match(missing.err(), /^CPT_CONFIG: The settings file .* cannot be read \(ENOENT\)\.\n$/);
  await writeFile(file, '{"a":');
  const broken = fakeHost({ env: { CPT_CONFIG: file } });
  assert.equal(await dispatch(['segment', '--input', '-'], broken), 1);
  assert.match(broken.err(), /^CPT_CONFIG: The settings file .* is not JSON: /);
});

test('every listed command is a file that has it, under the same name and summary', async () => {
  for (const [name, summary] of Object.entries(COMMANDS)) {
    const source = await readFile(new URL(`../../src/cli/${name}.ts`, import.meta.url), 'utf8');
    assert.ok(source.includes('export const command'), name);
    const { command } = (await import(`../../src/cli/${name}.ts`)) as {
      command: { name: string; summary: string; usage: string };
    };
    assert.deepEqual([command.name, command.summary], [name, summary]);
    assert.ok(command.usage.startsWith(name), command.usage);
  }
});

test('a name with escapes of a terminal in it does not reach the terminal', async () => {
  const host = fakeHost({ env: { CPT_DEBUG: '1', '\u001b[31mCPT_X': '1' } });
  assert.equal(await dispatch(['segment', '--input', '/none/\u001b[2J\u009b31m'], host), 1);
  assert.ok(!/[^\P{Cc}\n]/u.test(host.err()), JSON.stringify(host.err()));
});
