/** Whether what is installed fits what this program was written for. */
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import type { Check } from '../doctor.ts';

/** Those that decide what a run does; they are named with their versions. */
const NAMED = ['onnxruntime-node', '@tensorflow/tfjs', 'lmdb', 'kafkajs'];

/** @param file this program's package.json */
export function packagesCheck(file: string): Check {
  const name = 'packages';
  const { version, dependencies = {} } = manifest(file);
  const found = Object.entries(dependencies).map(([name, wanted]) => {
    return { name, wanted, here: installed(path.dirname(file), name) };
  });
  const off = found.filter(({ here, wanted }) => here === null || !fits(here, wanted));
  if (off.length > 0) {
    const each = off.map(({ name, wanted, here }) => `${name} ${here ?? 'is not here'}, not ${wanted}`);
    return { name, standing: 'missing', detail: `${each.join('; ')}: run npm ci` };
  }
  const versions = found
    .filter(({ name }) => NAMED.includes(name))
    .map(({ name, here }) => `${name} ${here}`);
  return { name, standing: 'ok', detail: [`cpt-stream ${version}`, ...versions].join(', ') };
}

/**
 * Whether a version is in a range `^a.b.c` or exactly `a.b.c`, behind the name of another package or not.
 * A caret keeps the first part that is not 0.
 */
export function fits(version: string, range: string): boolean {
  const wanted = range.slice(range.lastIndexOf('@') + 1);
  const parts = (text: string) => /^(\d+)\.(\d+)\.(\d+)/.exec(text)?.slice(1).map(Number);
  const [have, least] = [parts(version), parts(wanted.replace(/^\^/, ''))];
  if (have === undefined || least === undefined) return false;
  const differs = have.findIndex((part, at) => part !== least[at]);
  if (differs < 0) return true;
  if (!wanted.startsWith('^')) return false;
  const fixed = least.findIndex((part) => part !== 0);
  return differs > fixed && have[differs]! > least[differs]!;
}

/** As Node finds it: in the nearest node_modules that has it. */
function installed(from: string, name: string): string | null {
  for (let folder = from; ; folder = path.dirname(folder)) {
    const file = path.join(folder, 'node_modules', name, 'package.json');
    if (existsSync(file)) return manifest(file).version;
    if (path.dirname(folder) === folder) return null;
  }
}

function manifest(file: string): { version: string; dependencies?: Record<string, string> } {
  return JSON.parse(readFileSync(file, 'utf8'));
}
