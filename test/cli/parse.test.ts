import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Command } from '../../src/cli/command.ts';
import { commandHelp } from '../../src/cli/help.ts';
import { parseCommand } from '../../src/cli/parse.ts';

const command: Command = {
  name: 'try',
  summary: 'tries',
  usage: 'try DIR [flags]',
  positionals: 1,
  flags: [
    { name: 'input', value: 'FILE', about: 'what is read' },
    { name: 'data', value: 'FILE', multiple: true, about: 'text' },
    { name: 'fast', about: 'be quick' },
  ],
  settings: ['decode', 'output'],
  run: async () => 0,
};

function message(argv: string[]): string {
  try {
    parseCommand(command, argv);
  } catch (error) {
    return (error as Error).message;
  }
  assert.fail('accepted');
}

test('own flags, settings and positionals are told apart', () => {
  const argv = ['dir', '--input', '-', '--data', 'a', '--data=b', '--fast', '--no-json', '--format', 'text'];
  const parsed = parseCommand(command, argv);
  assert.deepEqual(parsed.args, {
    positionals: ['dir'],
    flags: { input: '-', data: ['a', 'b'], fast: true },
  });
  assert.equal(parsed.settings.json, false);
  assert.equal(parsed.settings.format, 'text');
  assert.equal(parsed.settings['text-field'], undefined);
});

test('what stands behind -- is positional', () => {
  assert.deepEqual(parseCommand(command, ['--', '--fast']).args, { positionals: ['--fast'], flags: {} });
});

test('unknown flags are refused with the nearest one', () => {
  assert.equal(message(['--inptu', 'x']), 'cpt try has no flag --inptu. Did you mean --input?');
  assert.equal(message(['--fromat=text']), 'cpt try has no flag --fromat. Did you mean --format?');
  assert.equal(message(['--passes', '3']), 'cpt try has no flag --passes.'); // not a setting of this command
  assert.equal(message(['-x']), 'cpt try has no flag -x.');
});

test('a flag without its value, a switch with one, one argument too many are refused', () => {
  assert.match(message(['--input']), /--input/);
  assert.match(message(['--fast=1']), /--fast/);
  assert.equal(message(['a', 'b']), 'cpt try takes no argument "b".');
});

test('help shows every flag with its default, from the same tables', () => {
  assert.equal(
    commandHelp(command),
    `cpt try: tries

Usage: cpt try DIR [flags]

Flags:
  --input FILE   what is read
  --data FILE …  text
  --fast         be quick

Settings (flag, or variable CPT_JSON and so on, or settings file):
  --json                  print JSON on standard output instead of text
  --log-level WORD        least severe entry that is logged to standard error; one of trace, debug, info, warn, error, fatal, silent (warn)
  --format WORD           what a record is; auto decides for each; one of auto, jsonl, text (auto)
  --text-field KEY        where a JSON record has its text (review.body) (text)
  --domain-field KEY      where a JSON record may name its domain; empty: nowhere (domain)
  --domain-from SOURCE    what names the domain: header:NAME, key or field:PATH; by default header:domain, else --domain-field
  --time-from SOURCE      what tells the time: timestamp (the message's), header:NAME or field:PATH (timestamp)
  --language-from SOURCE  what names the language: header:NAME or field:PATH
  --languages LIST        records of other languages are left out (en,de); empty: none
  --max-bytes N           longer records are put aside (1048576 bytes)

Common:
  --config FILE   settings file; by default cpt.config.json where there is one
  --print-config  print every setting with its source, and end
  --help          print this, and end
`,
  );
});
