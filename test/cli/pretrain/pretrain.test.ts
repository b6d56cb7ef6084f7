/** `cpt pretrain` from text to a base that loads, on a model of a few thousand parameters. */
import assert from 'node:assert/strict';
import fs from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { dispatch } from '../../../src/cli/dispatch.ts';
import { loadBase } from '../../../src/edge/base.ts';
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
fs.writeFileSync(at('held-out.txt'), `${tinyPassages('kitchen', 30, makeRng('held out')).join('\n')}\n`);

const SIZES =
  '--hidden 16 --heads 2 --layers 1 --intermediate 32 --max-length 64 --batch 4 --length 32'.split(' ');
const RATES = '--warmup 4 --learning-rate 0.01 --save-every 10 --threads 1'.split(' ');
const FILES = [
  '--data',
  at('data.jsonl.gz'),
  '--held-out',
  at('held-out.txt'),
  '--tokenizer',
  at('tokenizer'),
];

interface Ended {
  readonly status: number;
  readonly out: string;
  readonly err: string;
}

async function pretrain(name: string, argv: string[], options: FakeHostOptions = {}): Promise<Ended> {
  const host = fakeHost(options);
  const places = ['--out', at(name), '--work', at(`${name}-work`)];
  const status = await dispatch(['pretrain', ...FILES, ...SIZES, ...RATES, ...places, ...argv], host);
  return { status, out: host.out(), err: host.err() };
}

const weightsOf = (name: string): string =>
  fs.readFileSync(at(`${name}/model.safetensors`)).toString('base64');
const points = (name: string) =>
  JSON.parse(fs.readFileSync(at(`${name}/curve.json`), 'utf8')) as { step: number; heldOutLoss: number }[];

test('a base that loads, a falling loss, a curve, a card', async () => {
  const { status, out, err } = await pretrain('whole', [
    '--steps',
    '40',
    '--decay',
    '20',
    '--source',
    'made up',
  ]);
  assert.equal(status, 0, err);
  assert.match(out, /^240 texts, \d+ tokens$/m);
  assert.match(out, /^step 40 of 40: 5,120 tokens, loss \d/m);
  assert.match(out, /wrote .*whole: step 40, held-out loss \d/);
  assert.deepEqual(
    points('whole').map(({ step }) => step),
    [10, 20, 30, 40],
  );
  assert.ok(points('whole').at(-1)!.heldOutLoss < points('whole')[0]!.heldOutLoss);
  const base = await loadBase(at('whole'));
  assert.deepEqual([base.config.hidden, base.config.layers, base.config.maxPositions], [16, 1, 66]);
  assert.match(fs.readFileSync(at('whole/README.md'), 'utf8'), /- made up\n[\s\S]*of `held-out\.txt`/);
});

test('interrupted and resumed it ends at the same weights', async () => {
  const { CptError } = await import('../../../src/errors.ts');
  const controller = new AbortController();
  const argv = ['--steps', '40', '--decay', '20', '--source', 'made up'];
  const stopped = await pretrain('parts', argv, {
    signal: controller.signal,
    onOut: (text) => {
      if (text.startsWith('step 20 of'))
        controller.abort(new CptError('CPT_INTERRUPTED', 'Stopped by SIGINT.'));
    },
  });
  assert.equal(stopped.status, 1);
  assert.equal(stopped.err, 'CPT_INTERRUPTED: Stopped by SIGINT.\n');
  assert.ok(!fs.existsSync(at('parts/model.safetensors')));

  const anew = await pretrain('parts', argv);
  assert.match(anew.err, /^CPT_STATE: .* holds a pre-training of 20 steps\. .*--resume/);
  const resumed = await pretrain('parts', ['--resume']);
  assert.equal(resumed.status, 0, resumed.err);
  assert.equal(weightsOf('parts'), weightsOf('whole'));
});

test('by time: it is done about then, at its own last step', async () => {
  const { status, err } = await pretrain('timed', ['--minutes', '0.1']);
  assert.equal(status, 0, err);
  assert.ok(points('timed').at(-1)!.step > 20);
});

test('--export writes the saved state without training', async () => {
  const host = fakeHost();
  const argv = ['pretrain', '--export', '--work', at('whole-work'), '--out', at('again'), '--json'];
  const status = await dispatch(
    [...argv, '--tokenizer', at('tokenizer'), '--held-out', at('held-out.txt')],
    host,
  );
  assert.equal(status, 0, host.err());
  assert.equal(weightsOf('again'), weightsOf('whole'));
});

test('a state of other sizes is not gone on with', async () => {
  const { status, err } = await pretrain('whole', ['--resume', '--steps', '50', '--hidden', '32']);
  assert.equal(status, 1);
  assert.match(err, /^CPT_STATE: .* has \d+ values in .*, not \d+\./);
});

test('what is missing is told before anything is done', async () => {
  const cases: [string[], number, RegExp][] = [
    [['pretrain'], 2, /needs --out/],
    [['pretrain', '--out', at('x')], 2, /needs --data/],
    [
      ['pretrain', '--out', at('x'), '--data', 'y', '--work', at('none')],
      2,
      /needs --steps N or --minutes N/,
    ],
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
