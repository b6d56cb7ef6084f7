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
