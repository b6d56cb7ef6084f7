/** Settings of how topics are read. */
import { ON_LOST, type ReadingOptions } from '../edge/kafka/reading-options.ts';
import { choice } from './kinds.ts';
import type { SettingSpec } from './setting.ts';

export const READING_SETTINGS: Readonly<Record<`reading.${keyof ReadingOptions}`, SettingSpec>> = {
  'reading.onLost': {
    flag: 'on-lost',
    group: 'kafka',
    kind: choice(...ON_LOST),
    about:
      'where records are gone before they were read: stop, or go on with the first or the next that comes',
  },
};
