import assert from 'node:assert/strict';
import { test } from 'node:test';
import { resolveConfig } from '../../src/config.ts';
import { problemsOf } from './problems.ts';

test('a process does everything unless it is told its role, which needs topic and store', () => {
  assert.equal(resolveConfig({}).config.machines.role, 'all');
  assert.deepEqual(problemsOf({ flags: { role: 'train', store: 'shared' } }), [
    'machines.role: train; it needs machines.tasks',
  ]);
  const flags = { role: 'train', tasks: 'kafka://localhost/cpt.tasks', store: 's3://cpt-models/a' };
  const { config } = resolveConfig({ flags: { ...flags, 's3-endpoint': 'http://127.0.0.1:9000' } });
  assert.deepEqual(config.machines, {
    role: 'train',
    encoded: '',
    tasks: flags.tasks,
    store: flags.store,
    s3Endpoint: 'http://127.0.0.1:9000',
    session: 30,
  });
});

test('each role says all that it lacks', () => {
  assert.deepEqual(problemsOf({ flags: { role: 'encode' } }), [
    'machines.role: encode; it needs feed, a topic and machines.encoded and ' +
      'deadLetters, a topic, as its state is no one place',
  ]);
  assert.deepEqual(problemsOf({ flags: { role: 'segment', encoded: 'kafka://localhost/e' } }), [
    'machines.role: segment; it needs lineage and machines.tasks and machines.store',
  ]);
  assert.equal(resolveConfig({ flags: { role: 'serve' } }).config.machines.role, 'serve');
});

test('places that are none are told with what is wrong about them', () => {
  assert.match(problemsOf({ flags: { store: 's3://A' } })[0]!, /^machines\.store: .*no place in S3/);
  assert.match(
    problemsOf({ flags: { tasks: 'kafka://localhost' } })[0]!,
    /^machines\.tasks: .*names no topic/,
  );
  assert.match(
    problemsOf({ flags: { 's3-endpoint': 'http://a:b@c', store: 's3://cpt-models' } })[0]!,
    /^machines\.s3Endpoint: /,
  );
  assert.deepEqual(problemsOf({ flags: { store: 'shared', 's3-endpoint': 'http://localhost' } }), [
    'machines.s3Endpoint: http://localhost; it has no effect unless machines.store is s3://…',
  ]);
  assert.match(problemsOf({ flags: { session: '5' } })[0]!, /^machines\.session: .*from 6 to 1800/);
});

test('a distant topic of tasks counts where credentials would be sent in the clear', () => {
  const kafka = { 'kafka-mechanism': 'plain', 'kafka-username': 'u' };
  const flags = { ...kafka, tasks: 'kafka://broker.example/cpt.tasks' };
  assert.match(problemsOf({ flags, env: { CPT_KAFKA_PASSWORD: 'p' } })[0]!, /broker\.example/);
});
