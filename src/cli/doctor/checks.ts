/** The checks of `cpt doctor`, cheap ones first. */
import os from 'node:os';
import path from 'node:path';
import { BUNDLED, type Config } from '../../config/config-type.ts';
import { BUNDLED_BASE, PACKAGE_FILE, packageVersion } from '../../edge/bundled.ts';
import { probeInChild } from '../../edge/devices/probe-in-child.ts';
import { ACCELERATORS, type DeviceProbe, refusal } from '../../engine/device.ts';
import { hubIdOf } from '../base.ts';
import type { Check } from '../doctor.ts';
import { lineOf } from '../error-line.ts';
import { bytes, count } from '../format.ts';
import { diskCheck, portCheck, programCheck } from './machine.ts';
import { packagesCheck } from './packages.ts';
import { databaseChecks, stateCheck, timeSyncCheck } from './state.ts';

type Env = Readonly<Record<string, string | undefined>>;

const NODE_LEAST = 20;
const MEMORY_LEAST = 1.2e9; // what a run of the sample takes at most

export async function* allChecks(config: Config, env: Env, signal: AbortSignal): AsyncGenerator<Check> {
  yield nodeCheck(process.versions.node);
  yield packagesCheck(PACKAGE_FILE);
  yield memoryCheck(os.totalmem(), os.availableParallelism());
  yield await diskCheck('state folder', config.state);
  yield await diskCheck('output folder', config.out);
  yield* await databaseChecks(config.state, () => Date.now() / 1000);
  yield await stateCheck(path.join(config.state, config.lineage));
  yield timeSyncCheck(
    await programCheck('timedatectl', ['show', '--property=NTPSynchronized', '--value'], env),
  );
  yield await portCheck(config.host, config.port);
  yield await baseCheck(config, env, signal);
  yield* await deviceChecksOfThis();
  yield kafkaCheck(
    await programCheck('java', ['-version'], env),
    await programCheck('docker', ['version', '--format', '{{.Server.Version}}'], env),
    env.KAFKA_BROKERS,
  );
  if (config.feed.startsWith('kafka://') || config.events !== '') {
    const { kafkaChecks } = await import('./kafka.ts'); // and with it kafkajs
    yield* kafkaChecks(config, Date.now());
  }
}

export function nodeCheck(version: string): Check {
  const enough = Number(version.split('.')[0]) >= NODE_LEAST;
  const detail = enough ? version : `${version}; version ${NODE_LEAST} or later is needed`;
  return { name: 'Node.js', standing: enough ? 'ok' : 'missing', detail };
}

export function memoryCheck(total: number, cores: number): Check {
  const detail = `${bytes(total)} of memory, ${count(cores)} cores`;
  if (total >= MEMORY_LEAST) return { name: 'machine', standing: 'ok', detail };
  return { name: 'machine', standing: 'note', detail: `${detail}; a run takes up to ${bytes(MEMORY_LEAST)}` };
}

/** A base on a hub is looked up, not fetched. */
export async function baseCheck({ base, offline }: Config, env: Env, signal: AbortSignal): Promise<Check> {
  const name = 'base model';
  try {
    const id = hubIdOf(base);
    let folder = base === BUNDLED ? BUNDLED_BASE : base;
    if (id !== null) {
      const { hubAccess, lookUpBase } = await import('../../edge/hub/index.ts');
      const found = await lookUpBase(id, hubAccess({ env, offline, version: packageVersion() }), signal);
      const { commit } = found;
      if (found.folder === null) {
        return { name, standing: 'ok', detail: `${base}: commit ${commit}, to be fetched by the first run` };
      }
      folder = found.folder;
    }
    const { loadBase } = await import('../../edge/base.ts');
    const { config } = await loadBase(folder);
    const detail = `${folder}: ${config.layers} layers, ${config.hidden} wide, ${count(config.vocabSize)} tokens`;
    return { name, standing: 'ok', detail };
  } catch (error) {
    return { name, standing: 'missing', detail: lineOf(error) };
  }
}

async function deviceChecksOfThis(): Promise<Check[]> {
  try {
    return deviceChecks(await probeInChild(['cpu', ...ACCELERATORS]));
  } catch (error) {
    return [{ name: 'devices', standing: 'missing', detail: lineOf(error) }];
  }
}

/** The processor is needed, everything faster is welcome. The last line says what `auto` comes to. */
export function deviceChecks(probes: readonly DeviceProbe[]): Check[] {
  const checks = probes.map((probe): Check => {
    const { device, by, reason, speed } = probe;
    const name = `device ${device}`;
    if (device === 'cpu') return { name, standing: reason === null ? 'ok' : 'missing', detail: reason ?? by };
    if (reason !== null) return { name, standing: 'note', detail: `not used: ${reason}` };
    const slow = refusal(probe);
    if (slow !== null) return { name, standing: 'note', detail: `${by}; not used by auto: ${slow}` };
    return { name, standing: 'ok', detail: `${by}, ${speed?.toFixed(1)} times the speed of the processor` };
  });
  const taken = probes.find((probe) => probe.device !== 'cpu' && refusal(probe) === null)?.device ?? 'cpu';
  return [...checks, { name: '--device auto', standing: 'ok', detail: `a new lineage trains on ${taken}` }];
}

/** Only `npm run start:kafka` and the tests of it need a broker started on this machine. */
export function kafkaCheck(java: string | null, docker: string | null, brokers: string | undefined): Check {
  const name = 'broker';
  if (brokers) return { name, standing: 'ok', detail: `at ${brokers} (KAFKA_BROKERS)` };
  if (docker !== null) return { name, standing: 'ok', detail: `can be started: Docker ${docker}` };
  if (java !== null) return { name, standing: 'ok', detail: `can be started: ${java}` };
  const detail = 'neither Docker nor Java is here: start:kafka cannot start one; a run on files needs none';
  return { name, standing: 'note', detail };
}
