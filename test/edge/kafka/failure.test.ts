import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { kafkaError } from '../../../src/edge/kafka/client.ts';
import { explain } from '../../../src/edge/kafka/failure.ts';
import { CptError } from '../../../src/errors.ts';

/** An error as kafkajs makes it. */
const made = (message: string, more: object = {}): Error => Object.assign(new Error(message), more);

test('the innermost cause that is known decides, whatever is wrapped around it', () => {
  const inner = made('Connection error: certificate has expired', {
    name: 'KafkaJSConnectionError',
    code: 'CERT_HAS_EXPIRED',
    retriable: true,
  });
  const outer = made('Closed connection', {
    name: 'KafkaJSNumberOfRetriesExceeded',
    cause: inner,
    retriable: false,
  });
  assert.deepEqual(explain(outer), {
    what: "the broker's certificate has expired",
    hint: 'Renew it there; check the clock here.',
  });
  const unknown = made('outer', { cause: made('inner', { type: 'SOMETHING_NEW' }) });
  assert.deepEqual(explain(unknown), { what: 'inner' });
  const known = made('Not authorized', { type: 'GROUP_AUTHORIZATION_FAILED', cause: made('noise') });
  assert.match(explain(known).what, /no right to the consumer group/);
});

test("OpenSSL's texts are understood without a code of their own", () => {
  const alert = (words: string) =>
    explain(
      made(`Connection error: 802C:error:0A000412:SSL routines:ssl3_read_bytes:${words}:../record.c:1601:\n`),
    );
  assert.match(alert('sslv3 alert bad certificate').hint!, /--kafka-certificate/);
  assert.match(alert('tlsv13 alert certificate required').hint!, /--kafka-certificate/);
  assert.match(alert('tlsv1 alert unknown ca').hint!, /--kafka-certificate/);
  assert.match(alert('sslv3 alert certificate expired').what, /has expired/);
  assert.match(alert('wrong version number').what, /does not speak TLS/);
});

test('a CptError inside passes through; a foreign text becomes one bounded line', () => {
  const told = new CptError('CPT_CONFIG', 'The token is gone.');
  assert.equal(kafkaError('x', made('wrapped', { cause: told })), told);
  const error = kafkaError(
    'Reading failed',
    made(`a\u001b[31m\r\nb${'c'.repeat(1000)}`, { retriable: true }),
    'Do it.',
  );
  assert.match(error.message, /^Reading failed: a \[31m bc+….$/);
  assert.ok(error.message.length < 330);
  assert.deepEqual([error.code, error.retryable, error.hint], ['CPT_KAFKA', true, 'Do it.']);
  assert.equal(
    kafkaError('x', made('y', { code: 'ECONNREFUSED' }), 'Do it.').hint,
    'Is Kafka running, and the port right?',
  );
});

test('property: whatever was thrown, there is a sentence on one line', () => {
  const circle = made('round');
  circle.cause = circle;
  fc.assert(
    fc.property(
      fc.oneof(
        fc.anything(),
        fc.string().map((text) => made(text)),
        fc.constant(circle),
      ),
      (thrown) => {
        const { what } = explain(thrown);
        assert.ok(what.length <= 300 && !/\p{Cc}/u.test(what));
      },
    ),
  );
});
