/** What comes with the package: a base model and a sample feed. */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const place = (path: string): string => fileURLToPath(new URL(`../../${path}`, import.meta.url));

export const BUNDLED_BASE = place('models/base');
export const BUNDLED_SAMPLE = place('pipelines/sample/sample.jsonl');

export const PACKAGE_FILE = place('package.json');

/** This program's version. */
export function packageVersion(): string {
  const { version } = JSON.parse(readFileSync(PACKAGE_FILE, 'utf8')) as { version: string };
  return version;
}
