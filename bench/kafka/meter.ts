/** Measures a process from now on. */
import { readFileSync } from 'node:fs';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import type { Measured, Memory } from './measured.ts';

export interface Meter {
  /** So many passages are done. */
  at(passages: number): void;
  end(domains: number): Measured;
}

/** @param every passages between two looks at the memory */
export function startMeter(every: number): Meter {
  const since = performance.now();
  const used = process.cpuUsage();
  const delay = monitorEventLoopDelay({ resolution: 10 });
  delay.enable();
  const memory: Memory[] = [];
  let done = 0;
  return {
    at(passages) {
      done = passages;
      if (passages >= memory.length * every) memory.push(memoryNow(passages));
    },
    end(domains) {
      const { user, system } = process.cpuUsage(used);
      memory.push(memoryNow(done));
      delay.disable();
      return {
        passages: done,
        seconds: (performance.now() - since) / 1000,
        processorSeconds: (user + system) / 1e6,
        domains,
        delay: { p99: delay.percentile(99) / 1e6, most: delay.max / 1e6 },
        memory,
      };
    },
  };
}

function memoryNow(passages: number): Memory {
  return { passages, all: process.memoryUsage.rss(), own: anonymous() };
}

/** Linux tells. */
function anonymous(): number | null {
  try {
    const kibibytes = /^RssAnon:\s+(\d+) kB$/m.exec(readFileSync('/proc/self/status', 'utf8'))?.[1];
    return kibibytes === undefined ? null : Number(kibibytes) * 1024;
  } catch {
    return null;
  }
}
