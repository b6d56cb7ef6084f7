import assert from 'node:assert/strict';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { after, test } from 'node:test';
import { encodeSafetensors } from '../../../src/checkpoint/index.ts';
import { LineageFolder } from '../../../src/edge/trainer/lineage-folder.ts';
import { pluginPlaces } from '../../../src/plugin/config.ts';
import type { Kept } from '../../../src/plugin/kept.ts';
import type { NeuronRows } from '../../../src/plugin/neurons.ts';
import { makeRng, type Rng } from '../../../src/rng.ts';
import { withTask } from '../../../src/train/archive.ts';
import { freshLineage, type Lineage } from '../../../src/train/lineage.ts';
import { pluginConfigFor } from '../../../src/train/options.ts';
import type { Segment } from '../../../src/train/segment.ts';
import { tinyConfig, tinyTask } from '../../fixtures/tiny.ts';

const plugin = pluginConfigFor(tinyConfig, tinyTask);
const { hidden } = plugin;
const place = fs.mkdtempSync(path.join(os.tmpdir(), 'cpt-lineage-'));
after(() => fs.rmSync(place, { recursive: true }));

/** A task that writes some neurons below `width`, newly or again. */
function segment(task: number, width: number, rng: Rng): Segment {
  const some = (size: number) =>
    Uint32Array.from({ length: size }, (_, at) => at).filter((at) => at >= size - 2 || rng.uniform() < 0.4);
  const floats = (length: number) => Float32Array.from({ length }, () => rng.normal());
  const written: Record<string, { rows: NeuronRows; outputBias: Float32Array }> = {};
  const kept: Record<string, Kept[string]> = {};
  const hashes: Record<string, Uint8Array> = {};
  for (const { name } of pluginPlaces(plugin)) {
    const index = some(width);
    const n = index.length;
    written[name] = {
      rows: { index, fc1: floats(n * hidden), bias: floats(n), fc2: floats(n * hidden) },
      outputBias: floats(hidden),
    };
    kept[name] = { index1: index, index2: some(hidden) };
    hashes[name] = Uint8Array.from({ length: 32 * n }, () => rng.int(256));
  }
  return {
    plugin,
    widths: Object.fromEntries(pluginPlaces(plugin).map(({ name }) => [name, width])),
    version: {
      task,
      domain: task === 2 ? '海' : 'd1',
      version: task === 3 ? 2 : 1,
      kept,
      baseLoss: 5.5 + task / 3,
      publishedLoss: 5 + task / 7,
      proof: 'a'.repeat(64),
      probe: 'b'.repeat(64),
    },
    detail: { heldOut: Array.from({ length: task }, () => Int32Array.of(1, 2, task)), hashes },
    written,
    note: { any: ['JSON', task, null] },
  };
}

const rng = makeRng('segments');
const segments = [8, 12, 20].map((width, at) => segment(at + 1, width, rng));

/** The same life in memory. */
function inMemory(count: number): Lineage {
  return segments.slice(0, count).reduce<Lineage>(
    (before, { widths, version, detail, written }) => ({
      plugin,
      tasks: version.task,
      widths,
      versions: [...before.versions, version],
      retired: [],
      archive: withTask(plugin, before.archive, version.task, written, detail),
    }),
    freshLineage(plugin),
  );
}

async function filled(name: string): Promise<string> {
  const folder = path.join(place, name);
  const lineage = new LineageFolder(folder);
  for (const own of segments) await lineage.write(own.version.task, own);
  return folder;
}

test('a lineage comes back from its segments as it was after each task, neuron by neuron', async () => {
  const folder = await filled('whole');
  for (const reader of [new LineageFolder(folder), new LineageFolder(folder)]) {
    for (const task of [3, 1, 2]) {
      const found = reader.read(task, plugin);
      const expected = inMemory(task);
      const { archive: _, ...rest } = expected;
      const { archive, ...own } = found;
      assert.deepEqual(own, rest);
      for (const { name } of pluginPlaces(plugin)) {
        const known = new Set(
          segments.slice(0, task).flatMap(({ written }) => [...written[name]!.rows.index]),
        );
        const index = Uint32Array.from([...known].sort((a, b) => a - b));
        assert.deepEqual(archive.rows(name, index), expected.archive.rows(name, index));
        const few = index.filter((_, at) => at % 3 === 1);
        assert.deepEqual(archive.rows(name, few), expected.archive.rows(name, few));
        assert.deepEqual(archive.outputBias(name), expected.archive.outputBias(name));
      }
      for (let of = 1; of <= task; of++) assert.deepEqual(archive.detail(of), segments[of - 1]!.detail);
    }
  }
  const reader = new LineageFolder(folder);
  assert.deepEqual(reader.tasks(), [1, 2, 3]);
  assert.deepEqual(reader.segment(2)!.head.note, { any: ['JSON', 2, null] });
  assert.equal(reader.segment(4), null);
  const { tasks, versions, widths } = new LineageFolder(path.join(place, 'none')).read(0, plugin);
  assert.deepEqual([tasks, versions.length, ...Object.values(widths)], [0, 0, 0, 0, 0, 0]);
});

test('a neuron that nobody wrote, and the file of a task that is gone, are told', async () => {
  const folder = await filled('gaps');
  const { archive } = new LineageFolder(folder).read(3, plugin);
  const name = pluginPlaces(plugin)[0]!.name;
  assert.throws(() => archive.rows(name, Uint32Array.of(4000)), {
    code: 'CPT_STATE',
    message: /neuron 4000/,
  });
  assert.throws(() => archive.detail(9), { code: 'CPT_STATE', message: /task 9/ });
  fs.rmSync(path.join(folder, '000002.safetensors'));
  assert.throws(() => new LineageFolder(folder).read(3, plugin), { code: 'CPT_STATE', message: /task 2/ });
});

test('equal segments give equal bytes; a file of another format or none is refused', async () => {
  const [one, two] = [await filled('one'), await filled('two')];
  const bytes = (folder: string) => fs.readFileSync(path.join(folder, '000003.safetensors'));
  assert.ok(bytes(one).equals(bytes(two)));
  const refused = (content: Uint8Array, expected: object) => {
    fs.writeFileSync(path.join(one, '000003.safetensors'), content);
    assert.throws(() => new LineageFolder(one).segment(3), expected);
  };
  refused(encodeSafetensors({}, { format: '9' }), { code: 'CPT_STATE_VERSION', message: /000003/ });
  refused(encodeSafetensors({}, { format: '2' }), { code: 'CPT_STATE' });
  refused(new Uint8Array(4), { code: 'CPT_SAFETENSORS' });
  refused(bytes(two).subarray(0, 5000), { code: 'CPT_SAFETENSORS' });
});
