import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { reportLines } from '../../src/cli/report.ts';
import { stretchesOf } from '../../src/cli/report-domains.ts';
import { forgettingLine, lossLines } from '../../src/cli/report-losses.ts';
import type { CptEvent } from '../../src/events.ts';
import { withdrawn } from '../edge/prometheus/story.ts';
import { closed, lineage, published, trained } from './events.ts';

const RUN: CptEvent[] = [
  closed('d1', 0, 299, 329, null, 'salt, oven'),
  { event: 'DeadLetter', lineage, reason: 'nul_bytes', position: 'f:3' },
  trained(1, 'd1', [['d1', 5.37, 5.07, 5.07]]),
  published(1, 'd1', 'a'),
  closed('d2', 300, 619, 650),
  trained(2, 'd2', [
    ['d1', 5.37, 5.07, 5.07],
    ['d2', 5.92, 5.6, 5.6],
  ]),
  published(2, 'd2', 'b'),
  closed('d1', 620, 699, 699, 'd1', 'salt, oven'),
  trained(3, 'd1', [
    ['d2', 5.92, 5.6, 5.6],
    ['d1', 5.41, 5, 5],
  ]),
  published(3, 'd1', 'c'),
];

const TRUTH = [
  { topic: 'kitchen', first: 0, last: 301 },
  { topic: 'weather', first: 302, last: 619 },
  { topic: 'kitchen', first: 620, last: 699 },
];

test('the whole report of a run whose truth is known', () => {
  const input = {
    lineage,
    events: RUN,
    truth: TRUTH,
    out: 'out/',
    deadLetters: 'dead.jsonl',
    program: 'cpt',
  };
  assert.equal(
    reportLines(input).join('\n'),
    `Lineage demo: 2 domains, 3 tasks

Domains found
domain     passages  known at  true topic  true passages  label
d1         0–299          329  kitchen     0–301          salt, oven
d2         300–619        650  weather     302–619
d1 (back)  620–699        699  kitchen     620–699        salt, oven
True boundaries found: 2 of 2, at most 2 passages off

Perplexity on held-out text, before and after each task (lower is better)
domain  base  task 1: d1  task 2: d2  task 3: d1
d1       215         159         159
d2       372                     270         270
d1.2     224                                 148

Forgetting: 0 (proved after every task)
Neurons: 1,024 of 2,048 claimed (50 %), 128 of them by several domains

Put aside: 1 record without a passage, with reasons in dead.jsonl

Checkpoints: out/demo, main is d1
  d1  cccccccccccccccccccccccccccccccccccccccc  18 MB with the base  salt, oven
  d2  bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb  18 MB with the base

To load the newest one:
  cpt export out/demo --to ./demo-main

transformers.js:
  import { env, pipeline } from '@huggingface/transformers';
  env.allowRemoteModels = false;
  env.localModelPath = ".";
  const fill = await pipeline('fill-mask', "demo-main", { dtype: 'fp32' });

Python:
  from transformers import AutoModelForMaskedLM, AutoTokenizer
  tokenizer = AutoTokenizer.from_pretrained("./demo-main")
  model = AutoModelForMaskedLM.from_pretrained("./demo-main", trust_remote_code=True)

Next:
  cpt inspect out/demo    what it holds
  cpt verify out/demo     that every hash is right
  cpt run --feed FILE   your own text: JSON Lines with a field "text", or plain lines`,
  );
});

test('what was withdrawn since is not among the checkpoints, and its neurons are free', () => {
  const input = { lineage, truth: null, out: 'out', deadLetters: null, program: 'cpt' };
  const gone = (domain: string, ...tasks: number[]): CptEvent => {
    const revisions = tasks.map((task) => ({ ref: domain, task, revision: 'a'.repeat(40) }));
    return { ...withdrawn(lineage, domain), revisions };
  };
  const lines = reportLines({ ...input, events: [...RUN, gone('d1', 1, 3)] });
  const at = lines.indexOf('Checkpoints: out/demo, main is d2');
  assert.ok(at > 0 && lines[at + 1]!.startsWith('  d2  bbbb') && lines[at + 2] === '');
  assert.ok(lines.includes('Neurons: 500 of 1,000 claimed (50 %), 100 of them by several domains'));
  const none = reportLines({ ...input, events: [...RUN, gone('d1', 1, 3), gone('d2', 2)] });
  assert.equal(none.at(-1), 'No checkpoint is left: all were withdrawn.');
});

