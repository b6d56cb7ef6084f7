/** Child process of `probeInChild`: looks at the devices that it is given. A library that crashes or talks does so here. */
import { type Device, prober } from '../../engine/index.ts';

const probe = prober(() => performance.now());
for (const device of process.argv.slice(2)) process.send?.(await probe(device as Device));
process.disconnect?.();
