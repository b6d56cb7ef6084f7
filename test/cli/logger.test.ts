import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openLogger } from '../../src/cli/logger.ts';

function entries(level: 'debug' | 'warn', use: (logger: ReturnType<typeof openLogger>) => void): string[] {
  const lines: string[] = [];
  use(openLogger(level, { write: (line) => lines.push(line) }));
  return lines;
}

test('entries are JSON lines with a time and a named level, from the level that was set', () => {
  const lines = entries('warn', (logger) => {
    logger.info('not this');
    logger.warn({ topic: 'reviews' }, 'kafka consumer: joined');
  });
  assert.equal(lines.length, 1);
  const { time, ...rest } = JSON.parse(lines[0]!) as Record<string, unknown>;
  assert.match(String(time), /^\d{4}-\d\d-\d\dT/);
  assert.deepEqual(rest, { level: 'warn', topic: 'reviews', msg: 'kafka consumer: joined' });
});

test('no password, wherever it stands', () => {
  const secret = 's3cr@t/"x';
  const lines = entries('debug', (logger) => {
    logger.info(
      { password: secret, kafka: { password: secret, sasl: { username: 'ann', password: secret } } },
      'a',
    );
    logger.info(
      { config: { kafka: { password: secret } }, headers: { authorization: `Bearer ${secret}` } },
      'b',
    );
    logger.error({ err: new Error('no broker at kafka://ann:s3cr@broker:9092/t') }, 'c');
    logger.debug('reading kafka://ann:s3cr@broker:9092/t?token=s3cr');
  });
  assert.equal(lines.length, 4);
  for (const line of lines) {
    assert.ok(!line.includes('s3cr'), line);
    JSON.parse(line);
  }
  assert.match(lines[3]!, /kafka:\/\/ann:\*\*\*@broker:9092\/t\?token=\*\*\*/);
});

test('what a feed holds cannot write to the terminal of who reads the log', () => {
  const hostile = 'a\u001b[31mb\u009b2Jc\u202ed\r\n{"level":"error"}\u2028\u007f';
  const [line, ...others] = entries('warn', (logger) => logger.warn({ topic: hostile }, hostile));
  assert.deepEqual(others, []);
  assert.match(line!, /^[^\p{Cc}\u2028-\u202e\u2066-\u2069]+\n$/u);
  const { msg, topic } = JSON.parse(line!) as { msg: string; topic: string };
  assert.deepEqual([msg, topic], [hostile, hostile]); // escaped, not lost
});
