import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { variableOf } from '../src/config/setting.ts';
import { SETTING_LIST, valueAt } from '../src/config/settings.ts';
import { CONFIG_DEFAULTS, lineageOf, resolveConfig } from '../src/config.ts';
import { CptError } from '../src/errors.ts';
import { problemsOf } from './config/problems.ts';

test('flags go before environment, environment before file, file before defaults', () => {
  const file = { name: 'f.json', json: { task: { passes: 5, batch: 7, length: 64 }, port: 1 } };
  const env = { CPT_BATCH: '8', CPT_LENGTH: '32', CPT_PORT: '' };
  const { config, sources } = resolveConfig({ flags: { length: '16' }, env, file });
  assert.deepEqual(
    [config.task.passes, config.task.batch, config.task.length, config.port, config.task.clip],
    [5, 8, 16, 1, CONFIG_DEFAULTS.task.clip],
  );
  assert.deepEqual(
    (['task.passes', 'task.batch', 'task.length', 'port', 'task.clip'] as const).map((p) => sources[p]),
    [
      { kind: 'file', name: 'f.json' },
      { kind: 'environment', name: 'CPT_BATCH' },
      { kind: 'flag', name: '--length' },
      { kind: 'file', name: 'f.json' },
      { kind: 'default', name: 'default' },
    ],
  );
});

test('all problems are told together, each with setting, value, source and what is allowed', () => {
  const file = {
    name: 'f.json',
    json: { port: '9464', task: { pases: 3, batch: 1.5 }, feeed: 'x', decode: 3 },
  };
  const problems = problemsOf({
    flags: { passes: 'many', 'log-level': 'loud', lineage: 'Ünder' },
    env: { CPT_MAX_STEPS: '-1', CPT_ONCE: 'maybe' },
    file,
  });
  assert.deepEqual(problems, [
    'task.pases: no such setting, from f.json. Did you mean task.passes?',
    'feeed: no such setting, from f.json. Did you mean feed?',
    'decode: 3 from f.json; allowed: an object of settings',
    'once: "maybe" from CPT_ONCE; allowed: true or false',
    'lineage: "Ünder" from --lineage; allowed: 1 to 64 of a-z, 0-9, ".", "_" and "-", a letter or a digit first',
    'port: "9464" from f.json; allowed: a port from 0 (any free one) to 65535, or off',
    'logLevel: "loud" from --log-level; allowed: one of trace, debug, info, warn, error, fatal, silent',
    'task.passes: "many" from --passes; allowed: a number from 0.01 to 10000',
    'task.maxSteps: "-1" from CPT_MAX_STEPS; allowed: a whole number from 1 to 1000000000',
    'task.batch: 1.5 from f.json; allowed: a whole number from 1 to 4096',
  ]);
});

test('a setting at the top of the file that belongs into a section is recognised', () => {
  assert.deepEqual(problemsOf({ file: { name: 'f.json', json: { passes: 3 } } }), [
    'passes: no such setting, from f.json. Did you mean task.passes?',
  ]);
  assert.deepEqual(problemsOf({ file: { name: 'f.json', json: [] } }), [
    'f.json: the file holds no JSON object',
  ]);
});

test('settings that contradict each other are told', () => {
  assert.deepEqual(
    problemsOf({ flags: { 'min-steps': '10', 'max-steps': '5', 'min-passages': '9', 'max-passages': '8' } }),
    [
      'task.minSteps: 10; allowed: task.maxSteps (5) or less',
      'segmenter.minPassages: 9; allowed: segmenter.maxPassages (8) or less',
    ],
  );
});

test('a sentence encoder is named where it is used, and nowhere else', () => {
  assert.deepEqual(problemsOf({ flags: { features: 'encoder' } }), [
    'segmenter.features: encoder; it needs segmenter.encoder, a folder or a hub id',
  ]);
  assert.deepEqual(problemsOf({ env: { CPT_ENCODER: 'acme/mini' } }), [
    'segmenter.encoder: acme/mini; it has no effect with segmenter.features lexical',
  ]);
  const { segmenter } = resolveConfig({ flags: { features: 'encoder', encoder: 'acme/mini' } }).config;
  assert.deepEqual([segmenter.features, segmenter.encoder], ['encoder', 'acme/mini']);
});

test('a Kafka feed that is wrong is told with what is wrong about it', () => {
  assert.match(
    problemsOf({ flags: { feed: 'kafka://broker:9092' } })[0]!,
    /^feed: .* from --feed; .*no topic\.$/,
  );
  assert.match(problemsOf({ flags: { feed: 'kafka://broker:x/t' } })[0]!, /no host:port\.$/);
  assert.equal(resolveConfig({ flags: { feed: 'kafka://a:1,b:2/t' } }).config.lineage, 't');
});

test('logging in needs a name and a password', () => {
  assert.deepEqual(problemsOf({ flags: { 'kafka-mechanism': 'plain', 'kafka-username': 'ann' } }), [
    'kafka.mechanism: plain; it needs kafka.username and kafka.password',
  ]);
});

test('a number that is no decimal number is refused, not guessed', () => {
  for (const passes of ['', ' ', '0x10', 'NaN', 'Infinity', '1e', '1,5', '--', 'null', '1e999']) {
    assert.equal(problemsOf({ flags: { passes } }).length, 1, passes);
  }
  assert.equal(resolveConfig({ flags: { passes: ' 1.5e1 ' } }).config.task.passes, 15);
});

