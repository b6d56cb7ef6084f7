import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { featurize } from '../../../src/domains/index.ts';
import { type EncodedPassage, parseEncoded, toEncoded } from '../../../src/edge/roles/encoded-passage.ts';

const passage: EncodedPassage = {
  source: { topic: 'reviews', partition: 3, offset: 120n },
  text: 'The soup was cold.',
  domain: 'kitchen',
  time: 1.5,
  features: featurize('The soup was cold.'),
  encoder: 'lexical',
};

/** As a broker gives it back: header values are bytes. */
function delivered(given: EncodedPassage, change: Record<string, unknown> = {}) {
  const { value, headers } = toEncoded(given);
  const bytes = Object.fromEntries(
    Object.entries(headers).map(([name, header]) => [name, Buffer.from(header)]),
  );
  return { value, headers: { ...bytes, ...change } };
}

test('what is encoded comes back as it was, whatever the text', () => {
  fc.assert(
    fc.property(
      fc.string({ unit: 'grapheme' }),
      fc.option(fc.constantFrom('kitchen', 'küche'), { nil: null }),
      fc.option(fc.integer({ min: 0, max: 4_000_000_000_000 }), { nil: null }),
      fc.bigInt({ min: 0n, max: 2n ** 63n - 1n }),
      (text, domain, milliseconds, offset) => {
        const given = {
          ...passage,
          text,
          domain,
          features: featurize(text),
          time: milliseconds === null ? null : milliseconds / 1000,
          source: { ...passage.source, offset },
        };
        assert.deepEqual(parseEncoded(delivered(given)), given);
      },
    ),
  );
});

test('features are three bytes a bucket', () => {
  const { headers } = toEncoded({
    ...passage,
    features: { bucket: Uint16Array.of(5, 1023), count: Uint8Array.of(1, 255), value: new Float32Array(2) },
  });
  assert.deepEqual([...(headers['cpt-features'] as Buffer)], [5, 0, 1, 255, 3, 255]);
});

test('a message that was made by something else is refused with what is wrong', () => {
  const cases: [string, unknown, RegExp][] = [
    ['cpt-source', undefined, /cpt-source/],
    ['cpt-source', Buffer.from('reviews/3'), /cpt-source/],
    ['cpt-source', Buffer.from('../x/3/1'), /cpt-source/],
    ['cpt-source', [Buffer.from('a/1/1'), Buffer.from('b/1/1')], /cpt-source/],
    ['cpt-encoder', undefined, /cpt-encoder/],
    ['cpt-features', undefined, /cpt-features/],
    ['cpt-features', Buffer.of(1, 0), /cpt-features/],
    ['cpt-features', Buffer.of(2, 0, 1, 1, 0, 1), /ascending/],
    ['cpt-features', Buffer.of(2, 0, 1, 2, 0, 1), /ascending/],
    ['cpt-features', Buffer.of(0, 4, 1), /cpt-features/],
    ['cpt-features', Buffer.of(2, 0, 0), /cpt-features/],
    ['cpt-features', Buffer.alloc(3 * 1025), /cpt-features/],
    ['cpt-time', Buffer.from('NaN'), /cpt-time/],
    ['cpt-time', Buffer.from('-1'), /cpt-time/],
    ['cpt-time', Buffer.from('1e9'), /cpt-time/],
  ];
  for (const [name, value, fault] of cases) {
    const wrong = parseEncoded(delivered(passage, { [name]: value }));
    assert.ok(typeof wrong === 'string' && fault.test(wrong), `${name}: ${JSON.stringify(wrong)}`);
  }
  assert.match(parseEncoded({ ...delivered(passage), value: null }) as string, /no value/);
});

test('a header that the prototype has is not taken for one of the message', () => {
  const headers = Object.create({ 'cpt-source': Buffer.from('a/1/1') }) as Record<string, unknown>;
  assert.match(parseEncoded({ value: Buffer.from('x'), headers }) as string, /cpt-source/);
});
