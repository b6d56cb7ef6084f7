/** `cpt pretrain` from text to a base that loads, on a model of a few thousand parameters. */
import assert from 'node:assert/strict';
import fs from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { dispatch } from '../../../src/cli/dispatch.ts';
import { loadBase } from '../../../src/edge/base.ts';
import { CptError } from '../../../src/errors.ts';
import { makeRng } from '../../../src/rng.ts';
import { tinyPassages } from '../../fixtures/tiny.ts';
import { writeTinyBase } from '../../fixtures/tiny-base.ts';
import { type FakeHostOptions, fakeHost } from '../fake-host.ts';

const root = fs.mkdtempSync(path.join(tmpdir(), 'cpt-pretrain-'));
after(() => fs.rmSync(root, { recursive: true, force: true }));
const at = (name: string): string => path.join(root, name);

writeTinyBase(at('tokenizer'));
const texts = ['kitchen', 'sea'].flatMap((topic) => tinyPassages(topic, 120, makeRng(topic)));
fs.writeFileSync(
  at('data.jsonl.gz'),
  gzipSync(texts.map((text) => `${JSON.stringify({ text })}\n`).join('')),
);
fs.writeFileSync(at('other.txt'), `${tinyPassages('garden', 30, makeRng('other')).join('\n')}\n`);
fs.writeFileSync(at('held-out.txt'), `${tinyPassages('kitchen', 30, makeRng('held out')).join('\n')}\n`);

const SIZES = '--hidden 16 --heads 2 --layers 1 --intermediate 32 --max-length 64'.split(' ');
const RATES = '--warmup 0.1 --learning-rate 0.01 --average 5 --save-every 10 --threads 1 --device cpu'.split(
  ' ',
);
const PHASES = ['--phases', '15:8x16@30%,25:4x32@15%'];
const FILES = [
  ...['--data', at('data.jsonl.gz'), '--held-out', at('held-out.txt'), '--held-out', at('other.txt')],
  ...['--tokenizer', at('tokenizer')],
];

interface Ended {
  readonly status: number;
  readonly out: string;
  readonly err: string;
}

async function pretrain(name: string, argv: string[], options: FakeHostOptions = {}): Promise<Ended> {
  const host = fakeHost(options);
  const places = ['--out', at(name), '--work', at(`${name}-work`)];
  const status = await dispatch(['pretrain', ...FILES, ...SIZES, ...places, ...argv], host);
  return { status, out: host.out(), err: host.err() };
}

const weightsOf = (name: string): string =>
  fs.readFileSync(at(`${name}/model.safetensors`)).toString('base64');
const cardOf = (name: string): string => fs.readFileSync(at(`${name}/README.md`), 'utf8');
const points = (name: string) =>
  JSON.parse(fs.readFileSync(at(`${name}/curve.json`), 'utf8')) as { step: number; heldOutLoss: number }[];

/** Stops as soon as the save after `step` is told. */
function stoppedAt(step: number): FakeHostOptions {
  const controller = new AbortController();
  return {
    signal: controller.signal,
    onOut: (text) => {
      if (!text.startsWith(`step ${step} of`)) return;
      controller.abort(new CptError('CPT_INTERRUPTED', 'Stopped by SIGINT.'));
    },
  };
}

test('a base that loads, a falling loss, a curve, a card', async () => {
  const argv = [...RATES, ...PHASES, '--source', 'made up', '--note', 'Tiny.'];
  const { status, out, err } = await pretrain('whole', argv);
  assert.equal(status, 0, err);
  assert.match(out, /^240 texts, \d+ tokens$/m);
  assert.match(out, /^step 40 of 40: 5,120 tokens, loss \d.*, held out \d.*, averaged \d/m);
  assert.match(out, /wrote .*whole: step 40(, averaged)?, held-out loss \d/);
  assert.deepEqual(
    points('whole').map(({ step }) => step),
    [10, 15, 20, 30, 40],
  );
  assert.ok(points('whole').at(-1)!.heldOutLoss < points('whole')[0]!.heldOutLoss);
  const base = await loadBase(at('whole'));
  assert.deepEqual([base.config.hidden, base.config.layers, base.config.maxPositions], [16, 1, 66]);
  const card = cardOf('whole');
  for (const part of [
    '- made up\n',
    'Tiny.\n',
    '| `held-out.txt` |',
    '| `other.txt` |',
    '| 16 to 40 | 3,200 |',
  ]) {
    assert.ok(card.includes(part), `${part}\n${card}`);
  }
});

