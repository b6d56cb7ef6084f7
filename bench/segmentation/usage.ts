/** Loaded beside a command: when it ends, its processor time and peak memory go to the file that USAGE names. */
import { writeFileSync } from 'node:fs';

export interface Usage {
  /** Of all threads, user and system. */
  readonly seconds: number;
  /** Resident, at its peak. */
  readonly megabytes: number;
}

process.on('exit', () => {
  const { userCPUTime, systemCPUTime, maxRSS } = process.resourceUsage();
  const usage: Usage = { seconds: (userCPUTime + systemCPUTime) / 1e6, megabytes: maxRSS / 1024 };
  writeFileSync(process.env.USAGE!, JSON.stringify(usage));
});
