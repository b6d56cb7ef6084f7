/** Settings of the input: what a record is. */
import type { DecodeOptions } from '../text/decode.ts';
import { choice, text, whole } from './kinds.ts';
import type { SettingSpec } from './setting.ts';

export const DECODE_SETTINGS: Readonly<Record<`decode.${keyof DecodeOptions}`, SettingSpec>> = {
  'decode.format': {
    flag: 'format',
    group: 'decode',
    kind: choice('auto', 'jsonl', 'text'),
    about: 'what a record is; auto decides for each',
  },
  'decode.textField': {
    flag: 'text-field',
    group: 'decode',
    kind: text('a key, or keys joined by dots'),
    placeholder: 'KEY',
    about: 'where a JSON record has its text (review.body)',
  },
  'decode.domainField': {
    flag: 'domain-field',
    group: 'decode',
    kind: text('a key, keys joined by dots, or nothing', /^[^\0]*$/),
    placeholder: 'KEY',
    about: 'where a JSON record may name its domain; empty: nowhere',
  },
  'decode.maxBytes': {
    flag: 'max-bytes',
    group: 'decode',
    kind: whole(1, 2 ** 30),
    unit: 'bytes',
    about: 'longer records are put aside',
  },
};
