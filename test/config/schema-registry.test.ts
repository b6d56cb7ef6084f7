import assert from 'node:assert/strict';
import { test } from 'node:test';
import { resolveConfig } from '../../src/config.ts';
import { problemsOf } from './problems.ts';

const login = { 'schema-registry-username': 'u' };
const env = { CPT_SCHEMA_REGISTRY_PASSWORD: 'p' };
const config = (url: string) => ({ flags: { ...login, 'schema-registry': url }, env });

test('credentials go to a registry by https, or to this machine', () => {
  for (const url of ['https://schemas.example', 'http://localhost:8081', 'http://[::1]:8081/api']) {
    assert.equal(resolveConfig(config(url)).config.reading.schemaRegistry, url);
  }
  assert.match(problemsOf(config('http://schemas.example'))[0]!, /it must begin with https/);
  assert.match(problemsOf(config('https://a:b@schemas.example'))[0]!, /credentials go into/);
  assert.doesNotMatch(problemsOf(config('https://a:secret@schemas.example'))[0]!, /secret/);
  assert.equal(problemsOf({ flags: { 'schema-registry': 'registry:8081' } }).length, 1);
  assert.equal(problemsOf({ flags: login }).length, 1);
  assert.equal(problemsOf({ flags: login, env }).length, 1);
});
