/** Tables of plain text. */
import { padEnd, padStart, textWidth } from './width.ts';

export type Align = 'left' | 'right';

/**
 * Columns as wide as their widest cell, two spaces between them, nothing behind the last.
 * @param rows the head first
 */
export function table(rows: readonly (readonly string[])[], aligns: readonly Align[]): string[] {
  const columns = Math.max(0, ...rows.map((row) => row.length));
  const widths = Array.from({ length: columns }, (_, at) =>
    Math.max(...rows.map((row) => textWidth(row[at] ?? ''))),
  );
  return rows.map((row) =>
    widths
      .map((width, at) =>
        aligns[at] === 'right' ? padStart(row[at] ?? '', width) : padEnd(row[at] ?? '', width),
      )
      .join('  ')
      .trimEnd(),
  );
}
