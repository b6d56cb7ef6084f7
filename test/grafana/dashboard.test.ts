import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { test } from 'node:test';
import { DASHBOARD_FILE, dashboardJson } from '../../grafana/dashboard.ts';
import { createMetrics } from '../../src/edge/prometheus/metrics.ts';
import { parseExposition } from '../edge/prometheus/exposition.ts';
import { story } from '../edge/prometheus/story.ts';
import { panelQueries, readDashboard } from './panels.ts';

test('the committed dashboard is the one that the code builds', async () => {
  const committed = await readFile(DASHBOARD_FILE, 'utf8');
  assert.equal(committed, dashboardJson(), 'run: node --import tsx grafana/dashboard.ts');
});

test('every panel has a title, a description, a unit, and asks the chosen data source', async () => {
  const { panels } = await readDashboard();
  const shown = panels.filter(({ type }) => type !== 'row');
  assert.ok(shown.length >= 20);
  assert.equal(new Set(shown.map(({ title }) => title)).size, shown.length, 'titles are distinct');
  for (const panel of shown) {
    assert.ok(panel.title && panel.description && panel.fieldConfig?.defaults?.unit, panel.title);
    assert.equal(panel.datasource?.uid, '$' + '{datasource}');
    assert.ok((panel.targets?.length ?? 0) > 0, panel.title);
  }
});

test('panels do not overlap and stay within the grid', async () => {
  const taken = new Set<string>();
  for (const { title, gridPos } of (await readDashboard()).panels) {
    assert.ok(gridPos.x + gridPos.w <= 24, title);
    for (let x = gridPos.x; x < gridPos.x + gridPos.w; x++) {
      for (let y = gridPos.y; y < gridPos.y + gridPos.h; y++) {
        assert.ok(!taken.has(`${x},${y}`), `${title} overlaps at ${x},${y}`);
        taken.add(`${x},${y}`);
      }
    }
  }
});

test('every metric and label that a query names is exported', async () => {
  const metrics = createMetrics({ version: '0', processMetrics: true });
  for (const event of story('news')) metrics.observe(event);
  const labels = new Map<string, Set<string>>();
  for (const sample of parseExposition(await metrics.exposition())) {
    const known = labels.get(sample.name) ?? new Set(['lineage']);
    for (const label of Object.keys(sample.labels)) known.add(label);
    labels.set(sample.name, known);
  }
  for (const { expression, legend, title } of panelQueries(await readDashboard())) {
    const names = expression.match(/\bcpt_[a-z_]+/g) ?? [];
    assert.ok(names.length > 0, `${title}: ${expression}`);
    for (const name of names) assert.ok(labels.has(name), `${title}: ${name} is not exported`);
    for (const [, label] of [
      ...expression.matchAll(/([a-z]+)(?:=~|=)"/g),
      ...legend.matchAll(/\{\{(\w+)\}\}/g),
    ]) {
      assert.ok(
        names.some((name) => labels.get(name)?.has(label!)),
        `${title}: no label ${label}`,
      );
    }
  }
});
