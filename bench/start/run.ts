/**
 * Times a first run: seconds from `npm start` to the first checkpoint and to the end, and the peak memory of its
 * processes together. `node --import tsx bench/start/run.ts [--feed FILE]`; writes bench/start/results.md.
 */
import { spawn } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import readline from 'node:readline';

const place = fs.mkdtempSync(path.join(os.tmpdir(), 'cpt-start-'));
const extra = process.argv.slice(2);
const flags = [
  '--json',
  '--port',
  'off',
  '--state',
  path.join(place, 'state'),
  '--out',
  path.join(place, 'out'),
];
const begun = performance.now();
const seconds = (): number => (performance.now() - begun) / 1000;
const child = spawn('npm', ['start', '-s', '--', ...flags, ...extra], {
  stdio: ['ignore', 'pipe', 'inherit'],
});

/** Resident bytes of a process and all below it (Linux). */
function resident(root: number): number {
  const parents = new Map<number, number>();
  const sizes = new Map<number, number>();
  for (const name of fs.readdirSync('/proc').filter((entry) => /^\d+$/.test(entry))) {
    try {
      const status = fs.readFileSync(`/proc/${name}/status`, 'utf8');
      parents.set(Number(name), Number(/^PPid:\s+(\d+)/m.exec(status)?.[1]));
      sizes.set(Number(name), 1024 * Number(/^VmRSS:\s+(\d+)/m.exec(status)?.[1] ?? 0));
    } catch {
      // it ended while it was looked at
    }
  }
  const below = (pid: number): boolean => pid === root || (parents.has(pid) && below(parents.get(pid)!));
  return [...sizes].reduce((sum, [pid, size]) => sum + (below(pid) ? size : 0), 0);
}

let peak = 0;
const sampler = setInterval(() => {
  peak = Math.max(peak, resident(child.pid!));
}, 200);

let first: number | undefined;
let checkpoints = 0;
let tokens = 0;
let training = 0;
for await (const line of readline.createInterface({ input: child.stdout })) {
  const event = JSON.parse(line) as { event: string; tokens?: number; seconds?: number };
  if (event.event === 'TaskTrained') {
    tokens += event.tokens ?? 0;
    training += event.seconds ?? 0;
  }
  if (event.event !== 'CheckpointPublished') continue;
  checkpoints += 1;
  first ??= seconds();
}
clearInterval(sampler);
const rows = [
  ['seconds to the first checkpoint', first?.toFixed(1) ?? 'none'],
  ['seconds to the end', seconds().toFixed(1)],
  ['checkpoints', String(checkpoints)],
  ['tokens/s in training', (tokens / Math.max(1e-9, training)).toFixed(0)],
  ['peak memory of all processes, MB', (peak / 1e6).toFixed(0)],
];
const [cpu] = os.cpus();
const table = rows.map(([what, value]) => `| ${what} | ${value} |`).join('\n');
const text = `# A first run

\`node --import tsx bench/start/run.ts ${extra.join(' ')}\`, ${os.cpus().length} × ${cpu?.model ?? 'unknown'}, Node ${process.version}.

| figure | value |
|---|---|
${table}
`;
fs.writeFileSync(new URL('results.md', import.meta.url), text);
process.stdout.write(text);
fs.rmSync(place, { recursive: true });
process.exitCode = checkpoints > 0 ? 0 : 1;
