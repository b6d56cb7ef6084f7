import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  buildRevision,
  decodePlugins,
  decodeSafetensors,
  parseManifest,
  pieces,
  type Revision,
  revisionOf,
  sha256,
  toFloat32,
} from '../../src/checkpoint/index.ts';
import { maskSpelling } from '../../src/checkpoint/model-card.ts';
import { parseRobertaConfig } from '../../src/roberta/config.ts';
import { FAMILIES } from '../../src/roberta/families/index.ts';
import { publishedNames, robertaShapes } from '../../src/roberta/weights.ts';
import { pruneDense } from './help/dense.ts';
import { randomMasks, SMALL, SMALL_FAMILIES, smallPlugin, smallPlugins } from './help/small-model.ts';
import { smallInput, smallRevision, smallTokenizer } from './help/small-revision.ts';

const bytesOf = (revision: Revision, path: string) =>
  new Uint8Array(Buffer.concat(pieces(revision.files.find((file) => file.path === path)!.chunks)));
const jsonOf = (revision: Revision, path: string) =>
  JSON.parse(new TextDecoder().decode(bytesOf(revision, path))) as Record<string, unknown>;

test('a revision has the files that hub clients expect, each as the manifest says', () => {
  const revision = smallRevision();
  assert.deepEqual(
    revision.files.map((file) => file.path),
    [
      'LICENSE',
      'README.md',
      'base.safetensors',
      'config.json',
      'model.safetensors.index.json',
      'modeling_cpt.py',
      'onnx/model.onnx',
      'onnx/model.onnx_data',
      'onnx/model_quantized.onnx',
      'plugin.safetensors',
      'router.json',
      'special_tokens_map.json',
      'tokenizer.json',
      'tokenizer_config.json',
    ],
  );
  for (const { path, size, sha256: digest } of revision.files) {
    const bytes = bytesOf(revision, path);
    assert.equal(bytes.byteLength, size, path);
    assert.equal(sha256(bytes), digest, path);
  }
  assert.deepEqual(parseManifest(revision.manifestBytes), revision.manifest);
  assert.equal(revisionOf(revision.manifestBytes), revision.revision);
  assert.deepEqual(revision.refs, ['d1', 'd1.1', 'main']);
});

test('equal inputs give equal bytes; neurons of others do not reach them', () => {
  const plugin = smallPlugin();
  const masks = randomMasks(plugin, 'd1');
  const plugins = smallPlugins(plugin);
  for (const [name, { mask2 }] of Object.entries(masks)) {
    for (const [j, keeps] of mask2.entries()) if (keeps === 0) plugins[`${name}.fc2.bias`]![j] = 99;
  }
  const first = smallRevision();
  const pruned = pruneDense(plugin, plugins, masks);
  const second = smallRevision({ pruned, base: { ...smallInput().base } });
  assert.equal(second.revision, first.revision);
  assert.deepEqual(second, first);
  assert.notEqual(smallRevision({ tokens: 1 }).revision, first.revision);
});

test('the weights are the base’s and the domain’s, by the index', () => {
  const input = smallInput();
  const revision = buildRevision(input);
  const base = decodeSafetensors(bytesOf(revision, 'base.safetensors'));
  assert.deepEqual(Object.keys(base.tensors).sort(), Object.keys(robertaShapes(SMALL)).sort());
  for (const [name, data] of Object.entries(input.base))
    assert.deepEqual(toFloat32(base.tensors[name]!), data);
  const plugins = bytesOf(revision, 'plugin.safetensors');
  assert.deepEqual(decodePlugins(input.plugin, plugins), input.pruned);
  assert.equal(revision.manifest.proof, sha256(plugins));
  const index = jsonOf(revision, 'model.safetensors.index.json') as {
    weight_map: Record<string, string>;
    metadata: { total_size: number };
  };
  let total = 0;
  for (const file of ['base.safetensors', 'plugin.safetensors']) {
    const { tensors } = decodeSafetensors(bytesOf(revision, file));
    const listed = Object.keys(index.weight_map).filter((name) => index.weight_map[name] === file);
    assert.deepEqual(listed.sort(), Object.keys(tensors).sort());
    for (const { data } of Object.values(tensors)) total += data.byteLength;
  }
  assert.equal(index.metadata.total_size, total);
});

test('domains share the base’s bytes and the ONNX weights, and differ in their own', () => {
  const one = smallRevision();
  const two = smallRevision({ domain: 'd2', task: 2, parents: [one.revision] });
  const digest = (of: Revision, path: string) => of.files.find((file) => file.path === path)!.sha256;
  assert.equal(digest(one, 'onnx/model.onnx_data'), digest(one, 'base.safetensors'));
  for (const path of ['base.safetensors', 'onnx/model.onnx_data'])
    assert.equal(digest(one, path), digest(two, path));
  for (const path of ['plugin.safetensors', 'onnx/model.onnx', 'onnx/model_quantized.onnx', 'README.md']) {
    assert.notEqual(digest(one, path), digest(two, path), path);
  }
});

