/** What tests of the hub have in common: a hub, an empty cache, short patience, a small base to publish. */
import { mkdtempSync, rmSync } from 'node:fs';
import net from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after } from 'node:test';
import { type HubAccess, hubAccess } from '../../../src/edge/hub/access.ts';
import { type FetchedBase, type FetchOptions, fetchBase } from '../../../src/edge/hub/fetch-base.ts';
import { parseHubId } from '../../../src/edge/hub/id.ts';
import { writeTinyBase } from '../../fixtures/tiny-base.ts';
import { type FakeHub, filesOf, openFakeHub } from './fake-hub.ts';

export const place = mkdtempSync(path.join(tmpdir(), 'cpt-hub-'));
export const hub: FakeHub = await openFakeHub();
after(async () => {
  await hub.close();
  rmSync(place, { recursive: true });
});

const folder = path.join(place, 'tiny');
writeTinyBase(folder);
/** The tiny base's files by name. */
export const TINY: Readonly<Record<string, Buffer>> = { ...filesOf(folder), LICENSE: Buffer.from('free\n') };
export const WEIGHTS = TINY['model.safetensors']!;

let caches = 0;
export const freshCache = (): string => path.join(place, `cache-${caches++}`);

export const PATIENCE = { pauses: [1, 1, 1], silence: 400 };

export function accessTo(cache: string, env: Record<string, string> = {}, offline = false): HubAccess {
  return hubAccess({ env: { HF_ENDPOINT: hub.url, HF_HUB_CACHE: cache, ...env }, offline, version: '0' });
}

/** Fetches a base as a run does; forgets what requests there were before. */
export function fetched(
  name: string,
  access: HubAccess,
  options: Partial<FetchOptions> = {},
): Promise<FetchedBase> {
  hub.seen.length = 0;
  return fetchBase(parseHubId(name)!, access, {
    pinned: null,
    signal: new AbortController().signal,
    onProgress: () => {},
    onNote: () => {},
    patience: PATIENCE,
    ...options,
  });
}

/** The hub behaves again. */
export function calm(): void {
  hub.intercept = () => false;
  hub.relist = (entry) => entry;
  hub.token = null;
}

/** The URL of a port that nobody listens on. */
export async function closedPort(): Promise<string> {
  const server = net.createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as net.AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return `http://127.0.0.1:${port}`;
}
