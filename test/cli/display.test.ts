import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openDisplay } from '../../src/cli/display.ts';
import { closed, read } from './events.ts';
import { fakeHost } from './fake-host.ts';

const EVENTS = [read(100, 50), closed('d1', 0, 59, 89)];

function shown(isTTY: boolean, json: boolean, env: Record<string, string> = {}): string {
  const host = fakeHost();
  const display = openDisplay({ ...host.io, isTTY }, { json, env, now: () => 0 });
  for (const event of EVENTS) display.show(event);
  display.print(['the report']);
  display.end();
  display.print(['after']);
  return host.out();
}

test('a pipe gets lines', () => {
  const expected = 'domain d1: 60 passages, 0 to 59, known at 89\nthe report\nafter\n';
  assert.equal(shown(false, false), expected);
  assert.equal(shown(true, false, { TERM: 'dumb' }), expected);
});

test('--json gets every event and nothing else, on a terminal too', () => {
  for (const isTTY of [false, true]) {
    const lines = shown(isTTY, true).trim().split('\n');
    assert.deepEqual(
      lines.map((line) => JSON.parse(line) as unknown),
      EVENTS,
    );
  }
});

test('a terminal gets bars, in colour unless that is not wanted, and its cursor back', () => {
  const coloured = shown(true, false);
  assert.ok(coloured.includes('\x1b[36m█'));
  for (const text of [coloured, shown(true, false, { NO_COLOR: '1' })]) {
    assert.ok(text.includes('░') && text.includes('67 %'));
    assert.ok(text.endsWith('\x1b[?25hafter\n'), JSON.stringify(text.slice(-40)));
  }
  assert.ok(!shown(true, false, { NO_COLOR: '1' }).includes('\x1b[36m'));
});

test('a terminal leaves no listener on the process behind', () => {
  const before = process.listenerCount('exit');
  shown(true, false);
  assert.equal(process.listenerCount('exit'), before);
});
