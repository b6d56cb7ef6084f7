/** Settings of the trainer process. */
import type { TrainerOptions } from '../edge/trainer/options.ts';
import { number, size } from './kinds.ts';
import type { SettingSpec } from './setting.ts';

export const TRAINER_SETTINGS: Readonly<Record<`trainer.${keyof TrainerOptions}`, SettingSpec>> = {
  'trainer.maxMemory': {
    flag: 'max-memory',
    group: 'trainer',
    kind: size,
    placeholder: 'SIZE',
    about: 'memory of the trainer, as 4GB; over it a task is tried again in passes of half the size',
    unit: 'bytes',
  },
  'trainer.timeout': {
    flag: 'trainer-timeout',
    group: 'trainer',
    kind: { ...number(1, 1e6), off: true },
    about: 'without a sign of life for so long the trainer is started again',
    unit: 'seconds',
  },
  'trainer.saveEvery': {
    flag: 'save-every',
    group: 'trainer',
    kind: { ...number(0, 1e6), off: true },
    about: "between saves of a running task's state, from which it goes on after a crash",
    unit: 'seconds',
  },
};
