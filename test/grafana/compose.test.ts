/** The files around Grafana are read by programs that do not run here; what can be checked without them is. */
import assert from 'node:assert/strict';
import { access, readFile } from 'node:fs/promises';
import { test } from 'node:test';
import { parse } from 'yaml';
import { KAFKA_IMAGE } from '../../deploy/kafka/container-broker.ts';
import { resolveConfig } from '../../src/config.ts';
import { parseFeedUrl } from '../../src/edge/kafka/url.ts';

const at = (path: string): URL => new URL(`../../${path}`, import.meta.url);
const read = (path: string): Promise<string> => readFile(at(path), 'utf8');

interface Service {
  readonly image?: string;
  readonly build?: { readonly context: string; readonly dockerfile: string };
  readonly command?: readonly string[];
  readonly ports?: readonly string[];
  readonly volumes?: readonly string[];
  readonly cap_drop?: readonly string[];
  readonly security_opt?: readonly string[];
  readonly mem_limit?: string;
  readonly cpus?: number;
  readonly pids_limit?: number;
  readonly read_only?: boolean;
  readonly tmpfs?: readonly string[];
  readonly healthcheck?: object;
  readonly stop_grace_period?: string;
  readonly environment?: Readonly<Record<string, string>>;
  readonly depends_on?: readonly string[] | Readonly<Record<string, { condition: string }>>;
}

interface Compose {
  readonly services: Readonly<Record<string, Service>>;
  readonly volumes: Readonly<Record<string, null>>;
}

const compose = parse(await read('deploy/compose.yaml'), { merge: true }) as Compose;
const services = Object.entries(compose.services);
const app = compose.services.app!;

test('images are pinned to a version, and to one version of Kafka everywhere', async () => {
  for (const [name, { image, build }] of services) {
    assert.ok(build || /^[a-z/-]+:v?\d+\.\d+\.\d+$/.test(image ?? ''), `${name}: ${image}`);
  }
  const version = /<kafka\.version>(.+)</.exec(await read('deploy/kafka/pom.xml'))?.[1];
  assert.equal(compose.services.kafka?.image, `apache/kafka:${version}`);
  assert.equal(compose.services.topics?.image, `apache/kafka:${version}`);
  assert.equal(KAFKA_IMAGE, `apache/kafka:${version}`);
});

test('ports are bound to loopback, each once', () => {
  const ports = services.flatMap(([, service]) => service.ports ?? []);
  assert.ok(ports.length >= 4);
  for (const port of ports) assert.match(port, /^127\.0\.0\.1:\d+:\d+$/);
  assert.equal(new Set(ports.map((port) => port.split(':')[1])).size, ports.length);
});

test('volumes are declared and used; mounted files and dependencies exist', async () => {
  const used = new Set<string>();
  for (const [name, { volumes = [], depends_on = [] }] of services) {
    for (const volume of volumes) {
      const source = volume.split(':')[0]!;
      if (source.startsWith('.')) {
        await access(at(`deploy/${source}`));
        assert.match(volume, /:ro$/, `${name}: ${volume}`);
      } else used.add(source);
    }
    for (const needed of Array.isArray(depends_on) ? depends_on : Object.keys(depends_on)) {
      assert.ok(needed in compose.services, `${name} needs ${needed}`);
    }
  }
  assert.deepEqual([...used].sort(), Object.keys(compose.volumes).sort());
});

test('the app is told of a broker, a topic and a port that are there', () => {
  const flags = new Map<string, string>();
  const [command, ...rest] = app.command ?? [];
  assert.equal(command, 'run');
  for (let n = 0; n < rest.length; n += 2) flags.set(rest[n]!.replace(/^--/, ''), rest[n + 1]!);
  const { config } = resolveConfig({ flags: Object.fromEntries(flags) });
  const { brokers, topic } = parseFeedUrl(config.feed);
  assert.deepEqual(brokers, ['kafka:9092']);
  assert.match(
    compose.services.kafka?.environment?.KAFKA_ADVERTISED_LISTENERS ?? '',
    /PLAINTEXT:\/\/kafka:9092,/,
  );
  assert.ok(compose.services.topics?.command?.includes(String(topic)));
  assert.equal(config.host, '0.0.0.0');
  assert.deepEqual(app.ports, [`127.0.0.1:${config.port}:${config.port}`]);
  for (const folder of [config.state, config.out]) assert.match(folder, /^\/data\//);
  assert.ok(app.volumes?.some((volume) => volume.endsWith(':/data')));
});

test('Prometheus scrapes the app, Grafana asks Prometheus and finds the dashboard', async () => {
  const prometheus = parse(await read('deploy/prometheus.yml')) as {
    global: { scrape_interval: string };
    scrape_configs: { static_configs: { targets: string[] }[] }[];
  };
  const port = app.ports?.[0]?.split(':').at(-1);
  assert.deepEqual(prometheus.scrape_configs[0]?.static_configs[0]?.targets, [`app:${port}`]);
  const { datasources } = parse(await read('grafana/provisioning/datasources/prometheus.yml')) as {
    datasources: { type: string; url: string; isDefault: boolean; jsonData: { timeInterval: string } }[];
  };
  assert.equal(datasources.length, 1);
  assert.deepEqual([datasources[0]?.type, datasources[0]?.isDefault], ['prometheus', true]);
  assert.equal(datasources[0]?.url, 'http://prometheus:9090');
  assert.ok(compose.services.prometheus?.ports?.some((mapping) => mapping.endsWith(':9090')));
  assert.equal(datasources[0]?.jsonData.timeInterval, prometheus.global.scrape_interval);

  const { providers } = parse(await read('grafana/provisioning/dashboards/cpt-stream.yml')) as {
    providers: { options: { path: string } }[];
  };
  const folder = providers[0]?.options.path;
  assert.ok(compose.services.grafana?.volumes?.includes(`../grafana/dashboards:${folder}:ro`));
  const home = compose.services.grafana?.environment?.GF_DASHBOARDS_DEFAULT_HOME_DASHBOARD_PATH ?? '';
  await access(at(home.replace(folder!, 'grafana/dashboards').replace(/^\//, '')));
});

test('what runs has no capabilities, bounds and a health check; the app writes to its volume and /tmp alone', () => {
  for (const [name, service] of services) {
    const { cap_drop, security_opt, mem_limit, cpus, pids_limit } = service;
    assert.deepEqual([cap_drop, security_opt], [['ALL'], ['no-new-privileges:true']], name);
    assert.ok(mem_limit && cpus && pids_limit, name);
    const ends = name === 'topics';
    assert.ok(ends || service.build || service.healthcheck, name);
    if (!ends && name !== 'kafka') assert.equal(service.read_only, true, name);
  }
  assert.deepEqual(app.tmpfs, ['/tmp']);
  const grace = Number(app.command?.[app.command.indexOf('--grace') + 1]);
  assert.ok(Number.parseInt(app.stop_grace_period!, 10) > grace);
});

test('the image is built of the Containerfile; Prometheus has the alerts', async () => {
  assert.deepEqual(app.build, { context: '..', dockerfile: 'deploy/Containerfile' });
  const { rule_files } = parse(await read('deploy/prometheus.yml')) as { rule_files: string[] };
  assert.deepEqual(rule_files, ['alerts.yml']);
  assert.ok(compose.services.prometheus?.volumes?.includes('./alerts.yml:/etc/prometheus/alerts.yml:ro'));
});
