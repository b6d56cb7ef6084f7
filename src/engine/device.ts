/** Which device executes the graphs: their names, the order in which `auto` asks, and how one is settled on. */
import { CptError } from '../errors.ts';

export const DEVICE_SETTINGS = ['auto', 'cpu', 'webgpu', 'cuda', 'tfjs'] as const;
export type DeviceSetting = (typeof DEVICE_SETTINGS)[number];
export type Device = Exclude<DeviceSetting, 'auto'>;

/** In the order in which `auto` asks; `cpu` is what is left. */
export const ACCELERATORS = ['cuda', 'webgpu', 'tfjs'] as const satisfies readonly Device[];

/**
 * How many times faster than the processor a device must be for `auto` to take it. A software adapter (llvmpipe,
 * WARP) runs on the processor and is far slower; where both are alike, the processor has the exact repetition.
 */
export const CLEARLY_FASTER = 2;

/** What a look at a device found. */
export interface DeviceProbe {
  readonly device: Device;
  /** The library that executes there, with its version. */
  readonly by: string;
  /** Why it cannot be used, in one line, or null. */
  readonly reason: string | null;
  /** How many times faster than the processor it multiplies matrices; null where that was not measured. */
  readonly speed: number | null;
}

export interface Wanted {
  readonly setting: DeviceSetting;
  /** The device that was settled on when the lineage began; `auto` stays with it. */
  readonly kept: Device | null;
}

export interface Settled<T> {
  readonly device: Device;
  readonly opened: T;
  /** Why others were passed over, in the order in which they were asked: `webgpu: no adapter`. */
  readonly fallbacks: readonly string[];
}

/** Why `auto` does not take a device of its own accord, or null where it does. */
export function refusal({ reason, speed }: Pick<DeviceProbe, 'reason' | 'speed'>): string | null {
  if (reason !== null) return reason;
  if (speed === null || speed >= CLEARLY_FASTER) return null;
  return `no accelerator: ${speed < 1 ? 'slower than' : 'hardly faster than'} the processor (${rounded(speed)} times its speed)`;
}

/**
 * Opens what is needed on the first device that will do. One that is named in the setting must; `auto` keeps to
 * the lineage's own device, else asks {@link ACCELERATORS} in turn, and ends with `cpu`.
 * @param probe asked for accelerators only, each before it is opened
 * @param open throws where the device fails after all
 * @throws CptError CPT_DEVICE where the device that was named cannot be used; what `open` throws for `cpu`
 */
export async function settle<T>(
  { setting, kept }: Wanted,
  probe: (device: Device) => Promise<DeviceProbe>,
  open: (device: Device) => Promise<T>,
): Promise<Settled<T>> {
  const fallbacks: string[] = [];
  for (const device of candidates(setting, kept)) {
    const own = device === setting || device === kept; // not chosen for its speed
    const pass = (reason: string): void => {
      if (device === setting) throw notUsable(device, reason);
      const since = device === kept ? ', on which this lineage was begun' : '';
      fallbacks.push(`${device}${since}: ${reason}`);
    };
    if (device === 'cpu') return { device, opened: await open(device), fallbacks };
    const found = await probe(device);
    const reason = own ? found.reason : refusal(found);
    if (reason !== null) {
      pass(reason);
      continue;
    }
    try {
      return { device, opened: await open(device), fallbacks };
    } catch (error) {
      if (error instanceof CptError && error.code !== 'CPT_ENGINE') throw error; // not the device's fault
      pass(oneLine(error));
    }
  }
  throw new Error('unreachable: cpu is always among the candidates or was named');
}

function candidates(setting: DeviceSetting, kept: Device | null): readonly Device[] {
  if (setting !== 'auto') return [setting];
  if (kept === 'cpu') return ['cpu'];
  const rest = [...ACCELERATORS, 'cpu' as const];
  return kept === null ? rest : [kept, ...rest.filter((device) => device !== kept)];
}

export function notUsable(device: Device, reason: string): CptError {
  return new CptError('CPT_DEVICE', `The device ${device} cannot be used: ${reason.replace(/\.+$/, '')}.`, {
    hint: 'Give --device auto or --device cpu; cpt doctor says what this machine has.',
  });
}

/** What is known to go wrong where a device is simply not there, said briefly. */
const KNOWN: readonly (readonly [RegExp, string])[] = [
  [/No supported adapters|Failed to get a WebGPU adapter/, 'no adapter'],
  [
    /Failed to load shared library|Cannot find (package|module)|native addon module .* can not be found/,
    'not installed',
  ],
];

/** The first line of what went wrong, without the paths of the machine it was built on. */
export function oneLine(error: unknown): string {
  const cause = error instanceof CptError ? (error.cause ?? error) : error;
  const text = cause instanceof Error ? cause.message : String(cause);
  const known = KNOWN.find(([pattern]) => pattern.test(text));
  if (known !== undefined) return known[1];
  return text
    .split('\n', 1)[0]!
    .replace(/\/onnxruntime_src\/\S+ /g, '')
    .trim()
    .slice(0, 240);
}

function rounded(speed: number): string {
  return speed < 0.1 ? speed.toFixed(2) : speed.toFixed(1);
}
