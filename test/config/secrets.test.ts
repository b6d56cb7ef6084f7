import assert from 'node:assert/strict';
import { test } from 'node:test';
import { hideSecrets } from '../../src/config/setting.ts';
import { configJson, printConfig, resolveConfig } from '../../src/config.ts';
import { problemsOf } from './problems.ts';

test('passwords are in no error and in no print', () => {
  const secret = 'p@ss/w:rd';
  const resolved = resolveConfig({ env: { CPT_KAFKA_PASSWORD: secret } });
  assert.equal(resolved.config.kafka.password, secret);
  for (const text of [printConfig(resolved), configJson(resolved)]) {
    assert.ok(!text.includes(secret));
    assert.match(text, /kafka\.password[": {value]+\*\*\*/);
  }
  const problems = problemsOf({
    flags: { feed: `kafka://ann:${secret}@broker:9092/t`, events: `kafka://ann:${secret}@broker:9092` },
    env: { CPT_FORMAT: 'x' },
    file: { name: 'f', json: { kafka: { password: [secret] } } },
  });
  assert.equal(problems.length, 4);
  for (const problem of problems) assert.ok(!problem.includes(secret), problem);
});

test('the passwords of a URL are hidden wherever they stand', () => {
  assert.equal(hideSecrets('kafka://ann:p@ss/w:rd@broker:9092/t'), 'kafka://ann:***@broker:9092/t');
  assert.equal(
    hideSecrets('kafka://token@b:1/t?password=x&group=g'),
    'kafka://***@b:1/t?password=***&group=g',
  );
  assert.equal(hideSecrets('data/a@b.jsonl'), 'data/a@b.jsonl');
});
