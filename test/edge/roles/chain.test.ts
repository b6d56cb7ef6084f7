/**
 * A topic through encode, segment and train, each a process of the real command line: what comes out is what one
 * process that does all publishes of the same topic, whoever is killed on the way.
 */
import assert from 'node:assert/strict';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { after, test } from 'node:test';
import { openObjectStore } from '../../../src/edge/objects/object-store.ts';
import type { CptEvent } from '../../../src/events.ts';
import { tinyFeed, tinyFlags, tree, writeTinyBase } from '../../fixtures/tiny-base.ts';
import { withBroker } from '../kafka/with-broker.ts';
import { type RoleProcess, startRole } from './role-process.ts';
import { published } from './tasks.ts';

const LINEAGE = 'chain';
const place = fs.mkdtempSync(path.join(os.tmpdir(), 'cpt-chain-'));
const at = (...parts: string[]): string => path.join(place, ...parts);
writeTinyBase(at('base'));
after(() => fs.rmSync(place, { recursive: true }));
const kafka = withBroker();

const read = (event: CptEvent): boolean => event.event === 'PassagesRead' && event.accepted > 0;

test('encode, segment and train together publish the bytes of one process that does all; kills change nothing', async (t) => {
  const broker = kafka.broker(t);
  if (broker === undefined) return;
  const url = (topic: string): string => `kafka://${broker.brokers.join(',')}/${topic}`;
  const [feed, encoded, tasks, letters] = [
    await kafka.topic(1),
    await kafka.topic(1),
    await kafka.topic(1),
    await kafka.topic(1),
  ];
  const values = tinyFeed(['kitchen', 'sea', 'kitchen'], 60).trim().split('\n');
  values.splice(30, 0, '{"text": 1}'); // a dead letter among them
  values.splice(50, 0, JSON.stringify({ text: '{"text":"looks like a record"}', domain: 'kitchen-0' }));
  const producer = kafka.kafka().producer();
  await producer.connect();
  const send = (some: readonly string[]) =>
    producer.send({ topic: feed, messages: some.map((value) => ({ value })) });
  await send(values.slice(0, 100));

  const running: RoleProcess[] = [];
  const start = (role: string, ...args: string[]): RoleProcess => {
    const started = startRole(role, ['--lineage', LINEAGE, '--session', '6', ...args]);
    running.push(started);
    return started;
  };
  const where = [
    '--encoded',
    url(encoded),
    '--tasks',
    `${url(tasks)}?group=${tasks}`,
    '--store',
    at('store'),
  ];
  const encode = () =>
    start(
      'encode',
      '--feed',
      `${url(feed)}?group=${feed}`,
      '--dead-letters',
      url(letters),
      '--port',
      'off',
      ...where,
    );
  const segment = (...args: string[]) =>
    start('segment', ...where, '--base', at('base'), '--state', at('state'), ...tinyFlags, ...args);
  try {
    const first = encode();
    const cutter = segment();
    await Promise.all([first.until(read), cutter.until(read)]);
    first.child.kill('SIGKILL');
    cutter.child.kill('SIGKILL');
    await send(values.slice(100));
    const [second, third] = [encode(), encode()]; // one of them has the partition
    let accepted = 0;
    const rest = (event: CptEvent): boolean => {
      if (event.event === 'PassagesRead') accepted += event.accepted;
      return accepted >= values.length - 101; // also what the killed one did, from where it had committed
    };
    await Promise.race([second.until(rest), third.until(rest)]);
    assert.equal(await segment('--once').ended, 0);
    const train = start('train', ...where, '--base', at('base'), '--state', at('work'), ...tinyFlags);
    await train.until((event) => event.event === 'CheckpointPublished' && event.task === 3);
    await Promise.all([train, second, third].map((role) => role.stop()));

    const alone = start(
      'all',
      ...['--feed', url(feed), '--once', '--base', at('base'), '--state', at('alone', 'state')],
      ...['--out', at('alone', 'out'), '--dead-letters', url(await kafka.topic(1)), ...tinyFlags],
    );
    assert.equal(await alone.ended, 0, alone.errors());
    const store = await openObjectStore(at('store'));
    assert.deepEqual(await published(store, LINEAGE), prefixed(tree(at('alone', 'out', LINEAGE))));
    assert.deepEqual(
      alone.told.filter(({ event }) => event === 'DeadLetter').map((event) => ({ ...event, lineage: '' })),
      [{ event: 'DeadLetter', lineage: '', reason: 'missing_text', position: `${feed}[0]@30` }],
    );
  } finally {
    for (const { child } of running) child.kill('SIGKILL');
    await producer.disconnect();
  }
});

function prefixed(files: Record<string, string>): Record<string, string> {
  return Object.fromEntries(Object.entries(files).map(([key, bytes]) => [`${LINEAGE}/${key}`, bytes]));
}
