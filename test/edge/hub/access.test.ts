import assert from 'node:assert/strict';
import { homedir } from 'node:os';
import path from 'node:path';
import { test } from 'node:test';
import { hubAccess } from '../../../src/edge/hub/access.ts';

const access = (env: Record<string, string>, offline = false) => hubAccess({ env, offline, version: '1' });

test('the public hub and the usual cache, where nothing is set', () => {
  const { endpoint, token, cache, offline } = access({});
  assert.equal(endpoint, 'https://huggingface.co');
  assert.equal(token, null);
  assert.equal(cache, path.join(homedir(), '.cache', 'huggingface', 'hub'));
  assert.equal(offline, false);
});

test('the variables of other hub clients', () => {
  assert.equal(access({ HF_ENDPOINT: 'http://localhost:8080/hf/' }).endpoint, 'http://localhost:8080/hf');
  assert.equal(access({ HF_TOKEN: ' hf_x\n' }).token, 'hf_x');
  assert.equal(access({ XDG_CACHE_HOME: '/x' }).cache, '/x/huggingface/hub');
  assert.equal(access({ XDG_CACHE_HOME: '/x', HF_HOME: '/h' }).cache, '/h/hub');
  assert.equal(access({ HF_HOME: '/h', HF_HUB_CACHE: '/c' }).cache, '/c');
  assert.equal(access({ HF_HOME: '~/h' }).cache, path.join(homedir(), 'h', 'hub'));
  for (const yes of ['1', 'true', 'ON']) assert.equal(access({ HF_HUB_OFFLINE: yes }).offline, true);
  for (const no of ['0', '', 'off']) assert.equal(access({ HF_HUB_OFFLINE: no }).offline, false);
  assert.equal(access({}, true).offline, true);
});

test('a wrong endpoint or token is refused without being repeated', () => {
  for (const [name, value] of [
    ['HF_ENDPOINT', 'sesame'],
    ['HF_ENDPOINT', 'ftp://sesame'],
    ['HF_ENDPOINT', 'https://me:sesame@hub.test'],
    ['HF_ENDPOINT', 'https://hub.test/?sesame'],
    ['HF_TOKEN', 'hf_sesame\nX: y'],
    ['HF_TOKEN', 'hf sesame'],
  ] as const) {
    assert.throws(
      () => access({ [name]: value }),
      (error: Error & { code?: string }) => {
        assert.equal(error.code, 'CPT_CONFIG');
        assert.match(error.message, new RegExp(name));
        return !`${error.message}${error.stack}`.includes('sesame');
      },
    );
  }
});
