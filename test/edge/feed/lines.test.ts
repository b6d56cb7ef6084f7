import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { type Line, LineSplitter } from '../../../src/edge/feed/lines.ts';

const bytesOf = (text: string): Uint8Array => new TextEncoder().encode(text);
const textOf = (line: Line): string => new TextDecoder().decode(line.bytes);

function split(content: Uint8Array, cuts: readonly number[], keepBytes = 1000): Line[] {
  const splitter = new LineSplitter(keepBytes, { bytes: 0, line: 0 });
  const lines: Line[] = [];
  let from = 0;
  for (const to of [...cuts.filter((cut) => cut < content.length).sort((a, b) => a - b), content.length]) {
    lines.push(...splitter.push(content.subarray(from, to)));
    from = to;
  }
  return [...lines, ...splitter.end()];
}

test('LF, CR LF, empty lines and a last line without an ending', () => {
  const lines = split(bytesOf('a\nbb\r\n\n\r\n\rc\rc\r\nlast'), []);
  assert.deepEqual(
    lines.map((line) => [textOf(line), line.number, line.end]),
    [
      ['a', 1, 2],
      ['bb', 2, 6],
      ['\rc\rc', 5, 15], // a CR alone ends no line
      ['last', 6, 19],
    ],
  );
  assert.deepEqual(split(bytesOf(''), []), []);
  assert.deepEqual(split(bytesOf('\n\r\n\r'), []), []);
});

test('a long line is given cut, with its whole size, and the next one is whole', () => {
  const lines = split(bytesOf(`${'x'.repeat(95)}\r\nafter\n${'y'.repeat(10)}`), [3, 50], 10);
  assert.deepEqual(
    lines.map((line) => [textOf(line), line.size, line.number]),
    [
      ['xxxxxxxxxx', 95, 1],
      ['after', 5, 2],
      ['yyyyyyyyyy', 10, 3],
    ],
  );
});

test('however the content is cut into chunks, its lines are the same', () => {
  const piece = fc.constantFrom(
    '\n',
    '\r\n',
    '\r',
    'a',
    'é',
    '{"text":"x"}',
    '\n\n',
    ' ',
    '\0',
    'wwwwwwwwwwwww',
  );
  const contents = fc.array(piece, { maxLength: 40 }).map((pieces) => bytesOf(pieces.join('')));
  const cuts = fc.array(fc.nat({ max: 200 }), { maxLength: 10 });
  fc.assert(
    fc.property(contents, cuts, fc.integer({ min: 1, max: 20 }), (content, at, keepBytes) => {
      const whole = new TextDecoder().decode(content).split('\n');
      const expected = whole
        .map((text, index) => ({ text: text.replace(/\r$/, ''), number: index + 1 }))
        .filter(({ text }) => text !== '');
      const lines = split(content, at, keepBytes);
      assert.deepEqual(
        lines.map((line) => ({ size: line.size, number: line.number })),
        expected.map(({ text, number }) => ({ size: bytesOf(text).length, number })),
      );
      lines.forEach((line, index) => {
        assert.deepEqual([...line.bytes], [...bytesOf(expected[index]!.text).subarray(0, keepBytes)]);
        // Read again from the end of the line before, the line comes out as it did.
        const start = lines[index - 1] ?? { end: 0, number: 0 };
        const again = new LineSplitter(keepBytes, { bytes: start.end, line: start.number });
        const next = [...again.push(content.subarray(start.end)), ...again.end()][0]!;
        assert.deepEqual([next.number, next.end, next.size], [line.number, line.end, line.size]);
      });
    }),
    { numRuns: 300 },
  );
});
