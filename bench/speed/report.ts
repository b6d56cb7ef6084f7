/** Where results.md lies, what it begins with and which sections it may have. */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import type { Precision } from '../../src/engine/index.ts';
import { withSection } from './sections.ts';
import { SIZES } from './sizes.ts';

const FILE = new URL('results.md', import.meta.url);

const INTRO = `# One training step

The base is frozen, plugins and task embeddings train (Adam, compensation, clipping, protection). Each engine has a
process of its own; they take turns, each round begun by the next one, so that what disturbs one disturbs all. All
compute the masked-LM head at the masked positions only. PyTorch is timed as transformers has the encoder, and
trimmed alike: like the compiled step it goes on with the masked positions alone after the last layer's attention.

- GFLOP/s: the matrix products that the trimmed step needs, counted by formula (\`flops.ts\`), the same for every
  engine; an int8 product counts like the fp32 one in whose place it stands.
- The peak: the best fp32 matrix product of either library, measured in the same rounds; int8 may exceed it.
- Set-up: from the first call to the end of the first step, without starting the process, loading the libraries and
  making the weights up; for \`torch.compile\` without its cache on disk. Peak memory: of the whole process (VmHWM).

Written by \`bench/speed/run.ts\` and, where the time goes, by \`bench/speed/profile.ts\`.`;

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
