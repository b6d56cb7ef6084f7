import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { decodePassage } from '../../src/text/decode.ts';
import { isForeign, type MappingOptions, parseTime } from '../../src/text/mapping.ts';

test('seconds, milliseconds and ISO 8601, as numbers and as text, are one time', () => {
  const same = [
    1_000_000_000,
    1_000_000_000_000,
    '1000000000',
    '1000000000.0',
    ' 1000000000000 ',
    '2001-09-09T01:46:40Z',
    '2001-09-09 01:46:40',
    '2001-09-09T01:46:40.000',
    '2001-09-09T03:46:40+02:00',
    '2001-09-08T21:46:40-0400',
  ];
  for (const value of same) assert.equal(parseTime(value), 1e9, String(value));
  assert.equal(parseTime('2001-09-09'), 999_993_600);
  assert.equal(parseTime(0), 0);
  assert.equal(parseTime(1.23456), 1.235); // to the millisecond
  assert.equal(parseTime(99_999_999_999), 99_999_999_999); // the last number that is seconds
  assert.equal(parseTime(100_000_000_000), 100_000_000);
});

test('what is no time is none', () => {
  const numbers = [-1, Number.NaN, Number.POSITIVE_INFINITY, 1e300, 253_402_300_800_000];
  const texts = ['', 'now', '1e9', '0x10', '-5', '2001-13-01', '2001-09-09T25:00:00Z', '1'.repeat(1e6)];
  for (const value of [...numbers, ...texts, null, undefined, true, 5n, {}, ['2001-09-09']]) {
    assert.equal(parseTime(value), undefined, String(value).slice(0, 40));
  }
  fc.assert(
    fc.property(fc.anything(), (value) => {
      const time = parseTime(value);
      assert.ok(time === undefined || (time >= 0 && /^\d{1,12}(\.\d{1,3})?$/.test(String(time))));
    }),
  );
});

test('a language is kept with its variants, and so is a record without one', () => {
  for (const language of ['en', 'EN', 'en-GB', 'en_us', ' de-Latn-AT ']) {
    assert.equal(isForeign(language, 'en,DE'), false, language);
  }
  for (const language of ['fr', 'eng', 'e', 'x-en', 'en,de', '-', 'n']) {
    assert.equal(isForeign(language, 'en,de'), true, language);
  }
  for (const language of [undefined, null, '', ' ', 3, ['fr']])
    assert.equal(isForeign(language, 'en'), false);
  assert.equal(isForeign('fr', ''), false);
  assert.equal(isForeign('pt', 'pt-BR'), true); // asked for one variant only
});

test('fields of a record tell its domain, time and language', () => {
  const decode = (json: unknown, options: Partial<MappingOptions>) => {
    const bytes = new TextEncoder().encode(typeof json === 'string' ? json : JSON.stringify(json));
    return decodePassage({ bytes, size: bytes.length }, options);
  };
  const json = { text: 'x', domain: 'a', meta: { kind: 'b', at: '2001-09-09', lang: 'fr' } };
  const from = { domainFrom: 'field:meta.kind', timeFrom: 'field:meta.at', languageFrom: 'field:meta.lang' };
  const whole = { ok: true, text: 'x', domain: 'b', time: 999_993_600 };
  assert.deepEqual(decode(json, from), whole);
  assert.deepEqual(decode(json, { ...from, languages: 'en,fr' }), whole);
  const skipped = decode(json, { ...from, languages: 'en' });
  assert.deepEqual(skipped, { ok: false, reason: 'language', detail: 'the language is "fr"' });
  assert.deepEqual(decode({ text: 'x' }, { ...from, languages: 'en' }), {
    ok: true,
    text: 'x',
    domain: null,
  });
  assert.deepEqual(decode('plain', { ...from, languages: 'en' }), { ok: true, text: 'plain', domain: null });
  // named elsewhere, the field `domain` is one like others
  assert.deepEqual(decode(json, { domainFrom: 'key' }), { ok: true, text: 'x', domain: null });
  assert.deepEqual(decode(json, { timeFrom: 'field:text' }), { ok: true, text: 'x', domain: 'a' });
});
