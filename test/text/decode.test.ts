import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { DEAD_LETTER_REASONS } from '../../src/errors.ts';
import { type Decoded, type DecodeOptions, decodePassage } from '../../src/text/decode.ts';

const bytesOf = (text: string): Uint8Array => new TextEncoder().encode(text);

function decode(
  payload: string | Uint8Array,
  options: Partial<DecodeOptions> = {},
  domain?: string,
): Decoded {
  const bytes = typeof payload === 'string' ? bytesOf(payload) : payload;
  return decodePassage({ bytes, size: bytes.length, ...(domain === undefined ? {} : { domain }) }, options);
}
const good = (text: string, domain: string | null = null): Decoded => ({ ok: true, text, domain });
const reason = (decoded: Decoded): string => (decoded.ok ? `ok: ${decoded.text}` : decoded.reason);

test('auto decides record by record', () => {
  assert.deepEqual(decode('The soup was cold.'), good('The soup was cold.'));
  assert.deepEqual(decode('{"text":"The soup was cold."}'), good('The soup was cold.'));
  assert.deepEqual(decode('  \t{"text":"The soup"}\r'), good('The soup'));
  assert.deepEqual(decode('\ufeff{"text":"after a mark"}'), good('after a mark'));
  assert.deepEqual(decode('\ufeffplain after a mark'), good('plain after a mark'));
  assert.deepEqual(decode('[1] is a footnote'), good('[1] is a footnote'));
  assert.equal(reason(decode('{curly, but not JSON}')), 'invalid_json');
});

test('text takes a record as it is, jsonl takes nothing but objects', () => {
  assert.deepEqual(decode('{curly}', { format: 'text' }), good('{curly}'));
  assert.deepEqual(decode('{"text":"x"}', { format: 'text' }), good('{"text":"x"}'));
  assert.equal(reason(decode('plain', { format: 'jsonl' })), 'invalid_json');
  for (const json of ['"a string"', '12', 'null', 'true', '["text"]']) {
    assert.equal(reason(decode(json, { format: 'jsonl' })), 'missing_text', json);
  }
});

test('the text is kept as it is but for its edges', () => {
  assert.deepEqual(decode('{"text":" \\n a\\r\\n\\tb  c \\n"}'), good('a\r\n\tb  c'));
  assert.deepEqual(decode('  e\u0301 \u00a0 \ufb01 '), good('e\u0301 \u00a0 \ufb01')); // neither NFC nor NFKC
});

test('truncated JSON, wherever it is cut', () => {
  const whole = '{"id": 7, "text": "caf\\u00e9 \\"noir\\"", "tags": ["a", {"b": null}]}';
  assert.deepEqual(decode(whole), good('café "noir"'));
  for (let length = 1; length < whole.length; length++) {
    assert.equal(reason(decode(whole.slice(0, length))), 'invalid_json', whole.slice(0, length));
  }
  assert.equal(reason(decode(`${whole}${whole}`)), 'invalid_json');
  assert.equal(reason(decode("{'text': 'python'}")), 'invalid_json');
  assert.equal(reason(decode('{"text": NaN}')), 'invalid_json');
});

test('missing, null, wrong and empty text', () => {
  for (const json of ['{}', '{"Text":"x"}', '{"text":null}', '{"text":3}', '{"text":["x"]}', '{"text":{}}']) {
    assert.equal(reason(decode(json)), 'missing_text', json);
  }
  const blanks = [
    '',
    '   ',
    '\t\r\n',
    '{"text":""}',
    '{"text":"\\n \\t"}',
    '{"text":"\\u00a0\\u3000\\u0085"}',
  ];
  for (const json of [...blanks, '{"text":"\\u200b\\ufeff\\u0007"}']) {
    assert.equal(reason(decode(json)), 'empty_text', json);
    if (!json.startsWith('{')) assert.equal(reason(decode(json, { format: 'text' })), 'empty_text');
    if (!json.startsWith('{')) assert.equal(reason(decode(json, { format: 'jsonl' })), 'empty_text');
  }
});

