/** Child process of `cpt doctor`: tries every provider. A library that crashes or talks does so here. */
import { probeProviders } from '../../engine/index.ts';

process.send?.(await probeProviders());
process.disconnect?.();