test('events that were told twice count once', () => {
  const input = { lineage, truth: null, out: 'out', deadLetters: null, program: 'cpt' };
  const once = RUN.filter((event) => event.event !== 'DeadLetter');
  assert.deepEqual(
    reportLines({ ...input, events: [...once, ...once] }),
    reportLines({ ...input, events: once }),
  );
});

test('without truth and without domains the report says what there is', () => {
  const input = { lineage, truth: null, out: 'out', deadLetters: null, program: 'cpt' };
  assert.deepEqual(reportLines({ ...input, events: [] }), [
    'Lineage demo: 0 domains, 0 tasks',
    '',
    'No checkpoint was published: no domain was closed and trained.',
  ]);
  const [, , , head] = reportLines({ ...input, events: [closed('d1', 0, 9, 9)] });
  assert.equal(head, 'domain  passages  known at');
});

test('missed boundaries and false alarms are counted', () => {
  const events = [closed('d1', 0, 99, 130), closed('d2', 100, 699, 699)];
  const lines = reportLines({ lineage, events, truth: TRUTH, out: 'out', deadLetters: null, program: 'cpt' });
  assert.ok(lines.includes('True boundaries found: 0 of 2, 2 missed, 1 false alarm'), lines.join('\n'));
});

test('forgetting is 0 only where it is exactly 0 and proved', () => {
  const kept = trained(1, 'd1', [['d1', 5, 4, 4]]);
  assert.equal(forgettingLine([kept]), 'Forgetting: 0 (proved after every task)');
  const drifted = trained(2, 'd2', [['d1', 5, 4, 4 + 2 ** -40]]);
  assert.equal(forgettingLine([kept, drifted]), 'Forgetting: 9.1e-13 nats (weights proved after every task)');
  const lost = trained(2, 'd2', [['d1', 5, 4, 4.25]], false);
  assert.equal(
    forgettingLine([kept, lost, trained(3, 'd3', [], false)]),
    'Forgetting: 0.250 nats, NOT PROVED after tasks 2, 3: an earlier domain changed',
  );
});

test('many tasks give a table of the first and the last measurement', () => {
  const tasks = Array.from({ length: 7 }, (_, at) => {
    const losses = Array.from({ length: at + 1 }, (_, k) => [`d${k + 1}`, 5, 4, 4] as const);
    return trained(at + 1, `d${at + 1}`, losses);
  });
  assert.deepEqual(lossLines(tasks).slice(0, 3), [
    'Perplexity on held-out text (lower is better)',
    'domain  base  published   now',
    'd1       148       54.6  54.6',
  ]);
  assert.equal(lossLines(tasks).length, 9);
});

test('a folder that a shell would take apart is quoted', () => {
  const lines = reportLines({
    lineage,
    events: RUN,
    truth: null,
    out: "my out/it's",
    deadLetters: null,
    program: 'cpt',
  });
  assert.ok(lines.includes(`  cpt export 'my out/it'\\''s/demo' --to ./demo-main`));
});

test("the sample's own topics give the true stretches", () => {
  const sample = readFileSync(new URL('../../pipelines/sample/sample.jsonl', import.meta.url), 'utf8');
  const stretches = stretchesOf(sample)!;
  assert.deepEqual(
    stretches.map(({ topic }) => topic),
    ['kitchen', 'weather', 'incidents', 'kitchen', 'garden'],
  );
  assert.equal(stretches[0]!.first, 0);
  for (const [at, { first }] of stretches.entries()) {
    if (at > 0) assert.equal(first, stretches[at - 1]!.last + 1);
  }
  assert.equal(stretchesOf('{"text":"x"}\n'), null);
});
