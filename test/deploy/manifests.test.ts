/** Kubernetes and systemd: what their own tools do not see, checked on the files. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { parse } from 'yaml';
import { parseCommand } from '../../src/cli/parse.ts';
import { command } from '../../src/cli/run.ts';
import { command as serve } from '../../src/cli/serve.ts';
import { resolveConfig } from '../../src/config.ts';

interface Listed {
  readonly resources: readonly string[];
  readonly patches?: readonly { readonly path: string }[];
}
type Json = { readonly [key: string]: Json } & readonly Json[];
const deploy = fileURLToPath(new URL('../../deploy', import.meta.url));
const read = (file: string): string => fs.readFileSync(path.join(deploy, file), 'utf8');
const yaml = (file: string): Json => parse(read(file)) as Json;

const settings = JSON.parse(read('kubernetes/base/cpt.config.json')) as unknown;
const { config, warnings } = resolveConfig({ file: { name: 'cpt.config.json', json: settings } });
const pod = yaml('kubernetes/base/statefulset.yaml').spec!.template!.spec! as Json;
const container = pod.containers![0]! as Json;
const serving = yaml('kubernetes/serve/container.yaml').spec!.template!.spec!.containers![0]! as Json;

test('each kustomization lists every file beside it, and nothing else', () => {
  for (const folder of ['base', 'monitoring', 'serve', 'keda', 'overlays/fleet']) {
    const listed = yaml(`kubernetes/${folder}/kustomization.yaml`) as unknown as Listed;
    const resources = listed.resources.filter((resource) => !resource.startsWith('..'));
    const patches = (listed.patches ?? []).map(({ path: file }) => file);
    const files = fs.readdirSync(path.join(deploy, 'kubernetes', folder));
    assert.deepEqual(
      [...resources].sort(),
      files
        .filter((name) => name.endsWith('.yaml') && !patches.includes(name) && name !== 'kustomization.yaml')
        .sort(),
    );
  }
});

test('the pod is as restricted as the namespace demands, and more', () => {
  const { runAsNonRoot, runAsUser, seccompProfile } = pod.securityContext as unknown as Record<
    string,
    unknown
  >;
  assert.deepEqual([runAsNonRoot, seccompProfile], [true, { type: 'RuntimeDefault' }]);
  for (const { securityContext } of [container, serving]) {
    assert.deepEqual(securityContext, {
      allowPrivilegeEscalation: false,
      readOnlyRootFilesystem: true,
      capabilities: { drop: ['ALL'] },
    });
  }
  const user = /^USER (\d+)/m.exec(read('Containerfile'))![1];
  assert.equal(String(runAsUser), user);
  assert.deepEqual([pod.automountServiceAccountToken, pod.enableServiceLinks], [false, false]);
});

test('its settings are allowed, write only to volumes, and stop before the kubelet kills', () => {
  assert.deepEqual(warnings, []);
  const mounts = container.volumeMounts as unknown as { name: string; mountPath: string }[];
  const paths = mounts.map(({ mountPath }) => mountPath);
  for (const folder of [config.state, config.out]) assert.equal(path.posix.dirname(folder), '/data');
  assert.ok(paths.includes('/data') && paths.includes('/tmp'));
  assert.ok(Number(pod.terminationGracePeriodSeconds) > config.grace);
  const { args, configFile } = parseCommand(command, (container.args as unknown as string[]).slice(1));
  assert.deepEqual(args.positionals, []);
  const mount = mounts.find(({ name }) => name === 'config')!;
  assert.equal(configFile, `${mount.mountPath}/cpt.config.json`);
  assert.equal(config.port, (container.ports![0] as Json).containerPort as unknown as number);
  const limit = (container.resources as Json).limits!.memory as unknown as string;
  assert.equal(limit, '4Gi');
  assert.ok(config.trainer.maxMemory < 4 * 2 ** 30, 'the trainer is stopped before the kernel kills');
});

test('kustomize builds the base and each overlay', (t) => {
  if (spawnSync('kubectl', ['version', '--client']).status !== 0) return t.skip('no kubectl');
  for (const folder of ['base', 'overlays/production', 'overlays/fleet']) {
    const { status, stderr, stdout } = spawnSync(
      'kubectl',
      ['kustomize', path.join(deploy, 'kubernetes', folder)],
      {
        encoding: 'utf8',
      },
    );
    assert.equal(status, 0, stderr);
    assert.match(stdout, /kind: StatefulSet/);
  }
});

test('the unit runs a command line that there is, and gives it longer than its grace', (t) => {
  const unit = read('systemd/cpt-stream.service');
  const value = (key: string): string => new RegExp(`^${key}=(.*)$`, 'm').exec(unit)![1]!;
  const words = value('ExecStart').split(' ');
  assert.deepEqual(words.slice(0, 3), ['/usr/bin/env', 'cpt-stream', 'run']);
  const parsed = parseCommand(command, words.slice(3));
  const { grace } = resolveConfig({ flags: parsed.settings }).config;
  assert.ok(Number(value('TimeoutStopSec')) > grace);
  assert.deepEqual([value('KillMode'), value('SuccessExitStatus')], ['mixed', '143']);
  if (spawnSync('systemd-analyze', ['--version']).status !== 0) return t.skip('no systemd-analyze');
  const file = path.join(deploy, 'systemd/cpt-stream.service');
  const { status, stderr } = spawnSync('systemd-analyze', ['verify', file], { encoding: 'utf8' });
  assert.equal(status, 0, stderr);
});

test('the hub serves what the run publishes, of a volume that it cannot write to', () => {
  const [name, ...rest] = serving.args as unknown as string[];
  assert.equal(name, serve.name);
  const served = resolveConfig({ flags: parseCommand(serve, rest).settings }).config;
  assert.deepEqual([served.out, served.host], [config.out, '0.0.0.0']);
  assert.equal((serving.ports![0] as Json).containerPort as unknown as number, served.port);
  const [data] = serving.volumeMounts as unknown as { mountPath: string; readOnly?: boolean }[];
  assert.deepEqual([data!.mountPath, data!.readOnly], ['/data', true]);
});
