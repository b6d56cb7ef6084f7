/** The command lines of the overlay for several machines, as rendered, against a broker and a folder as the store. */
import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { after, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { freePorts } from '../../deploy/kafka/free-ports.ts';
import { parseTopicUrl } from '../../src/edge/kafka/url.ts';
import { withBroker } from '../edge/kafka/with-broker.ts';
import { kubectlMissing, rendered } from './rendered.ts';

const CONFIG = '/etc/cpt-stream/cpt.config.json';
const place = fs.mkdtempSync(path.join(os.tmpdir(), 'cpt-fleet-'));
after(() => fs.rmSync(place, { recursive: true }));
const kafka = withBroker();

interface Settings {
  feed: string;
  events: string;
  deadLetters: string;
  lineage: string;
  state: string;
  host: string;
  port: number;
  machines: { encoded: string; tasks: string; store: string };
}

test('each role becomes ready, and ends by SIGTERM', async (t) => {
  if (kubectlMissing()) return t.skip('no kubectl');
  const broker = kafka.broker(t);
  if (broker === undefined) return;
  const topic = await kafka.topic(2);
  const manifests = rendered('overlays/fleet');
  const file = manifests.find(({ kind, data }) => kind === 'ConfigMap' && 'cpt.config.json' in data)!;
  const moved = (url: string, name: string): string =>
    `kafka://${broker.brokers.join(',')}/${name}-${parseTopicUrl(url).topic}`;
  const pods = manifests.filter(({ kind }) => kind === 'Deployment' || kind === 'StatefulSet');
  const ports = await freePorts(pods.length);
  const running = new Map<string, ChildProcess>();
  try {
    for (const [at, { metadata, spec }] of pods.entries()) {
      const settings = JSON.parse(file.data['cpt.config.json']!) as Settings;
      const { machines } = settings;
      // other names than others use at the same broker
      settings.feed = `kafka://${broker.brokers.join(',')}/${topic}`;
      settings.events = `kafka://${broker.brokers.join(',')}`;
      settings.deadLetters = moved(settings.deadLetters, topic);
      settings.lineage = topic;
      settings.state = path.join(place, metadata.name);
      settings.host = '127.0.0.1';
      settings.port = ports[at]!;
      machines.encoded = moved(machines.encoded, topic);
      machines.tasks = `${moved(machines.tasks, topic)}?group=${topic}`;
      machines.store = path.join(place, 'store');
      const config = path.join(place, `${metadata.name}.json`);
      fs.writeFileSync(config, JSON.stringify(settings));
      const { args } = spec.template.spec.containers[0]!;
      const argv = args.map((arg) => (arg === CONFIG ? config : arg));
      const child = spawn(process.execPath, ['--import', 'tsx', 'src/cli/main.ts', ...argv], {
        stdio: ['ignore', 'ignore', 'inherit'],
      });
      running.set(metadata.name, child);
    }
    assert.deepEqual([...running.keys()].sort(), ['encode', 'segment', 'serve', 'train']);
    for (const [at, [role, child]] of [...running].entries()) {
      while (!(await isReady(ports[at]!))) {
        assert.equal(child.exitCode, null, `${role} ended`);
        await sleep(100);
      }
    }
    for (const [role, child] of running) {
      const ended = once(child, 'exit');
      child.kill('SIGTERM');
      assert.deepEqual(await ended, [143, null], role);
    }
  } finally {
    for (const child of running.values()) child.kill('SIGKILL');
  }
});

async function isReady(port: number): Promise<boolean> {
  const answer = await fetch(`http://127.0.0.1:${port}/readyz`).catch(() => null);
  await answer?.body?.cancel();
  return answer?.status === 200;
}
