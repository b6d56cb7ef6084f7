import assert from 'node:assert/strict';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { readSettingFile } from '../../src/edge/setting-file.ts';

const folder = mkdtempSync(join(tmpdir(), 'cpt-setting-file-'));
after(() => rmSync(folder, { recursive: true }));

function made(name: string, content: string | Buffer, mode: number): string {
  const path = join(folder, name);
  writeFileSync(path, content);
  chmodSync(path, mode);
  return path;
}

test('a file is read whole, and whether everybody may read it', () => {
  const text = 'é'.repeat(100_000);
  assert.deepEqual(readSettingFile(made('long', text, 0o600)), { text, public: false });
  assert.deepEqual(readSettingFile(made('group', 'x\n', 0o640)), { text: 'x\n', public: false });
  assert.deepEqual(readSettingFile(made('open', 'x\n', 0o644)), { text: 'x\n', public: true });
  assert.deepEqual(readSettingFile(made('most', 'x'.repeat(1 << 20), 0o600)), {
    text: 'x'.repeat(1 << 20),
    public: false,
  });
});

test('what is no such file is told in a phrase', () => {
  assert.deepEqual(readSettingFile(join(folder, 'none')), { problem: 'does not exist' });
  assert.deepEqual(readSettingFile(folder), { problem: 'is a folder, not a file' });
  assert.deepEqual(readSettingFile('/dev/zero'), { problem: 'is larger than 1 MiB' }); // without an end
  assert.deepEqual(readSettingFile(made('binary', Buffer.from([0x61, 0xff]), 0o600)), {
    problem: 'is not UTF-8',
  });
});