test('a field is a key or a path of own keys', () => {
  const json = '{"review":{"body":"deep","parts":[{"text":"first"}]},"review.body":"flat","text":"top"}';
  assert.deepEqual(decode(json), good('top'));
  assert.deepEqual(decode(json, { textField: 'review.body' }), good('flat'));
  assert.deepEqual(decode(json, { textField: 'review.parts.0.text' }), good('first'));
  for (const textField of ['review', 'review.none', 'text.length', 'constructor', 'constructor.name', '']) {
    assert.equal(reason(decode(json, { textField })), 'missing_text', textField);
  }
});

test('a prototype is never read and never written', () => {
  assert.equal(reason(decode('{"a":1}', { textField: '__proto__.text' })), 'missing_text');
  assert.equal(reason(decode('{"__proto__":{"text":"inherited","domain":"x"}}')), 'missing_text');
  assert.deepEqual(decode('{"text":"own","__proto__":{"domain":"x"}}'), good('own'));
  assert.equal(({} as Record<string, unknown>).text, undefined);
});

test('invalid UTF-8 names the first bad byte', () => {
  const faults: [number[], RegExp][] = [
    [[0x61, 0xff, 0x62], /byte 1 \(0xff\)/],
    [[0x61, 0x62, 0xc3], /middle of a character/], // cut off
    [[0xc0, 0xaf], /byte 0 \(0xc0\)/], // overlong
    [[0xed, 0xa0, 0x80], /byte 1 \(0xa0\)/], // a surrogate
    [[0xf4, 0x90, 0x80, 0x80], /byte 1 \(0x90\)/], // above U+10FFFF
    [[...bytesOf('{"text":"'), 0xe9, ...bytesOf('t"}')], /byte 10 \(0x74\)/], // Latin-1
  ];
  for (const [bytes, detail] of faults) {
    const decoded = decode(Uint8Array.from(bytes));
    assert.equal(reason(decoded), 'invalid_utf8');
    assert.match(decoded.ok ? '' : decoded.detail, detail);
    assert.deepEqual(decode('good again'), good('good again')); // a fault leaves nothing behind
  }
});

test('an escaped surrogate needs its pair', () => {
  assert.deepEqual(decode('{"text":"\\ud83d\\ude00"}'), good('😀'));
  for (const text of ['\\ud83d', 'a\\ude00b', '\\ude00\\ud83d']) {
    assert.equal(reason(decode(`{"text":"${text}"}`)), 'invalid_utf8');
  }
  assert.deepEqual(decode('{"text":"fine","other":"\\ud83d"}'), good('fine'));
});

test('NUL, raw or escaped', () => {
  assert.equal(reason(decode('a\0b')), 'nul_bytes');
  assert.equal(reason(decode('{"text":"a\0b"}')), 'nul_bytes');
  assert.equal(reason(decode('{"text":"a\\u0000b"}')), 'nul_bytes');
  assert.equal(reason(decode('\0\0\0\0')), 'nul_bytes');
  assert.equal(reason(decode(Uint8Array.from(Buffer.from('caf', 'utf16le')))), 'nul_bytes');
  assert.deepEqual(decode('{"text":"fine","key":"\\u0000"}'), good('fine'));
});

test('tombstones and records over the bound', () => {
  assert.equal(reason(decodePassage({ bytes: null, size: 0 })), 'tombstone');
  assert.deepEqual(decode('12345', { maxBytes: 5 }), good('12345'));
  assert.equal(reason(decode('123456', { maxBytes: 5 })), 'oversized');
  const cut = decodePassage({ bytes: bytesOf('{"text":"begin'), size: 104_857_600 });
  assert.equal(reason(cut), 'oversized');
  assert.match(cut.ok ? '' : cut.detail, /104857600/);
  assert.equal(reason(decodePassage({ bytes: bytesOf('cut'), size: 9 })), 'oversized');
});

