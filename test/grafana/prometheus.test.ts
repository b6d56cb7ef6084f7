import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { withBroker } from '../edge/kafka/with-broker.ts';
import { panelQueries, readDashboard } from './panels.ts';
import { prometheusMissing, startPrometheus } from './prometheus-server.ts';
import { realRun } from './source.ts';

const under = withBroker();

/** What Grafana puts in for the variables of a dashboard. */
const filledIn = (expression: string): string =>
  expression.replaceAll('$__rate_interval', '4s').replaceAll('$lineage', '.*');

/** Of other roles than the one that does all: `dashboard.test.ts` sees that they are exported. */
const ELSEWHERE = /cpt_lineage_epoch|cpt_serve_|"handed_over"/;

test('a real Prometheus has data for every query of every panel', { timeout: 120_000 }, async (t) => {
  const missing = await prometheusMissing();
  if (missing !== null) {
    assert.notEqual(process.env.CI, 'true', missing);
    t.skip(missing);
    return;
  }
  const broker = under.broker(t);
  if (broker === undefined) return;
  const lineage = 'news-daily';
  const source = await realRun(lineage, broker.brokers);
  const prometheus = await startPrometheus(source.target);
  try {
    // A rate wants a scrape from before.
    while ((await prometheus.range('up', 60)).length === 0) await sleep(200);
    const events = await source.play();
    const closed = events.filter((event) => event.event === 'DomainClosed');
    const domains = new Set(closed.map(({ domain }) => domain)).size;
    const passages = events.reduce((sum, one) => sum + (one.event === 'PassagesRead' ? one.accepted : 0), 0);
    assert.ok(domains >= 2 && closed.length > domains, 'several domains, one of which returned');
    const ended = `cpt_checkpoints_published_total == ${closed.length}`;
    while ((await prometheus.range(ended, 60)).length === 0) await sleep(200);

    const empty: string[] = [];
    for (const { title, expression } of panelQueries(await readDashboard())) {
      if (ELSEWHERE.test(expression)) continue;
      const series = await prometheus.range(filledIn(expression), 120);
      const values = series.flatMap((one) => one.values.map(([, value]) => Number(value)));
      if (!values.some(Number.isFinite)) empty.push(`${title}: ${expression}`);
    }
    assert.deepEqual(empty, []);

    const last = async (expression: string) =>
      (await prometheus.range(expression, 60))[0]?.values.at(-1)?.[1];
    assert.equal(await last('sum(cpt_passages_read_total)'), String(passages));
    assert.equal(await last('cpt_dead_letters_total{reason="invalid_json"}'), '1');
    assert.equal(await last('max(cpt_forgetting_nats)'), '0');
    assert.equal(await last('sum(cpt_forgetting_proofs_total{outcome="passed"})'), String(closed.length));
    const forgetting = await prometheus.range('cpt_forgetting_nats', 60);
    assert.equal(forgetting.length, domains, 'one series per domain');
    const rate = filledIn('rate(cpt_train_tokens_total{lineage=~"$lineage"}[$__rate_interval])');
    const moving = await prometheus.range(rate, 60);
    assert.ok(
      moving[0]?.values.some(([, value]) => Number(value) > 0),
      'the rate moves',
    );
    const lineages = await prometheus.get('/api/v1/label/lineage/values?match[]=cpt_passages_read_total');
    assert.deepEqual(lineages, [lineage]);
  } finally {
    await prometheus.stop();
    await source.close();
  }
});
