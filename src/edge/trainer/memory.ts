/** What the system says about memory: of a process, of the machine, of processes that it killed for want of it. */
import fs from 'node:fs';
import os from 'node:os';

/** Resident memory of a process in bytes; null where the system has no /proc or the process is gone. */
export function residentMemory(pid: number): number | null {
  try {
    const kilobytes = /^VmRSS:\s+(\d+) kB$/m.exec(fs.readFileSync(`/proc/${pid}/status`, 'latin1'))?.[1];
    return kilobytes === undefined ? null : Number(kilobytes) * 1024;
  } catch {
    return null;
  }
}

/** Processes that the kernel has killed for want of memory since it started; null where it does not tell. */
export function memoryKills(): number | null {
  try {
    const count = /^oom_kill (\d+)$/m.exec(fs.readFileSync('/proc/vmstat', 'latin1'))?.[1];
    return count === undefined ? null : Number(count);
  } catch {
    return null;
  }
}

/** Bytes that all processes here may take: the machine's, or less where a container has less. */
export function memoryOfMachine(): number {
  const limit = process.constrainedMemory();
  return limit > 0 && limit < os.totalmem() ? limit : os.totalmem();
}

/** So much of the machine's memory in one process makes a SIGKILL of it the kernel's. */
const MOST_OF_IT = 0.7;

export interface Death {
  readonly signal: string | null;
  /** Resident memory when it was last looked at. */
  readonly memory: number | null;
  /** `memoryKills` before and after. */
  readonly kills: readonly [number | null, number | null];
  readonly machine: number;
}

/** Whether a process was ended by the kernel for want of memory, as far as that shows; a person's kill -9 was not. */
export function diedOfMemory({ signal, memory, kills, machine }: Death): boolean {
  if (signal !== 'SIGKILL') return false;
  const [before, after] = kills;
  if (before !== null && after !== null && after > before) return true;
  return memory !== null && memory > MOST_OF_IT * machine;
}

/** Whether an error says that an allocation failed: ONNX Runtime's, a device's, or the JavaScript engine's. */
export function isAllocationFailure(message: string): boolean {
  return /bad_alloc|failed to allocate|allocation failed|out of memory|cannot allocate memory/i.test(message);
}
