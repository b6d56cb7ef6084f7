/** Settings of a task, the post-training of one closed domain. */
import { DEVICE_SETTINGS } from '../engine/device.ts';
import type { TaskOptions } from '../train/options.ts';
import { choice, number, text, whole } from './kinds.ts';
import type { Kind, SettingSpec } from './setting.ts';

const row = (flag: string, kind: Kind, about: string, unit?: string): SettingSpec => ({
  flag,
  group: 'task',
  kind,
  about,
  ...(unit === undefined ? {} : { unit }),
});

export const TASK_SETTINGS: Readonly<Record<`task.${keyof TaskOptions}`, SettingSpec>> = {
  'task.seed': row('seed', text('any text'), 'seed of everything random'),
  'task.device': row('device', choice(...DEVICE_SETTINGS), 'what training runs on'),
  'task.threads': row('threads', whole(0, 1024), 'threads of the engine; 0 takes one per core'),
  'task.learningRate': row('learning-rate', number(1e-8, 1), 'peak learning rate of the plugins'),
  'task.passes': row('passes', number(0.01, 10_000), "times that a domain's text is gone through"),
  'task.minSteps': row('min-steps', whole(1, 1e9), 'fewest steps of a task', 'steps'),
  'task.maxSteps': row('max-steps', whole(1, 1e9), 'most steps of a task', 'steps'),
  'task.batch': row('batch', whole(1, 4096), 'blocks in a step', 'blocks'),
  'task.microBatch': row(
    'micro-batch',
    whole(0, 4096),
    'most blocks in one pass, a step adds up passes; 0: as many as take about 1 GiB',
    'blocks',
  ),
  'task.precision': row(
    'precision',
    choice('fp32', 'int8'),
    'products with the frozen base: single precision, or 8-bit integers (faster)',
  ),
  'task.length': row('length', whole(8, 4096), 'tokens in a block', 'tokens'),
  'task.placement': row('placement', choice('sequential', 'parallel'), 'what a plugin reads'),
  'task.attentionWidth': row(
    'attention-width',
    number(0.01, 16),
    'neurons of the plugin after attention',
    '× hidden size',
  ),
  'task.ffnWidth': row(
    'ffn-width',
    number(0.01, 16),
    'neurons of the plugin after feed-forward',
    '× hidden size',
  ),
  'task.freeShare': row(
    'free-share',
    number(0.01, 1),
    'least share of a plugin that a task finds free; where less is, the plugin grows',
  ),
  'task.sMax': row('s-max', number(1, 1e6), 'final scale of the gates'),
  'task.sparsity': row('sparsity', number(0, 1e6), 'weight of the sparsity term; 0 is the paper'),
  'task.clip': row('clip', number(1e-6, 1e9), 'gradient norm that clipping allows'),
  'task.warmup': row('warmup', number(0, 1), 'share of the steps in which the rate rises'),
  'task.heldOut': row('held-out-share', number(0, 0.9), "share of a domain's passages kept out of training"),
  'task.heldOutBlocks': row('held-out-blocks', whole(1, 1e6), 'most blocks of them kept', 'blocks'),
};