test('port takes a number or off; seconds take a number or off', () => {
  assert.equal(resolveConfig({ flags: { port: 'off' } }).config.port, 'off');
  assert.equal(resolveConfig({ env: { CPT_PORT: '0' } }).config.port, 0);
  assert.equal(problemsOf({ env: { CPT_PORT: 'tcp://10.0.0.1:9464' } }).length, 1);
  const { config } = resolveConfig({ flags: { 'max-age': 'off', 'max-idle': '60' } });
  assert.deepEqual(
    [config.segmenter.maxAgeSeconds, config.segmenter.maxIdleSeconds],
    [Number.POSITIVE_INFINITY, 60],
  );
});

test('a size is bytes, or a number with a unit, or off', () => {
  const { maxMemory } = CONFIG_DEFAULTS.trainer;
  assert.equal(maxMemory, Number.POSITIVE_INFINITY);
  for (const [given, bytes] of [
    ['4GB', 4e9],
    ['4 GiB', 4 * 2 ** 30],
    ['512Mi', 512 * 2 ** 20],
    ['1.5g', 1.5e9],
    ['2000000', 2e6],
    ['0', Number.POSITIVE_INFINITY],
    ['off', Number.POSITIVE_INFINITY],
  ] as const) {
    assert.equal(resolveConfig({ flags: { 'max-memory': given } }).config.trainer.maxMemory, bytes, given);
  }
  const file = { name: 'f.json', json: { trainer: { maxMemory: 4e9 } } };
  assert.equal(resolveConfig({ file }).config.trainer.maxMemory, 4e9);
  for (const wrong of ['', '4 apples', '-4GB', '1e9', '4', '1PB', 'GB', 'NaN']) {
    assert.match(
      problemsOf({ flags: { 'max-memory': wrong } })[0]!,
      /^trainer.maxMemory: .*allowed: bytes/,
      wrong,
    );
  }
});

test('switches can be turned off by a stronger source', () => {
  const file = { name: 'f.json', json: { json: true, once: true } };
  const { config } = resolveConfig({ flags: { json: false }, env: { CPT_ONCE: 'no' }, file });
  assert.deepEqual([config.json, config.once], [false, false]);
});

test('the result is frozen to its leaves and the defaults stay as they are', () => {
  const before = structuredClone(CONFIG_DEFAULTS);
  const { config } = resolveConfig({ flags: { passes: '2' } });
  assert.throws(() => Object.assign(config.task, { passes: 9 }), TypeError);
  assert.throws(() => Object.assign(config, { feed: 'x' }), TypeError);
  assert.deepEqual(CONFIG_DEFAULTS, before);
});

test('every value of the defaults has one setting, and every flag and variable is its own', () => {
  const leaves = (value: object, prefix = ''): string[] =>
    Object.entries(value).flatMap(([key, inner]) =>
      typeof inner === 'object' ? leaves(inner, `${prefix}${key}.`) : [`${prefix}${key}`],
    );
  assert.deepEqual(SETTING_LIST.map((setting) => setting.path).sort(), leaves(CONFIG_DEFAULTS).sort());
  assert.equal(new Set(SETTING_LIST.map(variableOf)).size, SETTING_LIST.length);
});

test('every default passes its own check, as flag and from the file', () => {
  const given = SETTING_LIST.filter(({ fallback }) => fallback !== '');
  const text = (value: unknown) => (value === Number.POSITIVE_INFINITY ? 'off' : String(value));
  const flags = Object.fromEntries(given.map(({ flag, fallback }) => [flag, text(fallback)]));
  const expected = resolveConfig().config;
  assert.deepEqual(resolveConfig({ flags }).config, expected);
  const json = JSON.parse(
    JSON.stringify(CONFIG_DEFAULTS, (key, value: unknown) => {
      if (key === 'lineage') return undefined;
      return value === Number.POSITIVE_INFINITY ? 'off' : value;
    }),
  ) as unknown;
  assert.deepEqual(resolveConfig({ file: { name: 'f', json } }).config, expected);
});

test('a mistyped variable is warned about, what an orchestrator sets is not', () => {
  const { warnings } = resolveConfig({
    env: { CPT_PASES: '3', CPT_SERVICE_HOST: '10.0.0.1', CPT_DEBUG: '1' },
  });
  assert.deepEqual(warnings, [
    'The variable CPT_PASES is not a setting and has no effect. Did you mean CPT_PASSES?',
  ]);
});

test("a lineage is named after its feed, and the name is always a lineage's", () => {
  const names: [string, string][] = [
    ['bundled', 'sample'],
    ['-', 'stdin'],
    ['data/Reviews 2024.jsonl.gz', 'reviews-2024'],
    ['kafka://ann:pw@broker:9092/news.en', 'news.en'],
    ['kafka://broker:9092/news,reviews', 'news-reviews'],
    ['kafka://broker:9092/~^reviews\\..*', 'reviews'],
    ['.hidden.txt', 'hidden'],
    ['C:\\feeds\\a.ndjson', 'a'],
    ['/日本.jsonl', 'lineage'],
  ];
  for (const [feed, name] of names) assert.equal(lineageOf(feed), name, feed);
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (feed) => /^[a-z0-9][a-z0-9._-]{0,63}$/.test(lineageOf(feed))),
  );
});

test('no input makes anything but a configuration or CPT_CONFIG', () => {
  const keys = fc.constantFrom(...SETTING_LIST.map((setting) => setting.flag));
  fc.assert(
    fc.property(fc.dictionary(keys, fc.string()), fc.jsonValue(), (flags, json) => {
      try {
        const { config } = resolveConfig({ flags, file: { name: 'f', json } });
        assert.equal(typeof valueAt(config, 'task.passes'), 'number');
      } catch (error) {
        assert.ok(error instanceof CptError && error.code === 'CPT_CONFIG');
      }
    }),
    { numRuns: 300 },
  );
});
