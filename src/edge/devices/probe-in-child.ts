/** Looks at devices in a child process, since a driver may end the process that it is loaded in. */
import { fork } from 'node:child_process';
import { type Device, type DeviceProbe, type DeviceSetting, notUsable } from '../../engine/index.ts';

/** For all that one child is asked. */
const PROBE_MS = 120_000;

/** One probe for each device, in their order. A device that ends the child has that for its reason. */
export async function probeInChild(
  devices: readonly Device[],
  child: URL = new URL(import.meta.url.endsWith('.ts') ? './child.ts' : './child.js', import.meta.url),
): Promise<DeviceProbe[]> {
  const probes: DeviceProbe[] = [];
  while (probes.length < devices.length) {
    const rest = devices.slice(probes.length);
    const { answers, ended } = await ask(child, rest);
    probes.push(...answers);
    const device = rest[answers.length];
    if (device === undefined) break;
    probes.push({ device, by: '', reason: `it ends the process that tries it (${ended})`, speed: null });
  }
  return probes;
}

/** @throws CptError CPT_DEVICE where an accelerator that was named cannot be used */
export async function checkDevice(device: DeviceSetting): Promise<void> {
  if (device === 'auto' || device === 'cpu') return;
  const [probe] = await probeInChild([device]);
  if (probe!.reason !== null) throw notUsable(device, probe!.reason);
}

function ask(child: URL, devices: readonly Device[]): Promise<{ answers: DeviceProbe[]; ended: string }> {
  const execArgv = child.pathname.endsWith('.ts') ? ['--import', import.meta.resolve('tsx')] : [];
  return new Promise((resolve, reject) => {
    // Native libraries report to standard error what the probes then tell in one line each.
    const running = fork(child, devices, { execArgv, stdio: 'ignore', timeout: PROBE_MS });
    const answers: DeviceProbe[] = [];
    running.on('message', (probe) => answers.push(probe as DeviceProbe));
    running.once('error', reject);
    const drained = new Promise<void>((done) => running.once('disconnect', done));
    running.once('exit', (code, signal) => {
      void drained.then(() => resolve({ answers, ended: signal ?? `exit status ${code}` }));
    });
  });
}
