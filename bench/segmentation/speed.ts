/**
 * Speed and memory of `cpt segment`: `node --import tsx bench/segmentation/speed.ts DATA_DIR`. Writes speed.md.
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { dataFolder, Pools, type Source } from './sources.ts';
import type { Usage } from './usage.ts';

const SIZES = [100, 500, 2000];
const PASSAGES = 40_000;
const DOMAIN = 2000;
const KNOWN = 1000;
const ROUNDS = 3;
const SOURCES: readonly Source[] = ['restaurants', 'ai', 'news', 'wikipedia', 'novels', 'textbooks'];

const dataDir = dataFolder(process.argv[2], 'bench/segmentation/speed.ts DATA_DIR');
const pools = new Pools(dataDir);
const folder = mkdtempSync(join(tmpdir(), 'cpt-speed-'));
const root = fileURLToPath(new URL('../..', import.meta.url));

try {
  const idle = measure([{ text: 'one passage' }]);
  const rows = SIZES.map((size) =>
    row(
      `${size} characters`,
      texts(size, PASSAGES, DOMAIN).map((text) => ({ text })),
    ),
  );
  // Each source comes back under many names, so that the known ones are near each other: the worst case.
  const named = texts(500, KNOWN * 40, 40).map((text, k) => ({ text, domain: `n${Math.floor(k / 40)}` }));
  const detected = texts(500, 10_000, DOMAIN).map((text) => ({ text }));
  rows.push(row(`500 characters, ${KNOWN} known domains`, [...named, ...detected]));
  writeFileSync(new URL('./speed.md', import.meta.url), report(rows));
  console.log(report(rows));

  function row(name: string, records: readonly object[]): string {
    const { seconds, megabytes } = measure(records);
    const speed = Math.round(records.length / (seconds - idle.seconds));
    return `| ${name} | ${records.length} | ${seconds.toFixed(2)} | ${speed} | ${Math.round(megabytes)} |`;
  }

  function report(lines: readonly string[]): string {
    return `# Speed and memory of segmentation

\`node --import tsx bench/segmentation/speed.ts DATA_DIR\`, ${cpus()[0]?.model.trim()}, Node ${process.versions.node}. The
whole command, \`cpt segment --input FILE\` through tsx: reading, decoding, features, detection. Seconds of processor
time of all its threads, user and system, the least of ${ROUNDS} rounds on a shared machine; passages per second without
the ${idle.seconds.toFixed(2)} s of a run on one passage, which has ${Math.round(idle.megabytes)} MB resident at its peak. Domains of ${DOMAIN} passages;
with known domains first ${KNOWN} named ones of 40, each closing compared with all before it.

| passages of | passages | seconds | passages/s | MB at peak |
| --- | --- | --- | --- | --- |
${lines.join('\n')}
`;
  }
} finally {
  rmSync(folder, { recursive: true });
}

/** Domains of `each` passages, a source after the other, every passage cut or joined to `size` characters. */
function texts(size: number, count: number, each: number): string[] {
  const next = new Map<Source, number>();
  return Array.from({ length: count }, (_, k) => {
    const source = SOURCES[Math.floor(k / each) % SOURCES.length]!;
    const pool = pools.of(source);
    let text = '';
    while (text.length < size) {
      const at = next.get(source) ?? 0;
      next.set(source, at + 1);
      text += `${pool[at % pool.length]} `;
    }
    return text.slice(0, size);
  });
}

function measure(records: readonly object[]): Usage {
  const [input, usage] = [join(folder, 'input.jsonl'), join(folder, 'usage.json')];
  writeFileSync(input, records.map((record) => `${JSON.stringify(record)}\n`).join(''));
  const hooks = ['--import', 'tsx', '--import', './bench/segmentation/usage.ts'];
  const argv = [...hooks, 'src/cli/main.ts', 'segment', '--input', input, '--format', 'jsonl'];
  const rounds = Array.from({ length: ROUNDS }, (): Usage => {
    const { status, stderr } = spawnSync(process.execPath, argv, {
      cwd: root,
      env: { ...process.env, USAGE: usage },
    });
    if (status !== 0) throw new Error(String(stderr));
    return JSON.parse(readFileSync(usage, 'utf8'));
  });
  return rounds.reduce((least, round) => ({
    seconds: Math.min(least.seconds, round.seconds),
    megabytes: Math.max(least.megabytes, round.megabytes),
  }));
}
