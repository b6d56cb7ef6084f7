/** A base that no run can train on is told from the headers of its files, before anything else is done. */
import assert from 'node:assert/strict';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { encodeSafetensors, fromFloat32, type StoredTensor } from '../../src/checkpoint/index.ts';
import { checkHead } from '../../src/edge/base-head.ts';
import type { RobertaConfig } from '../../src/roberta/config.ts';
import { DECODER, isHead, publishedNames, robertaShapes } from '../../src/roberta/weights.ts';
import { SMALL_FAMILIES, smallBase } from '../checkpoint/help/small-model.ts';

const root = await mkdtemp(join(tmpdir(), 'cpt-head-'));
after(() => rm(root, { recursive: true }));

function tensorsOf(config: RobertaConfig, wanted: (ours: string) => boolean): Record<string, StoredTensor> {
  const shapes = robertaShapes(config);
  const values = smallBase(config);
  return Object.fromEntries(
    [...publishedNames(config)].flatMap(([theirs, ours]) =>
      wanted(ours) ? [[theirs, fromFloat32(values[ours]!, shapes[ours]!)]] : [],
    ),
  );
}

let count = 0;
async function folderWith(files: Readonly<Record<string, string | Uint8Array>>): Promise<string> {
  const folder = join(root, `${count++}`);
  await mkdir(folder);
  for (const [name, content] of Object.entries(files)) await writeFile(join(folder, name), content);
  return folder;
}

const headless = {
  code: 'CPT_BASE',
  message: /^org\/base has no masked-LM head/,
  hint: /pretrain --base org\/base/,
};

for (const [name, config] of Object.entries(SMALL_FAMILIES)) {
  test(`${name}: with its head it passes, without it is refused, whatever decoder is there`, async () => {
    const all = encodeSafetensors(tensorsOf(config, () => true));
    await checkHead(await folderWith({ 'model.safetensors': all }), config, 'org/base');
    for (const wanted of [
      (ours: string) => !isHead(ours),
      (ours: string) => !isHead(ours) || ours === DECODER,
    ]) {
      const encoder = encodeSafetensors(tensorsOf(config, wanted));
      const folder = await folderWith({ 'model.safetensors': encoder });
      await assert.rejects(checkHead(folder, config, 'org/base'), headless);
    }
  });
}

test('the head may be in any shard', async () => {
  const config = SMALL_FAMILIES.bert;
  const shards = {
    'a.safetensors': tensorsOf(config, (ours) => !isHead(ours)),
    'b.safetensors': tensorsOf(config, isHead),
  };
  const files = Object.entries(shards).map(([file, tensors]) => [file, encodeSafetensors(tensors)] as const);
  const index = (some: readonly string[]) =>
    JSON.stringify({ weight_map: Object.fromEntries(some.map((file) => [`in ${file}`, file])) });
  const both = { ...Object.fromEntries(files), 'model.safetensors.index.json': index(Object.keys(shards)) };
  await checkHead(await folderWith(both), config, 'org/base');
  const one = { ...both, 'model.safetensors.index.json': index(['a.safetensors']) };
  await assert.rejects(checkHead(await folderWith(one), config, 'org/base'), headless);
});

test('files that are missing, cut off or none show too', async () => {
  const config = SMALL_FAMILIES.distilbert;
  const whole = encodeSafetensors(tensorsOf(config, () => true));
  const refused = async (content: Uint8Array, message: RegExp) =>
    assert.rejects(checkHead(await folderWith({ 'model.safetensors': content }), config, 'org/base'), {
      code: 'CPT_SAFETENSORS',
      message,
    });
  await refused(whole.subarray(0, whole.length - 4), /model\.safetensors: .* ends at byte/);
  await refused(whole.subarray(0, 100), /model\.safetensors: The header claims/);
  await refused(whole.subarray(0, 5), /fewer than 8/);
  await refused(new Uint8Array(0), /fewer than 8/);
  await assert.rejects(checkHead(await folderWith({}), config, 'org/base'), { code: 'CPT_BASE' });
  const folder = await folderWith({});
  await mkdir(join(folder, 'model.safetensors'));
  await assert.rejects(checkHead(folder, config, 'org/base'), { code: 'CPT_BASE', message: /EISDIR/ });
});
