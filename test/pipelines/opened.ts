/** Runs without a trainer process, for tests of the pipeline. */
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { SEGMENTER_DEFAULTS, Segmenter } from '../../src/domains/index.ts';
import { openDeadLetters } from '../../src/edge/dead-letters.ts';
import type { Feed, FeedBatch, FeedRecord } from '../../src/edge/feed/feed.ts';
import { paceOf } from '../../src/edge/run/pace.ts';
import type { RunParts } from '../../src/edge/run/parts.ts';
import { Run } from '../../src/edge/run/run.ts';
import { State } from '../../src/edge/state/state.ts';
import type { StateOptions } from '../../src/edge/state/types.ts';
import type { TrainerProcess } from '../../src/edge/trainer/process.ts';
import type { CptEvent } from '../../src/events.ts';
import { DECODE_DEFAULTS } from '../../src/text/decode.ts';

/** Batches of `size` records from the one numbered `from` on. */
export function memoryFeed(all: readonly FeedRecord[], from: number, size = 7): Feed & { reads: number } {
  let at = from;
  return {
    reads: 0,
    async read(): Promise<FeedBatch | null> {
      this.reads += 1;
      if (at >= all.length) return null;
      const batch = all.slice(at, at + size);
      at += batch.length;
      return { records: batch, offsets: { at: String(at) }, lag: all.length - at };
    },
    async close() {},
  };
}

export interface Trained {
  readonly task: number;
  readonly domain: string;
  readonly texts: readonly string[];
}

/** Trains nothing and notes in `done` what it was given. */
export function recordingTrainer(
  done: Trained[],
  each: () => Promise<void> = async () => {},
): TrainerProcess {
  return {
    failure: null,
    measure: () => true,
    drain: () => [],
    stop: () => {},
    async run({ task, domain, texts }, onEvent) {
      const common = { lineage: 'l', task, domain };
      onEvent({ event: 'TaskProgress', ...common, step: 1, steps: 1, tokens: 10, loss: 5 });
      await each();
      done.push({ task, domain, texts });
      const published: CptEvent = {
        event: 'CheckpointPublished',
        ...common,
        revision: '0'.repeat(40),
        ref: `${domain}.1`,
        bytes: 1,
        seconds: 0,
      };
      return { events: [published] };
    },
    async close() {},
  };
}

/** A run on a state in `place`, as far as it got, on made-up parts where none are given. */
export async function open(
  place: string,
  all: readonly FeedRecord[],
  parts: Partial<RunParts>,
  options: Partial<StateOptions> = {},
) {
  const state = State.open(place, { lineage: 'l', ...options });
  const { offsets, segmenter, deadLetterBytes } = state.progress;
  const deadLetters = await openDeadLetters(path.join(place, 'dead-letters.jsonl'), deadLetterBytes);
  const whole: RunParts = {
    lineage: 'l',
    feed: memoryFeed(all, Number(offsets?.at ?? 0)),
    segmenter:
      segmenter === null
        ? new Segmenter(SEGMENTER_DEFAULTS)
        : Segmenter.restore(segmenter, SEGMENTER_DEFAULTS),
    features: { of: async () => null, encoder: null },
    state,
    trainer: recordingTrainer([]),
    deadLetters,
    decode: DECODE_DEFAULTS,
    publish: null,
    watch: async () => [],
    waiting: { passages: 1000, bytes: 1e9, tasks: 100 },
    pace: paceOf(0, () => 0),
    clock: () => 0,
    ...parts,
  };
  const close = async () => {
    await deadLetters.close();
    await state.close();
  };
  return { run: new Run(whole), state, close };
}

export const folder = () => fs.mkdtempSync(path.join(os.tmpdir(), 'cpt-pipeline-'));
