import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { test } from 'node:test';
import { sweepDrafts, writeAtomic } from '../../src/edge/files.ts';

const folder = () => fs.mkdtempSync(path.join(os.tmpdir(), 'cpt-files-'));

test('what a killed process left half-written is swept, and nothing else', async () => {
  const place = folder();
  const script = path.join(place, 'kill.ts');
  const files = new URL('../../src/edge/files.ts', import.meta.url).href;
  fs.writeFileSync(
    script,
    `import { writeAtomic } from ${JSON.stringify(files)};
     const at = (point) => { if (point === 'before-rename') process.kill(process.pid, 'SIGKILL'); };
     void writeAtomic(${JSON.stringify(path.join(place, 'a.bin'))}, [Uint8Array.of(1)], { at });`,
  );
  const { signal } = spawnSync(process.execPath, ['--import', 'tsx', script], { cwd: process.cwd() });
  assert.equal(signal, 'SIGKILL');
  for (const name of ['notes.tmp', '000001.safetensors']) fs.writeFileSync(path.join(place, name), '');
  assert.equal(fs.readdirSync(place).length, 4);
  assert.equal(await sweepDrafts(place), 1);
  assert.deepEqual(fs.readdirSync(place).sort(), ['000001.safetensors', 'kill.ts', 'notes.tmp']);
});

test('a draft of this process stays; one of an earlier process with its id goes', async () => {
  const place = folder();
  fs.writeFileSync(path.join(place, `b.${process.pid}-999.tmp`), '');
  let swept = 0;
  let rest: string[] = [];
  await writeAtomic(path.join(place, 'a'), [Uint8Array.of(1)], {
    at: (point) => {
      if (point === 'before-rename') rest = fs.readdirSync(place);
    },
  });
  assert.equal(rest.length, 2);
  const own = `c.${process.pid}-0.tmp`;
  fs.writeFileSync(path.join(place, own), '');
  swept = await sweepDrafts(place);
  assert.deepEqual([swept, fs.readdirSync(place).sort()], [1, ['a', own]]);
});

test('a folder that is not there has none', async () => {
  assert.equal(await sweepDrafts(path.join(folder(), 'none')), 0);
});
