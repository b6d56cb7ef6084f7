import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { Progress } from '../../src/cli/progress.ts';
import { ProgressState } from '../../src/cli/progress-state.ts';
import { barLines } from '../../src/cli/progress-view.ts';
import { textWidth } from '../../src/cli/width.ts';
import type { CptEvent } from '../../src/events.ts';
import { closed, fetching, published, read, ready, started, stepped } from './events.ts';

function state(): { add(seconds: number, event: CptEvent): void; lines(columns: number): string[] } {
  let now = 0;
  const kept = new ProgressState(() => now);
  return {
    add(seconds, event) {
      now += seconds;
      kept.add(event);
    },
    lines: (columns) => barLines(kept.view, { columns, colour: false }),
  };
}

test('the bars of a run, wide', () => {
  const run = state();
  run.add(2, read(400, 1200));
  assert.deepEqual(run.lines(100), ['passages   ██████░░░░░░░░░░░░░░░░░░  25 % 400 of ~1,600  200/s']);
  run.add(0, closed('d1', 0, 299, 329));
  assert.equal(run.lines(100)[1], 'training   1 closed, waiting for the trainer');
  run.add(0, started(1, 'd1', 300));
  assert.equal(run.lines(100)[1], 'd1         preparing');
  run.add(2, stepped(1, 'd1', 1, 4, 5.5));
  run.add(2, stepped(1, 'd1', 2, 4, 5.25));
  assert.equal(
    run.lines(100)[1],
    'd1         ████████████░░░░░░░░░░░░  50 % step 2/4  500 tokens/s  ETA 4.0 s  loss 5.250',
  );
  run.add(4, stepped(1, 'd1', 4, 4, 5));
  assert.match(run.lines(100)[1]!, /100 % step 4\/4 {2}\d+ tokens\/s {2}evaluating {2}loss 5.000$/);
  run.add(1, published(1, 'd1', 'a'));
  run.add(0, read(1200, 0));
  assert.deepEqual(run.lines(100), ['passages   ████████████████████████ 100 % 1,600 of 1,600']);
});

test('a feed that cannot tell its end has no bar', () => {
  const run = state();
  run.add(1, read(50));
  assert.deepEqual(run.lines(80), ['passages   50  50/s']);
});

test('a base on its way from a hub', () => {
  const run = state();
  run.add(1, fetching(40e6, 240e6));
  assert.deepEqual(run.lines(80), ['base       ████░░░░░░░░░░░░░░░░░░░░  17 % 40 MB of 240 MB']);
  run.add(2, fetching(60e6, 240e6));
  assert.deepEqual(run.lines(80), [
    'base       ██████░░░░░░░░░░░░░░░░░░  25 % 60 MB of 240 MB  10 MB/s  ETA 18 s',
  ]);
  run.add(1, ready(200e6));
  assert.deepEqual(run.lines(80), ['passages   0  0/s']);
});

test('narrow terminals lose facts from the right, never the line', () => {
  const run = state();
  run.add(2, read(400, 1200));
  run.add(0, started(1, '日本語のニュース', 300));
  run.add(2, stepped(1, '日本語のニュース', 1, 4, 5.5));
  assert.equal(run.lines(42)[1], '日本語の…  ██░░░░░░  25 % step 1/4');
  assert.equal(run.lines(12)[0], 'passages  …');
});

test('no line is ever as wide as the terminal', () => {
  const size = fc.nat(1_000_000_000);
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 200 }),
      size,
      fc.option(size),
      fc.string(),
      (columns, n, lag, domain) => {
        const run = state();
        run.add(1, read(n, lag));
        run.add(1, started(1, domain, n));
        run.add(1, stepped(1, domain, 3, 7));
        for (const line of run.lines(columns)) assert.ok(textWidth(line) <= Math.max(1, columns - 1), line);
      },
    ),
  );
});

test('rates forget what is older than ten seconds', () => {
  const run = state();
  run.add(1, read(1000));
  run.add(30, read(20));
  assert.deepEqual(run.lines(80), ['passages   1,020  2/s']);
});

interface Screen {
  readonly progress: Progress;
  rows(): string[];
  writes: number;
  cursor: boolean;
  now: number;
  columns: number;
}

/** A terminal that knows what `Progress` uses: newline, up, carriage return, clear below, the cursor on and off. */
function screen(): Screen {
  const lines: string[] = [''];
  let row = 0;
  const self = { writes: 0, cursor: true, now: 0, columns: 80 };
  const write = (text: string): void => {
    self.writes += 1;
    for (const [part] of text.replaceAll('\x1b', '␛').matchAll(/␛\[\??\d*[A-Za-z]|\n|\r|[^␛\n\r]+/g)) {
      const up = /^␛\[(\d+)A$/.exec(part);
      if (up) row -= Number(up[1]);
      else if (part === '\n') {
        row += 1;
        lines[row] ??= '';
      } else if (part === '␛[J') lines.splice(row, lines.length, '');
      else if (part === '␛[?25l') self.cursor = false;
      else if (part === '␛[?25h') self.cursor = true;
      else if (part !== '\r' && !part.startsWith('␛')) lines[row] += part;
    }
    assert.ok(row >= 0, 'the cursor left the screen');
  };
  const progress = new Progress({ write, columns: () => self.columns, colour: true, now: () => self.now });
  return Object.assign(self, { progress, rows: () => lines.filter((line) => line !== '') });
}

test('lines stay above the bars, which are drawn over and taken away at the end', () => {
  const s = screen();
  s.progress.show(read(100, 100));
  s.now = 1;
  s.progress.show(closed('d1', 0, 59, 89));
  s.now = 2;
  s.progress.show(read(100, 0));
  assert.deepEqual(s.rows(), [
    'domain d1: 60 passages, 0 to 59, known at 89',
    'passages   ████████████████████████ 100 % 200 of 200',
    'training   1 closed, waiting for the trainer',
  ]);
  assert.equal(s.cursor, false);
  s.progress.print(['one', 'two\x1b[2J']);
  s.progress.end();
  assert.deepEqual(s.rows(), ['domain d1: 60 passages, 0 to 59, known at 89', 'one', 'two [2J']);
  assert.equal(s.cursor, true);
  const { writes } = s;
  s.progress.end();
  assert.equal(s.writes, writes);
});

test('it draws at most ten times a second, however many events come', () => {
  const s = screen();
  for (let at = 0; at < 1000; at++) {
    s.now = at / 1000;
    s.progress.show(read(1));
    s.progress.tick();
  }
  assert.ok(s.writes <= 11, String(s.writes));
});

test('a terminal that became narrower is cleared from where the bars now begin', () => {
  const written: string[] = [];
  let columns = 100;
  const terminal = {
    write: (text: string) => written.push(text),
    columns: () => columns,
    colour: false,
    now: () => 0,
  };
  const progress = new Progress(terminal);
  progress.print(['x']); // draws "passages   0", 12 columns
  columns = 5;
  progress.end();
  assert.equal(written.at(-1), '\x1b[3A\r\x1b[J\x1b[?25h');
});
