import assert from 'node:assert/strict';
import { test } from 'node:test';
import { emptyMasks } from '../../src/plugin/mask.ts';
import { makeRng } from '../../src/rng.ts';
import { freshLineage, type Lineage, type Version } from '../../src/train/lineage.ts';
import { decodeLineage, encodeLineage } from '../../src/train/lineage-file.ts';
import { pluginConfigFor } from '../../src/train/options.ts';
import { tinyConfig, tinyTask } from '../fixtures/tiny.ts';

const plugin = pluginConfigFor(tinyConfig, tinyTask);
const rng = makeRng('file');
const version = (task: number, domain: string): Version => {
  const masks = emptyMasks(plugin);
  for (const { mask1, mask2 } of Object.values(masks)) {
    for (const mask of [mask1, mask2]) for (let at = 0; at < mask.length; at++) mask[at] = rng.int(2);
  }
  return {
    task,
    domain,
    version: 1,
    masks,
    heldOut: Array.from({ length: task }, () => Int32Array.from({ length: 8 }, () => rng.int(300))),
    baseLoss: 5.5 + task / 3,
    publishedLoss: 5 + task / 7,
    proof: 'a'.repeat(64),
    probe: 'b'.repeat(64),
  };
};
const lineage: Lineage = {
  ...freshLineage(plugin, rng),
  versions: [version(1, 'd1'), version(2, '海'), version(3, 'd1')],
};

test('a lineage comes back from its file as it was, also from an unaligned Buffer', () => {
  const note = { any: ['JSON', 1, null] };
  const bytes = encodeLineage({ lineage, note });
  assert.deepEqual(decodeLineage(bytes, 'here'), { lineage, note });
  const shifted = Buffer.concat([Buffer.alloc(3), bytes]).subarray(3);
  assert.deepEqual(decodeLineage(shifted, 'here'), { lineage, note });
});

test('equal lineages give equal bytes', () => {
  const again = structuredClone(lineage);
  assert.deepEqual(encodeLineage({ lineage: again, note: 1 }), encodeLineage({ lineage, note: 1 }));
});

test('what is no lineage, or one of another format, is refused', async () => {
  const { encodeSafetensors } = await import('../../src/checkpoint/index.ts');
  assert.throws(() => decodeLineage(encodeSafetensors({}, { format: '9' }), 'there'), {
    code: 'CPT_STATE_VERSION',
    message: /there/,
  });
  assert.throws(() => decodeLineage(encodeSafetensors({}, { format: '1' }), 'there'), { code: 'CPT_STATE' });
  assert.throws(() => decodeLineage(new Uint8Array(4), 'there'), { code: 'CPT_SAFETENSORS' });
});
