import assert from 'node:assert/strict';
import fs from 'node:fs';
import os from 'node:os';
import { test } from 'node:test';
import { diskError, requireSpace } from '../../src/edge/disk.ts';
import { CptError } from '../../src/errors.ts';

test('room is asked for before: enough, too little, and where nothing is known', () => {
  const { bavail, bsize } = fs.statfsSync(os.tmpdir());
  requireSpace(os.tmpdir(), 1);
  const full = (error: unknown) => error instanceof CptError && error.code === 'CPT_DISK_FULL';
  assert.throws(() => requireSpace(os.tmpdir(), 1000 * (bavail + 1) * bsize), full);
  requireSpace('/none/such', Number.MAX_SAFE_INTEGER);
});

test('no space, no quota, a file over its limit: each is a full disk', () => {
  for (const code of ['ENOSPC', 'EDQUOT', 'EFBIG']) {
    assert.equal(diskError(Object.assign(new Error('x'), { code }), 'p', 'CPT_STATE').code, 'CPT_DISK_FULL');
  }
  assert.equal(diskError(Object.assign(new Error('x'), { code: 'EIO' }), 'p', 'CPT_STATE').code, 'CPT_STATE');
});
