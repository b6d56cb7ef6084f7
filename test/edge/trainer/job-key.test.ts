import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { test } from 'node:test';
import { jobKey, textsOfJob, textsSha256 } from '../../../src/edge/trainer/job-key.ts';
import type { TrainerJob } from '../../../src/edge/trainer/protocol.ts';
import { traceJobs } from '../../../src/edge/trainer/trace-jobs.ts';

const sha256 = (text: string) => createHash('sha256').update(text).digest('hex');

test('the hash is of lengths and texts, so that no two lists have one', () => {
  assert.equal(textsSha256(['ab', 'é']), sha256('2:ab2:é'));
  const lists = [['ab', 'é'], ['ab2:é'], ['a', 'b', 'é'], ['é', 'ab'], ['ab', 'é', ''], []];
  assert.equal(new Set(lists.map(textsSha256)).size, lists.length);
  assert.equal(textsOfJob(jobKey({ domain: 'a name', texts: ['ab'] })), sha256('2:ab'));
});

test('a job leaves its passages under their hash where a folder is named, and nothing elsewhere', () => {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'cpt-trace-'));
  const job: TrainerJob = { task: 3, domain: 'd', texts: ['one', 'two'], near: [], signatures: [] };
  traceJobs(undefined)(job);
  for (let time = 0; time < 2; time++) traceJobs(folder)(job);
  const name = `3-${textsSha256(job.texts)}.json`;
  assert.deepEqual(fs.readdirSync(folder), [name]);
  assert.deepEqual(JSON.parse(fs.readFileSync(path.join(folder, name), 'utf8')), ['one', 'two']);
  fs.rmSync(folder, { recursive: true });
});
