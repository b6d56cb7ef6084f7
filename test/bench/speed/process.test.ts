import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Missing, openWorker } from '../../../bench/speed/process.ts';

const script = (code: string) => openWorker({ file: process.execPath, args: ['-e', code] });
const missing = (pattern: RegExp) => (error: unknown) => {
  assert.ok(error instanceof Missing);
  assert.match(error.message, pattern);
  return true;
};

const ECHO = `
  console.log(JSON.stringify({ ready: 0.5, version: '1' }));
  require('node:readline').createInterface({ input: process.stdin })
    .on('line', (line) => line === '13' ? process.exit(4) : console.log(JSON.stringify({ seconds: Number(line) })))
    .on('close', () => console.log(JSON.stringify({ peak: 2 })));`;

test('a worker says when it is ready, answers, and ends with its peak memory', async () => {
  const worker = await script(ECHO);
  assert.equal(worker.setUp, 0.5);
  assert.deepEqual(await worker.ask(7), { seconds: 7 });
  assert.equal(await worker.end(), 2);
});

test('what is missing is an answer, not a crash', async () => {
  await assert.rejects(openWorker({ file: 'no-such-python', args: [] }), missing(/ENOENT/));
  const said = "console.log(JSON.stringify({ missing: 'a/b.cc:7 f(x) was false. No\\nadapter | here' }))";
  await assert.rejects(script(said), missing(/^No adapter \/ here$/));
  await assert.rejects(
    script("console.error('first\\nlast words'); process.exit(3)"),
    missing(/status 3 last words/),
  );
  await assert.rejects(script("console.log('{}'); setTimeout(() => {}, 60_000)"), missing(/did not say/));
});

test('a worker that ends in the middle says how', async () => {
  const worker = await script(ECHO);
  await assert.rejects(worker.ask(13), missing(/status 4/));
});
