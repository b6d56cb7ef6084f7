import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import * as tf from '@tensorflow/tfjs';
import { compile } from '../../src/engine/index.ts';

test('a profiled session writes what its operators took when it is disposed', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'cpt-profile-'));
  t.after(() => rmSync(folder, { recursive: true }));
  const specs = {
    a: { shape: [4, 3], dtype: 'float32' },
    b: { shape: [3, 2], dtype: 'float32' },
  } as const;
  const fn = ({ a, b }: Readonly<Record<string, tf.Tensor>>) => ({ y: tf.matMul(a!, b!) });
  const program = await compile(fn, specs, { profile: join(folder, 'own') });
  const { y } = await program.run({ a: new Float32Array(12).fill(2), b: new Float32Array(6).fill(3) });
  assert.equal(y![0], 18);
  await program.dispose();
  const [file] = readdirSync(folder);
  assert.match(file ?? '', /^own.*\.json$/);
  const events = JSON.parse(readFileSync(join(folder, file!), 'utf8')) as {
    args?: { op_name?: string };
    dur?: number;
  }[];
  assert.ok(events.some(({ args, dur }) => args?.op_name === 'MatMul' && dur !== undefined));
});