test('config.json tells Python the class and the sizes, transformers.js the shape of its files', () => {
  const input = smallInput();
  const config = jsonOf(buildRevision(input), 'config.json');
  const kept = (site: 'attention' | 'ffn') =>
    [0, 1].map((layer) => {
      const own = input.pruned.find(({ place }) => place.name === `cpt.layer.${layer}.${site}`)!;
      return [own.index1.length, own.index2.length];
    });
  assert.equal(config.model_type, 'roberta');
  assert.equal(config.hidden_size, SMALL.hidden);
  assert.deepEqual(config.auto_map, {
    AutoModel: 'modeling_cpt.CptRobertaModel',
    AutoModelForMaskedLM: 'modeling_cpt.CptRobertaForMaskedLM',
  });
  assert.deepEqual(config.cpt, {
    lineage: 'sample',
    domain: 'd1',
    version: 1,
    placement: 'sequential',
    widths: { attention: 16, ffn: 20 },
    kept: { attention: kept('attention'), ffn: kept('ffn') },
  });
  assert.deepEqual(config['transformers.js_config'], { use_external_data_format: { 'model.onnx': true } });
});

test('a base of another family is published as such: names, config.json, Python classes, card', () => {
  for (const config of Object.values(SMALL_FAMILIES)) {
    const { title, classes, fields } = FAMILIES[config.family];
    const revision = smallRevision({ config });
    const published = jsonOf(revision, 'config.json');
    assert.equal(published.model_type, config.family);
    assert.equal(published[fields.hidden!], config.hidden);
    assert.equal(published.tie_word_embeddings, config.tied ? undefined : false);
    assert.deepEqual(parseRobertaConfig(published), config); // what is published can be a base
    const python = Buffer.from(bytesOf(revision, 'modeling_cpt.py')).toString();
    for (const [kind, name] of Object.entries(published.auto_map as Record<string, string>)) {
      assert.equal(name, `modeling_cpt.Cpt${classes}${kind.replace('Auto', '').replace('ModelFor', 'For')}`);
      assert.ok(python.includes(`\nclass ${name.replace('modeling_cpt.', '')}(${classes}`), name);
    }
    const { tensors } = decodeSafetensors(bytesOf(revision, 'base.safetensors'));
    assert.deepEqual(Object.keys(tensors).sort(), [...publishedNames(config).keys()].sort());
    for (const [theirs, ours] of publishedNames(config)) {
      assert.deepEqual(toFloat32(tensors[theirs]!), smallInput({ config }).base[ours], theirs);
    }
    const card = Buffer.from(bytesOf(revision, 'README.md')).toString();
    const mask = config.family.includes('roberta') ? '<mask>' : '[MASK]';
    assert.ok(card.includes(`a frozen ${title} with`) && card.includes(`The food was ${mask}.`), title);
  }
});

test('a card is written whatever tokenizer_config.json holds', () => {
  for (const [file, mask] of [
    [undefined, '<usual>'],
    ['{', '<usual>'],
    ['{"do_lower_case":true}', '<usual>'],
    ['{"mask_token":{"content":"[MASK]","lstrip":true}}', '[MASK]'],
    ['{"mask_token":"`rm` \\n# Title"}', '<usual>'],
  ] as const) {
    assert.equal(maskSpelling(file, '<usual>'), mask);
  }
});

test('merges written as pairs are joined; a tokenizer that is portable already keeps its bytes', () => {
  const strings = smallTokenizer();
  const kept = smallRevision({ tokenizer: strings });
  assert.equal(Buffer.from(bytesOf(kept, 'tokenizer.json')).toString(), strings['tokenizer.json']);
  const joined = jsonOf(smallRevision({ tokenizer: smallTokenizer(true) }), 'tokenizer.json');
  assert.deepEqual(joined, JSON.parse(strings['tokenizer.json']!));
});

test('a label stands in the manifest and on the card; what is not of words is refused', () => {
  const labelled = smallRevision({ label: 'salt, oven' });
  assert.equal(parseManifest(labelled.manifestBytes).label, 'salt, oven');
  const card = Buffer.from(bytesOf(labelled, 'README.md')).toString();
  assert.match(card, /\n\nMost distinctive words of the domain: salt, oven\.\n\n/);
  assert.doesNotMatch(Buffer.from(bytesOf(smallRevision(), 'README.md')).toString(), /distinctive/);
  for (const label of ['', 'a\nb', '[a](b)', '\u202ea', 'x'.repeat(101)]) {
    assert.throws(() => smallRevision({ label }), { code: 'CPT_VERIFY' }, label);
  }
});

test('without a licence there is no LICENSE and the card says so', () => {
  const revision = smallRevision({ licence: null });
  assert.ok(!revision.files.some((file) => file.path === 'LICENSE'));
  const card = Buffer.from(bytesOf(revision, 'README.md')).toString();
  assert.match(card, /licence of the base is not known/);
  assert.doesNotMatch(card, /license:/);
  assert.match(card, /\| 5\.3700 \| 5\.0700 \|/);
  assert.match(card, /500 passages \(123,456 tokens\)/);
});

test('what could not be read again is not published', () => {
  assert.throws(() => smallRevision({ losses: { base: Number.NaN, own: 1 } }), { code: 'CPT_TRAIN' });
  assert.throws(() => smallRevision({ domain: '../d1' }), { code: 'CPT_VERIFY' });
  assert.throws(() => smallRevision({ lineage: 'main' }), { code: 'CPT_VERIFY' });
  assert.throws(() => smallRevision({ parents: ['main'] }), { code: 'CPT_VERIFY' });
  assert.throws(() => smallRevision({ tokenizer: { '../tokenizer.json': '{}' } }), { code: 'CPT_VERIFY' });
});