test('interrupted in either phase, or between them, and resumed, it ends at the same weights', async () => {
  for (const step of [10, 15, 20]) {
    const name = `parts-${step}`;
    const stopped = await pretrain(name, [...RATES, ...PHASES], stoppedAt(step));
    assert.equal(stopped.status, 1);
    assert.equal(stopped.err, 'CPT_INTERRUPTED: Stopped by SIGINT.\n');
    assert.ok(!fs.existsSync(at(`${name}/model.safetensors`)));
    const anew = await pretrain(name, [...RATES, ...PHASES]);
    assert.match(anew.err, new RegExp(`^CPT_STATE: .* holds a pre-training of ${step} steps\\. .*--resume`));
    const again =
      step === 15 ? [...RATES, ...PHASES] : ['--save-every', '10', '--threads', '1', '--device', 'cpu'];
    const resumed = await pretrain(name, ['--resume', ...again]);
    assert.equal(resumed.status, 0, resumed.err);
    assert.equal(weightsOf(name), weightsOf('whole'));
    assert.deepEqual(points(name), points('whole'));
  }
});

test('a finished one is gone on with in a new round, and the card tells both', async () => {
  assert.match((await pretrain('parts-20', ['--resume'])).err, /^CPT_USAGE: This pre-training is at its end/);
  const more = [
    '--resume',
    '--steps',
    '6',
    '--learning-rate',
    '0.002',
    '--fall',
    'cosine',
    '--threads',
    '1',
    '--device',
    'cpu',
  ];
  const { status, err } = await pretrain('parts-20', more);
  assert.equal(status, 0, err);
  const card = cardOf('parts-20');
  assert.match(
    card,
    /\| 1 to 15 \| 1,920 \| .* \| 0\.01, rises over 10 %, linear to 0 \|\n\| 16 to 40 \| 3,200 \| .* \| goes on \|/,
  );
  assert.match(card, /\| 41 to \d+ \|.* \| 0\.002, rises over 10 %, cosine to 0 \|/);
  assert.match(card, /: 46 steps, /);
  assert.notEqual(weightsOf('parts-20'), weightsOf('whole'));
});

test('by time: it is done about then, at its own last step', async () => {
  const { status, err } = await pretrain('timed', [...RATES, '--minutes', '0.1']);
  assert.equal(status, 0, err);
  assert.ok(points('timed').at(-1)!.step > 20);
});

test('--export writes the saved state without training', async () => {
  const host = fakeHost();
  const argv = ['pretrain', '--export', '--work', at('whole-work'), '--out', at('again'), '--json'];
  const status = await dispatch([...argv, '--held-out', at('held-out.txt')], host);
  assert.equal(status, 0, host.err());
  assert.equal(weightsOf('again'), weightsOf('whole'));
  assert.match(cardOf('again'), /- made up\n/);
});

test('a text that fills no block is not measured on', async () => {
  fs.writeFileSync(at('short.txt'), 'Too short.\n');
  const argv = ['pretrain', '--export', '--work', at('whole-work'), '--out', at('short')];
  const host = fakeHost();
  assert.equal(await dispatch([...argv, '--held-out', at('short.txt')], host), 1);
  assert.match(
    host.err(),
    /^CPT_FEED: There are \d+ tokens to measure on: `short\.txt`\. Give .* of 62 tokens or more/,
  );
  assert.ok(!fs.existsSync(at('short')));
});

test('the sizes of a state are not changed', async () => {
  const { status, err } = await pretrain('whole', ['--resume', '--steps', '50', '--hidden', '32']);
  assert.equal(status, 2);
  assert.match(err, /^CPT_USAGE: --hidden 32 is not the 16 that it was begun with/);
});

test('what is missing is told before anything is done', async () => {
  const cases: [string[], number, RegExp][] = [
    [['pretrain'], 2, /needs --out/],
    [['pretrain', '--out', at('x')], 2, /needs --data/],
    [['pretrain', '--out', at('x'), '--data', 'y', '--work', at('none')], 2, /needs --minutes N, --steps N/],
    [
      ['pretrain', '--out', at('x'), '--data', 'y', '--work', at('none'), '--resume'],
      1,
      /no saved pre-training/,
    ],
    [
      [
        'pretrain',
        '--out',
        at('x'),
        '--data',
        at('no.txt'),
        '--steps',
        '1',
        '--work',
        at('none'),
        '--tokenizer',
        at('tokenizer'),
      ],
      1,
      /CPT_FEED: .*no such file/,
    ],
    [
      [
        'pretrain',
        '--out',
        at('x'),
        '--data',
        'y',
        '--steps',
        '1',
        '--work',
        at('none'),
        '--tokenizer',
        root,
      ],
      1,
      /CPT_TOKENIZER: .*tokenizer\.json cannot be read/,
    ],
  ];
  for (const [argv, status, line] of cases) {
    const host = fakeHost();
    assert.equal(await dispatch(argv, host), status, argv.join(' '));
    assert.match(host.err(), line);
  }
});
