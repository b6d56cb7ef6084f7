/** Settings of the segmenter, which cuts the feed into domains. */
import type { SegmenterOptions } from '../domains/options.ts';
import { FEATURE_KINDS, type FeatureOptions } from '../edge/encoder/options.ts';
import { choice, text, whole } from './kinds.ts';
import type { Kind, SettingSpec } from './setting.ts';

const row = (flag: string, kind: Kind, about: string, unit: string): SettingSpec => ({
  flag,
  group: 'segmenter',
  kind,
  about,
  unit,
});

const seconds: Kind = { is: 'number', min: 1, max: 1e9, whole: false, off: true };

export const SEGMENTER_SETTINGS: Readonly<
  Record<`segmenter.${keyof (SegmenterOptions & FeatureOptions)}`, SettingSpec>
> = {
  'segmenter.features': {
    flag: 'features',
    group: 'segmenter',
    kind: choice(...FEATURE_KINDS),
    about: 'what passages are told apart by: their words, or a sentence encoder',
  },
  'segmenter.encoder': {
    flag: 'encoder',
    group: 'segmenter',
    kind: text('a folder, a hub id, or nothing', /^[^\0]*$/),
    placeholder: 'FOLDER|HUB_ID',
    about: 'sentence encoder with ONNX weights, for --features encoder',
  },
  'segmenter.falseAlarmEvery': row(
    'false-alarm-every',
    whole(100, 1e12),
    'expected distance of false alarms; the one number to set',
    'passages',
  ),
  'segmenter.minPassages': row(
    'min-passages',
    whole(1, 1e6),
    'a shorter run is no domain: of strangers it is a burst, under a name it is held',
    'passages',
  ),
  'segmenter.maxPassages': row('max-passages', whole(2, 1e9), 'a domain closes at this size', 'passages'),
  'segmenter.maxBytes': row(
    'max-domain-bytes',
    whole(1, 2 ** 40),
    'a domain closes when its texts have this size',
    'bytes',
  ),
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