test('a domain comes from the header, else from its field', () => {
  assert.deepEqual(decode('{"text":"x","domain":"news"}'), good('x', 'news'));
  assert.deepEqual(decode('{"text":"x","domain":"news"}', {}, 'mail'), good('x', 'mail'));
  assert.deepEqual(decode('plain', {}, 'mail'), good('plain', 'mail'));
  assert.deepEqual(decode('{"text":"x","domain":null}'), good('x'));
  assert.deepEqual(decode('{"text":"x","domain":"!"}', { domainField: '' }), good('x'));
  assert.deepEqual(decode('{"text":"x","m":{"d":"a"}}', { domainField: 'm.d' }), good('x', 'a'));
  assert.deepEqual(decode('plain', {}, 're\u0301sume\u0301'), good('plain', 'résumé')); // one name, NFC
});

test('a domain name is safe as a ref, a label and a file name', () => {
  for (const name of ['a', '9', 'd1', 'Ärzte_2-b.c', '日本語', 'mains', 'v1.2b', 'x'.repeat(64)]) {
    assert.deepEqual(decode('plain', {}, name), good('plain', name));
  }
  const bad = ['', '.', '..', 'main', 'Main', '-a', '_a', '.a', '../a', 'a/b', 'a\\b', 'a b', 'a\n', 'a:b'];
  const taken = ['constructor', 'toString', 'hasOwnProperty', '__proto__', 'a'.repeat(40), 'news.2'];
  for (const name of [...bad, ...taken, 'x'.repeat(65), '𝒜'.repeat(64), 'e\u0301\u0302', '\u202enews']) {
    assert.equal(reason(decode('plain', {}, name)), 'invalid_domain', name);
    assert.equal(reason(decode(JSON.stringify({ text: 'x', domain: name }))), 'invalid_domain', name);
  }
  for (const value of [3, true, ['a'], {}]) {
    assert.equal(reason(decode(JSON.stringify({ text: 'x', domain: value }))), 'invalid_domain');
  }
});

test('deep nesting is harmless', () => {
  const deep = '['.repeat(100_000) + ']'.repeat(100_000);
  assert.deepEqual(decode(`{"text":"x","y":${deep}}`), good('x'));
  assert.equal(reason(decode(`{"text":${deep}}`)), 'missing_text');
  assert.equal(reason(decode('{"a":'.repeat(100_000))), 'invalid_json');
});

test('whatever the bytes, there is a passage or a reason, and never an exception', () => {
  const anyBytes = fc.oneof(
    fc.uint8Array({ maxLength: 60 }),
    fc.string({ unit: 'binary' }).map(bytesOf),
    fc.json().map((json) => bytesOf(`{"text":${json}}`)),
    fc.json().map((json) => bytesOf(`{"text":"x","domain":${json}}`)),
  );
  fc.assert(
    fc.property(anyBytes, fc.constantFrom('auto', 'jsonl', 'text'), (bytes, format) => {
      const decoded = decode(bytes, { format });
      if (decoded.ok) {
        assert.ok(decoded.text.length > 0 && decoded.text === decoded.text.trim());
        assert.equal(new TextDecoder().decode(bytesOf(decoded.text)), decoded.text); // survives as UTF-8
      } else {
        assert.ok((DEAD_LETTER_REASONS as readonly string[]).includes(decoded.reason));
        assert.ok(decoded.detail.length > 0 && decoded.detail.length <= 201);
      }
    }),
    { numRuns: 300 },
  );
});

test('a text comes back from JSON as it went in', () => {
  const visible = fc.string({ unit: 'grapheme', minLength: 1 }).filter((text) => text.trim() !== '');
  fc.assert(
    fc.property(visible, fc.jsonValue(), (text, other) => {
      const line = JSON.stringify({ other, text: `${text}.` });
      assert.deepEqual(decode(line), good(`${text}.`.trim()));
    }),
  );
});
