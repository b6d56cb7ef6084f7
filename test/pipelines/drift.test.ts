/** What a run tells while a domain is open and when it ends, detection deciding. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { lastValueFrom, toArray } from 'rxjs';
import { pipeline } from '../../pipelines/cpt.ts';
import type { FeedRecord } from '../../src/edge/feed/feed.ts';
import type { CptEvent } from '../../src/events.ts';
import { makeRng } from '../../src/rng.ts';
import { tinyPassages } from '../fixtures/tiny.ts';
import { folder, memoryFeed, open } from './opened.ts';

const records = (topic: string): FeedRecord[] =>
  tinyPassages(topic, 150, makeRng(topic)).map((text) => {
    const bytes = Buffer.from(text);
    return { bytes, size: bytes.length, position: topic };
  });
const feed = ['kitchen', 'sea', 'garden'].flatMap(records);

test('drift is told before the domain that it ends, to metrics and to other programs, with equal numbers', async () => {
  const sent: CptEvent[] = [];
  const publish = async (event: CptEvent) => void sent.push(event);
  const { run, close } = await open(folder(), feed, { publish, feed: memoryFeed(feed, 0) });
  const told = await lastValueFrom(pipeline(run).pipe(toArray()));
  await close();
  for (const events of [told, sent]) {
    const ends = events.filter(({ event }) => event === 'DriftDetected' || event === 'DomainClosed');
    assert.deepEqual(
      ends.map(({ event }) => event),
      ['DriftDetected', 'DomainClosed', 'DriftDetected', 'DomainClosed', 'DomainClosed'],
    );
    for (const at of [0, 2]) {
      const [drift, closed] = ends.slice(at, at + 2);
      assert.ok(drift?.event === 'DriftDetected' && closed?.event === 'DomainClosed');
      assert.equal(drift.boundary, closed.last + 1);
      assert.equal(drift.detectedAt, closed.detectedAt);
      assert.ok(drift.statistic >= drift.threshold);
    }
  }
});

test('every batch tells statistic, threshold and size of the open domain; the watch sees the same', async () => {
  const seen: number[] = [];
  const watch = async ({ passages, openPassages }: { passages: number; openPassages: number }) => {
    seen.push(openPassages);
    const fit = { sampled: 1, bytesPerToken: 1, outOfVocabulary: 0 };
    return passages === 150
      ? [{ event: 'OpenTextMeasured', lineage: 'l', openPassages, ...fit } as const]
      : [];
  };
  const { run, close } = await open(folder(), feed, { watch, feed: memoryFeed(feed, 0, 50) });
  const events = await lastValueFrom(pipeline(run).pipe(toArray()));
  await close();
  const measured = events.filter((event) => event.event === 'DriftMeasured');
  assert.deepEqual(
    measured.map(({ openPassages }) => openPassages),
    [50, 100, 150, 50, 100, 150, 50, 100, 150],
  );
  assert.deepEqual(
    seen,
    measured.map(({ openPassages }) => openPassages),
  );
  for (const { threshold, statistic } of measured) assert.ok(threshold > 0 && statistic < threshold);
  assert.equal(events.filter(({ event }) => event === 'OpenTextMeasured').length, 1);
});
