import assert from 'node:assert/strict';
import { execFile, execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { promisify } from 'node:util';
import { Registry } from 'prom-client';
import { parse } from 'yaml';
import { defineMetrics } from '../../src/edge/prometheus/definitions.ts';

interface Rule {
  readonly alert: string;
  readonly expr: string;
  readonly labels: { readonly severity: string };
  readonly annotations: { readonly summary: string; readonly runbook: string };
}
interface Rules {
  readonly groups: readonly { readonly rules: readonly Rule[] }[];
}

const PROMTOOL = process.env.PROMTOOL || 'promtool';
const read = (file: string): string => readFileSync(new URL(`../../${file}`, import.meta.url), 'utf8');
const alerts = parse(read('deploy/alerts.yml')) as Rules;
const rules = alerts.groups.flatMap((group) => group.rules);

test('alerts name metrics that exist, have a summary, and say what to do', async () => {
  const registry = new Registry();
  defineMetrics(registry, () => new Map());
  const known = new Set((await registry.getMetricsAsJSON()).map(({ name }) => name));
  assert.ok(rules.length >= 6);
  for (const { alert, expr, labels, annotations } of rules) {
    const named = expr.match(/\bcpt_\w+/g) ?? ['up'];
    for (const name of named) assert.ok(name === 'up' || known.has(name), `${alert}: there is no ${name}`);
    assert.match(labels.severity, /^(warning|critical)$/);
    for (const text of [annotations.summary, annotations.runbook]) assert.match(text, /^[A-Zc].+[.]$/, alert);
  }
});

test('every alert is one that the tests of the rules speak of', () => {
  const tested = read('deploy/alerts.test.yml');
  for (const { alert } of rules) assert.ok(tested.includes(alert), alert);
});

test('the rules for the Prometheus operator are the same', () => {
  const operator = parse(read('deploy/kubernetes/monitoring/prometheusrule.yaml')) as { spec: Rules };
  assert.deepEqual(operator.spec, alerts);
});

test('on made-up series they fire when they should, and only then', async (t) => {
  const has = await promisify(execFile)(PROMTOOL, ['--version']).then(
    () => true,
    () => false,
  );
  if (!has) {
    assert.notEqual(process.env.CI, 'true', 'promtool is missing; it comes with Prometheus');
    return t.skip('no promtool');
  }
  execFileSync(PROMTOOL, ['check', 'rules', 'deploy/alerts.yml']);
  execFileSync(PROMTOOL, ['test', 'rules', 'deploy/alerts.test.yml']);
});
