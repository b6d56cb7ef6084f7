/** The overlay of a stream on several machines: its roles, and what refers to them. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { parseCommand } from '../../src/cli/parse.ts';
import { command } from '../../src/cli/run.ts';
import { resolveConfig } from '../../src/config.ts';
import { TASK_PARTITIONS } from '../../src/edge/kafka/task-message.ts';
import { parseFeedUrl, parseTopicUrl } from '../../src/edge/kafka/url.ts';
import { ROLES } from '../../src/edge/roles/options.ts';
import { kubectlMissing, type Manifest, rendered, selects } from './rendered.ts';

describe('overlays/fleet', { skip: kubectlMissing() && 'no kubectl' }, () => {
  const manifests = kubectlMissing() ? [] : rendered('overlays/fleet');
  const of = (...kinds: string[]): Manifest[] => manifests.filter(({ kind }) => kinds.includes(kind));
  const pods = of('Deployment', 'StatefulSet');
  const names = (some: readonly Manifest[]): string[] => some.map(({ metadata }) => metadata.name).sort();
  const settings = JSON.parse(
    of('ConfigMap').find(({ data }) => 'cpt.config.json' in data)?.data['cpt.config.json'] ?? '{}',
  ) as unknown;
  const configOf = (pod: Manifest) => {
    const [name, ...argv] = pod.spec.template.spec.containers[0]!.args;
    assert.equal(name, command.name);
    const { args, settings: flags, configFile } = parseCommand(command, argv);
    assert.deepEqual(args.positionals, []);
    assert.equal(configFile, '/etc/cpt-stream/cpt.config.json');
    return resolveConfig({ file: { name: 'cpt.config.json', json: settings }, flags });
  };

  test('each role is one workload, its settings are allowed and its kubelet waits longer than its grace', () => {
    assert.deepEqual(names(pods), ROLES.filter((role) => role !== 'all').sort());
    for (const pod of pods) {
      const { config, warnings } = configOf(pod);
      assert.deepEqual([config.machines.role, warnings], [pod.metadata.name, []]);
      const { terminationGracePeriodSeconds, containers } = pod.spec.template.spec;
      assert.ok(terminationGracePeriodSeconds > config.grace, pod.metadata.name);
      assert.equal(containers[0]!.ports[0]!.containerPort, config.port);
      assert.equal(config.host, '0.0.0.0');
    }
    assert.deepEqual(names(of('StatefulSet')), ['segment']);
  });

  test('every pod is restricted, probed and mounted as the one of the base', () => {
    const base = rendered('base').find(({ kind }) => kind === 'StatefulSet')!.spec.template.spec;
    const common = (pod: typeof base): object => {
      const [{ args: _, envFrom: __, resources: ___, ...container }] = pod.containers as [
        (typeof base.containers)[0],
      ];
      const { containers: ____, terminationGracePeriodSeconds: _____, volumes, ...rest } = pod;
      const { topologySpreadConstraints: ______, ...same } = rest;
      const shared = volumes
        .filter(({ name }) => name !== 'data')
        .map(({ configMap: _, ...volume }) => volume);
      return { container, shared, ...same };
    };
    for (const pod of pods) assert.deepEqual(common(pod.spec.template.spec), common(base), pod.metadata.name);
  });

  test('what is mounted or read is there; scratch is bounded, and within the bound of the pod', () => {
    const maps = new Set(names(of('ConfigMap')));
    for (const { metadata, spec } of pods) {
      const { containers, volumes } = spec.template.spec;
      const [{ volumeMounts, envFrom = [], resources }] = containers as [(typeof containers)[0]];
      const claimed = spec.volumeClaimTemplates ?? [];
      const there = [...volumes.map(({ name }) => name), ...claimed.map((claim) => claim.metadata.name)];
      assert.deepEqual(volumeMounts.map(({ name }) => name).sort(), there.sort(), metadata.name);
      for (const { configMap } of volumes) assert.ok(configMap === undefined || maps.has(configMap.name));
      const scratch = volumes.flatMap(({ emptyDir }) => (emptyDir ? [bytes(emptyDir.sizeLimit)] : []));
      assert.ok(bytes(resources.limits['ephemeral-storage']!) > scratch.reduce((sum, one) => sum + one, 0));
      for (const key of ['cpu', 'memory', 'ephemeral-storage']) assert.ok(resources.requests[key], key);
      const sources = envFrom.map(({ configMapRef, secretRef }) => configMapRef ?? secretRef!);
      assert.equal(sources.length, metadata.name === 'encode' ? 0 : 2);
      for (const { name } of sources.slice(0, 1)) assert.ok(maps.has(name), name);
    }
    const train = pods.find(({ metadata }) => metadata.name === 'train')!;
    const { limits, requests } = train.spec.template.spec.containers[0]!.resources;
    assert.equal(requests.memory, limits.memory);
    assert.ok(configOf(train).config.trainer.maxMemory < bytes(limits.memory!));
  });

  test('each pod has one budget; services, budgets, spreads and policies select the pods that they mean', () => {
    const selected = (selector: Parameters<typeof selects>[0]): string[] =>
      names(pods.filter((pod) => selects(selector, pod)));
    for (const { metadata, spec } of of('PodDisruptionBudget')) {
      assert.deepEqual(selected(spec.selector), [metadata.name]);
    }
    assert.deepEqual(names(of('PodDisruptionBudget')), names(pods));
    for (const pod of of('Deployment')) {
      const { topologySpreadConstraints = [] } = pod.spec.template.spec;
      assert.ok(topologySpreadConstraints.length > 0);
      for (const { labelSelector } of topologySpreadConstraints) {
        assert.deepEqual(selected(labelSelector), [pod.metadata.name]);
      }
    }
    const policies = new Map(of('NetworkPolicy').map(({ metadata, spec }) => [metadata.name, spec]));
    assert.deepEqual(selected(policies.get('cpt-stream')!.podSelector), names(pods));
    assert.deepEqual(policies.get('cpt-stream')!.policyTypes, ['Ingress', 'Egress']);
    assert.deepEqual(selected(policies.get('cpt-stream-store')!.podSelector), ['segment', 'serve', 'train']);
    assert.deepEqual(selected(policies.get('cpt-stream-hub')!.podSelector), ['serve']);
    for (const { metadata, spec } of of('Service')) {
      const labels = spec.selector as unknown as Record<string, string>;
      const behind = selected({ matchLabels: labels });
      assert.deepEqual(behind, metadata.name === 'cpt-stream-hub' ? ['serve'] : names(pods));
      assert.deepEqual(
        spec.ports.map(({ targetPort }) => targetPort),
        ['metrics'],
      );
    }
    assert.equal(pods.find(({ metadata }) => metadata.name === 'serve')?.spec.replicas, 2);
  });

  test('what is scaled is scaled by the groups that its roles are members of', () => {
    const scaled = of('ScaledObject');
    assert.deepEqual(names(scaled), ['encode', 'train']);
    for (const { metadata, spec } of scaled) {
      const pod = of('Deployment').find((one) => one.metadata.name === spec.scaleTargetRef.name)!;
      assert.equal(pod.metadata.name, metadata.name);
      assert.equal(pod.spec.replicas, undefined, 'one of the two sets their number');
      const { feed, lineage, machines } = configOf(pod).config;
      const isTrain = metadata.name === 'train';
      const { brokers, topic } = isTrain ? parseFeedUrl(machines.tasks) : parseFeedUrl(feed);
      const { metadata: trigger } = spec.triggers[0]!;
      assert.equal(trigger.bootstrapServers, brokers.join(','));
      assert.equal(trigger.topic, topic);
      assert.equal(trigger.consumerGroup, isTrain ? 'cpt-train' : `cpt-encode-${lineage}`);
      assert.ok(spec.minReplicaCount < spec.maxReplicaCount);
      if (isTrain) assert.equal(spec.maxReplicaCount, TASK_PARTITIONS);
    }
    const { encoded } = configOf(pods[0]!).config.machines;
    assert.equal(parseTopicUrl(encoded).topic, 'cpt.encoded.passages');
  });
});

const UNITS: Readonly<Record<string, number>> = { Mi: 2 ** 20, Gi: 2 ** 30 };

function bytes(quantity: string): number {
  const [, amount, unit] = /^(\d+)([MG]i)$/.exec(quantity)!;
  return Number(amount) * UNITS[unit!]!;
}
