/** Where a run lives: a small disk of its own where one can be mounted, a folder with a limit on files elsewhere. */
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';

const DISK = 384 << 20; // bytes

export interface Place {
  readonly folder: string;
  /** State and published lineages are here. */
  readonly disk: string;
  /** What a full disk is here. */
  readonly how: 'tmpfs' | 'file size limit';
  /** Takes the room away from who runs as `pid`, and gives it back. */
  fill(pid: number): void;
  free(): void;
  remove(): void;
}

/** A tmpfs needs root; elsewhere the process may write no file that is longer than what is there. */
export function openPlace(): Place {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'cpt-faults-'));
  const disk = path.join(folder, 'disk');
  fs.mkdirSync(disk);
  const mounted = tried(() =>
    execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${DISK}`, 'tmpfs', disk], { stdio: 'ignore' }),
  );
  const remove = (): void => {
    if (mounted) execFileSync('umount', ['-l', disk]);
    fs.rmSync(folder, { recursive: true, force: true });
  };
  if (!mounted) {
    return {
      folder,
      disk,
      how: 'file size limit',
      fill: (pid) =>
        void tried(() =>
          execFileSync('prlimit', ['--pid', String(pid), '--fsize=4096:'], { stdio: 'ignore' }),
        ),
      free: () => {}, // the process that is started next has no limit
      remove,
    };
  }
  const ballast = path.join(disk, 'ballast');
  return {
    folder,
    disk,
    how: 'tmpfs',
    fill() {
      const block = Buffer.alloc(1 << 20);
      const file = fs.openSync(ballast, 'w');
      tried(() => {
        for (;;) fs.writeSync(file, block);
      });
      fs.closeSync(file);
    },
    free: () => fs.rmSync(ballast, { force: true }),
    remove,
  };
}

function tried(act: () => unknown): boolean {
  try {
    act();
    return true;
  } catch {
    return false;
  }
}
