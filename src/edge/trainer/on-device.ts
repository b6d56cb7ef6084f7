/** The device of a lineage: settled on when it begins, kept in its folder, and asked for again after a restart. */
import fs from 'node:fs';
import path from 'node:path';
import {
  ACCELERATORS,
  DEVICE_SETTINGS,
  type Device,
  type DeviceProbe,
  type DeviceSetting,
  type Settled,
  settle,
} from '../../engine/index.ts';
import { CptError } from '../../errors.ts';
import { probeInChild } from '../devices/probe-in-child.ts';
import { diskError } from '../disk.ts';
import { writeAtomic } from '../files.ts';

const FILE = 'device.json';

/**
 * Opens what `open` opens on the device that the setting and the lineage's past come to. A device that is named
 * from now on is the lineage's own; one that `auto` passes over for once is not forgotten.
 * @throws CptError CPT_DEVICE where a device that was named cannot be used, CPT_STATE, and what `open` throws
 */
export async function onDevice<T>(
  folder: string,
  setting: DeviceSetting,
  open: (device: Device) => Promise<T>,
  look: (devices: readonly Device[]) => Promise<readonly DeviceProbe[]> = probeInChild,
): Promise<Settled<T>> {
  const kept = readDevice(folder);
  let looked: Promise<readonly DeviceProbe[]> | undefined;
  const probe = async (device: Device): Promise<DeviceProbe> => {
    looked ??= look(setting === 'auto' ? ACCELERATORS : [device]);
    return (await looked).find((found) => found.device === device)!;
  };
  const settled = await settle({ setting, kept }, probe, open);
  if (kept === null || (setting !== 'auto' && setting !== kept)) {
    const text = `${JSON.stringify({ device: settled.device })}\n`;
    await writeAtomic(path.join(folder, FILE), [new TextEncoder().encode(text)]);
  }
  return settled;
}

/** The device of the lineage in `folder`, or null before its first start. */
export function readDevice(folder: string): Device | null {
  const file = path.join(folder, FILE);
  const text = read(file);
  if (text === null) {
    // Lineages with tasks but without a device are older than devices: they trained on the processor.
    return fs.existsSync(folder) && fs.readdirSync(folder).some((name) => name.endsWith('.safetensors'))
      ? 'cpu'
      : null;
  }
  const device = deviceIn(text);
  if (device !== undefined) return device;
  throw new CptError('CPT_STATE', `${file} names no device.`, {
    hint: 'Delete it; the next start settles on one anew.',
  });
}

function deviceIn(text: string): Device | undefined {
  try {
    const { device } = JSON.parse(text) as { device?: unknown };
    return DEVICE_SETTINGS.find((known): known is Device => known !== 'auto' && known === device);
  } catch {
    return undefined;
  }
}

function read(file: string): string | null {
  try {
    return fs.readFileSync(file, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw diskError(error, file, 'CPT_STATE');
  }
}
