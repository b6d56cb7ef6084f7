/** Losses on the open domain, asked of a real trainer process. */
import assert from 'node:assert/strict';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { TRAINER_DEFAULTS } from '../../../src/edge/trainer/options.ts';
import { startTrainer } from '../../../src/edge/trainer/process.ts';
import type { CptEvent } from '../../../src/events.ts';
import { makeRng } from '../../../src/rng.ts';
import { tinyPassages, tinyTask } from '../../fixtures/tiny.ts';
import { writeTinyBase } from '../../fixtures/tiny-base.ts';

const texts = (topic: string) => tinyPassages(topic, 60, makeRng(topic));

test('base and newest checkpoint, before, during and after a task', async (t) => {
  const place = fs.mkdtempSync(path.join(os.tmpdir(), 'cpt-measure-'));
  t.after(() => fs.rmSync(place, { recursive: true }));
  const base = path.join(place, 'base');
  writeTinyBase(base);
  const trainer = startTrainer({
    lineage: 'l',
    base,
    baseName: base,
    folder: path.join(place, 'lineage'),
    out: path.join(place, 'out'),
    options: tinyTask,
    trainer: TRAINER_DEFAULTS,
    version: '0',
  });
  const job = { task: 1, domain: 'd1', texts: texts('kitchen'), near: [], signatures: [] };
  const sea = texts('sea');
  const told: CptEvent[] = [];
  const measured = () => told.filter((event) => event.event === 'OpenDomainMeasured');
  const until = async (count: number) => {
    for (; measured().length < count; await sleep(5)) told.push(...trainer.drain());
  };

  assert.equal(
    trainer.measure(() => ({ task: 0, openPassages: 100, texts: texts('kitchen') })),
    true,
  );
  assert.equal(
    trainer.measure(() => ({ task: 0, openPassages: 200, texts: [] })),
    false,
    'one at a time',
  );
  await until(1);
  while (!trainer.measure(() => ({ task: 0, openPassages: 150, texts: texts('kitchen') }))) await sleep(5);
  let asked = false;
  await trainer.run(job, (event) => {
    told.push(event); // also the measurement that the task waited for
    asked ||=
      event.event === 'TaskProgress' && trainer.measure(() => ({ task: 0, openPassages: 250, texts: sea }));
  });
  assert.ok(asked);
  await until(3);
  while (!trainer.measure(() => ({ task: 1, openPassages: 300, texts: texts('kitchen') }))) await sleep(5);
  await until(4);
  while (!trainer.measure(() => ({ task: 1, openPassages: 400, texts: [] }))) await sleep(5);
  const broken = [7] as unknown as string[];
  while (!trainer.measure(() => ({ task: 1, openPassages: 500, texts: broken }))) await sleep(5);
  while (!told.some(({ event }) => event === 'TrainerWarned')) {
    await sleep(5);
    told.push(...trainer.drain());
  }
  assert.equal(trainer.failure, null, 'a measurement that fails is only told');
  await trainer.close();

  const [first, second, waited, third] = measured();
  assert.ok(first!.base > 0 && first!.maskedTokens > 0);
  assert.deepEqual([first!.openPassages, first!.current], [100, null]);
  assert.deepEqual(second, { ...first, openPassages: 150 }, 'the same sample has the same loss');
  assert.ok(waited!.current !== null, 'what waits for a task is measured with its checkpoint');
  assert.equal(third!.base, first!.base);
  assert.ok(third!.current! < third!.base, 'the task has learnt what these texts are like');
  assert.equal(measured().length, 4, 'texts without tokens have no loss');
});
