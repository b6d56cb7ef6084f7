/** The program's clock, moved while it runs through libfaketime, where that is installed. */
import fs from 'node:fs';
import path from 'node:path';

const LIBRARIES = ['x86_64-linux-gnu', 'aarch64-linux-gnu'].map(
  (machine) => `/usr/lib/${machine}/faketime/libfaketimeMT.so.1`,
);

export interface FakeClock {
  readonly env: NodeJS.ProcessEnv;
  /** @param seconds from now on the program is so far ahead */
  set(seconds: number): void;
}

/** @returns null where there is no libfaketime */
export function openClock(folder: string): FakeClock | null {
  const library = LIBRARIES.find((file) => fs.existsSync(file));
  if (library === undefined) return null;
  const file = path.join(folder, 'clock');
  const set = (seconds: number): void => {
    fs.writeFileSync(`${file}.draft`, `${seconds < 0 ? '-' : '+'}${Math.abs(seconds)}`);
    fs.renameSync(`${file}.draft`, file);
  };
  set(0);
  const env = {
    LD_PRELOAD: library,
    FAKETIME_TIMESTAMP_FILE: file,
    FAKETIME_CACHE_DURATION: '1',
    FAKETIME_DONT_FAKE_MONOTONIC: '1',
  };
  return { env, set };
}
