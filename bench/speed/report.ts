/** Where results.md lies, what it begins with and which sections it may have. */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { withSection } from './sections.ts';
import { SIZES } from './sizes.ts';
import type { Precision } from './task.ts';

const FILE = new URL('results.md', import.meta.url);

const INTRO = `# One training step

The base is frozen, plugins and task embeddings train (Adam, compensation, clipping, protection). Written by
\`bench/speed/run.ts\` and, where the time goes, by \`bench/speed/profile.ts\`; each section says on which machine.`;

export function profileHeading(size: string, precision: Precision): string {
  return `Where the time goes: ${size}, ${precision}`;
}

const HEADINGS = [
  ...Object.values(SIZES).map(({ title }) => title),
  ...Object.keys(SIZES).flatMap((size) => [profileHeading(size, 'fp32'), profileHeading(size, 'int8')]),
];

/** Renews one section of results.md and leaves the others. */
export function writeSection(heading: string, body: string): void {
  const before = existsSync(FILE) ? readFileSync(FILE, 'utf8') : '';
  writeFileSync(FILE, withSection(before, INTRO, HEADINGS, heading, body));
}

/** `2 threads of <processor>` */
export function machine(threads: number): string {
  return `${threads} threads of ${cpus()[0]?.model.trim() ?? 'an unknown processor'}`;
}
