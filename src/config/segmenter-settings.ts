/** Settings of the segmenter, which cuts the feed into domains. */
import type { SegmenterOptions } from '../domains/options.ts';
import { whole } from './kinds.ts';
import type { Kind, SettingSpec } from './setting.ts';

const row = (flag: string, kind: Kind, about: string, unit: string): SettingSpec => ({
  flag,
  group: 'segmenter',
  kind,
  about,
  unit,
});

const seconds: Kind = { is: 'number', min: 1, max: 1e9, whole: false, off: true };

export const SEGMENTER_SETTINGS: Readonly<Record<`segmenter.${keyof SegmenterOptions}`, SettingSpec>> = {
  'segmenter.falseAlarmEvery': row(
    'false-alarm-every',
    whole(100, 1e12),
    'expected distance of false alarms; the one number to set',
    'passages',
  ),
  'segmenter.minPassages': row(
    'min-passages',
    whole(1, 1e6),
    'a shorter run of strangers is no domain',
    'passages',
  ),
  'segmenter.maxPassages': row('max-passages', whole(2, 1e9), 'a domain closes at this size', 'passages'),
  'segmenter.maxBytes': row('max-domain-bytes', whole(1, 2 ** 40), 'a domain closes at this size', 'bytes'),
  'segmenter.maxAgeSeconds': row('max-age', seconds, 'a domain closes at this age', 'seconds'),
  'segmenter.maxIdleSeconds': row(
    'max-idle',
    seconds,
    'a domain closes when nothing comes so long',
    'seconds',
  ),
  'segmenter.maxKnown': row(
    'max-known',
    whole(1, 1e6),
    'closed domains that a return is looked for in',
    'domains',
  ),
};
