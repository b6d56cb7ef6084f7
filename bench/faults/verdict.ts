/**
 * Where each number ended, without a word of the program's counters: a published manifest has the hash of its
 * passages, the harness has the passages of each job under that hash, and letters have the record's key.
 */
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { isHostile, numberOf } from './numbered.ts';
import type { Sent } from './topic.ts';

interface Manifest {
  readonly task: number;
  readonly domain: string;
  readonly passages: number;
  readonly provenance: { readonly texts: string };
}

export interface Verdict {
  readonly passages: number;
  readonly tasks: number;
  readonly letters: number;
  /** Letters that came once more, told by their id. */
  readonly repeatedLetters: number;
  readonly lost: readonly number[];
  readonly twice: readonly number[];
  readonly events: number;
  readonly repeatedEvents: number;
  /** SHA-256 over the published manifests' names, in the order of their tasks. */
  readonly published: string;
}

export interface Evidence {
  /** Numbers that were sent. */
  readonly count: number;
  /** Folder of the published lineage. */
  readonly lineage: string;
  /** What `CPT_TRACE_JOBS` left. */
  readonly traces: string;
  readonly letters: readonly Sent[];
  /** Of the topic of checkpoints. */
  readonly events: readonly Sent[];
}

export function verdictOf({ count, lineage, traces, letters, events }: Evidence): Verdict {
  const places = new Uint8Array(count);
  const put = (number: number, where: string): void => {
    assert.ok(
      Number.isInteger(number) && number >= 0 && number < count,
      `${where}: ${number} was never sent`,
    );
    places[number]! += 1;
  };
  const revisions = revisionsIn(lineage);
  assert.deepEqual(
    revisions.map(({ manifest }) => manifest.task),
    revisions.map((_, at) => at + 1),
    'each task is published once',
  );
  for (const { manifest } of revisions) {
    const { texts: hash } = manifest.provenance;
    const texts = JSON.parse(
      fs.readFileSync(path.join(traces, `${manifest.task}-${hash}.json`), 'utf8'),
    ) as string[];
    const again = createHash('sha256');
    for (const text of texts) again.update(`${Buffer.byteLength(text)}:${text}`);
    assert.equal(again.digest('hex'), hash);
    assert.equal(texts.length, manifest.passages);
    for (const text of texts) put(numberOf(text), `task ${manifest.task}`);
  }
  const ids = new Map(letters.map((letter) => [letter.headers['cpt-dead-letter-id'], letter]));
  for (const { key } of ids.values()) {
    assert.ok(isHostile(Number(key)), `${key} was a passage`);
    put(Number(key), 'dead letters');
  }
  const told = uniqueById(events);
  assert.deepEqual(
    told.map(({ data }) => data.revision),
    revisions.map(({ revision }) => revision),
    'each checkpoint was told of, in order',
  );
  const numbersOf = (wanted: (times: number) => boolean): number[] =>
    [...places.entries()].filter(([, times]) => wanted(times)).map(([number]) => number);
  return {
    passages: count - ids.size,
    tasks: revisions.length,
    letters: ids.size,
    repeatedLetters: letters.length - ids.size,
    lost: numbersOf((times) => times === 0),
    twice: numbersOf((times) => times > 1),
    events: told.length,
    repeatedEvents: events.length - told.length,
    published: createHash('sha256')
      .update(revisions.map(({ revision }) => revision).join())
      .digest('hex'),
  };
}

function revisionsIn(lineage: string): { revision: string; manifest: Manifest }[] {
  const folder = path.join(lineage, 'revisions');
  return fs
    .readdirSync(folder)
    .filter((name) => name.endsWith('.json'))
    .map((name) => ({
      revision: name.slice(0, 40),
      manifest: JSON.parse(fs.readFileSync(path.join(folder, name), 'utf8')) as Manifest,
    }))
    .sort((a, b) => a.manifest.task - b.manifest.task);
}

interface Told {
  readonly id: string;
  readonly data: { readonly revision: string };
}

function uniqueById(events: readonly Sent[]): Told[] {
  const all = events.map(({ value }) => JSON.parse(value!.toString()) as Told);
  return [...new Map(all.map((event) => [event.id, event])).values()]; // in the order of the first of each
}
