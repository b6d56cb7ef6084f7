import assert from 'node:assert/strict';
import { test } from 'node:test';
import { resolveConfig } from '../../src/config.ts';
import { problemsOf } from './problems.ts';

test('domain, time and language come from where settings say', () => {
  const { decode } = resolveConfig({
    flags: {
      'domain-from': 'key',
      'time-from': 'header:at',
      'language-from': 'field:m.lang',
      languages: 'en,pt-BR',
    },
  }).config;
  const { domainFrom, timeFrom, languageFrom, languages } = decode;
  assert.deepEqual(
    [domainFrom, timeFrom, languageFrom, languages],
    ['key', 'header:at', 'field:m.lang', 'en,pt-BR'],
  );
});

test('what is no source or no language is refused, and what has no effect', () => {
  for (const [flag, value] of [
    ['domain-from', 'header:'],
    ['domain-from', 'timestamp'],
    ['time-from', 'key'],
    ['time-from', ''],
    ['language-from', 'lang'],
    ['languages', 'english language'],
  ] as const) {
    assert.equal(problemsOf({ flags: { [flag]: value } }).length, 1, `${flag} ${value}`);
  }
  assert.deepEqual(problemsOf({ flags: { 'domain-from': 'key', 'domain-field': 'topic' } }), [
    'decode.domainField: topic; it has no effect with decode.domainFrom key',
  ]);
  assert.deepEqual(problemsOf({ flags: { languages: 'en' } }), [
    'decode.languages: en; it needs decode.languageFrom',
  ]);
  assert.deepEqual(problemsOf({ flags: { 'language-from': 'field:lang' } }), [
    'decode.languageFrom: field:lang; it needs decode.languages',
  ]);
});
