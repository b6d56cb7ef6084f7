import assert from 'node:assert/strict';
import { test } from 'node:test';
import { serveMetrics } from '../../../src/edge/run/serve-metrics.ts';

test('a run is ready from its opening until it is asked to stop', async () => {
  const metrics = await serveMetrics({ lineage: 'l', version: '0', port: 0, host: '127.0.0.1' });
  const ready = async () => {
    const response = await fetch(`${metrics.url}/readyz`);
    return [response.status, (await response.text()).trim()];
  };
  assert.deepEqual(await ready(), [503, 'opening the feed, the state and the trainer']);
  metrics.opened([]);
  assert.deepEqual(await ready(), [200, 'reading']);
  metrics.stopping();
  assert.deepEqual(await ready(), [503, 'stopping']);
  metrics.opened([]);
  assert.deepEqual(await ready(), [503, 'stopping'], 'it was stopped while it was opening');
  await metrics.close();
});
