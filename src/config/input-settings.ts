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
  'decode.domainFrom': {
    flag: 'domain-from',
    group: 'decode',
    kind: text('header:NAME, key, field:PATH, or nothing', /^$|^key$|^(?:header|field):[^\0]{1,200}$/),
    placeholder: 'SOURCE',
    about:
      'what names the domain: header:NAME, key or field:PATH; by default header:domain, else --domain-field',
  },
  'decode.timeFrom': {
    flag: 'time-from',
    group: 'decode',
    kind: text('timestamp, header:NAME or field:PATH', /^timestamp$|^(?:header|field):[^\0]{1,200}$/),
    placeholder: 'SOURCE',
    about: "what tells the time: timestamp (the message's), header:NAME or field:PATH",
  },
  'decode.languageFrom': {
    flag: 'language-from',
    group: 'decode',
    kind: text('header:NAME, field:PATH, or nothing', /^$|^(?:header|field):[^\0]{1,200}$/),
    placeholder: 'SOURCE',
    about: 'what names the language: header:NAME or field:PATH',
  },
  'decode.languages': {
    flag: 'languages',
    group: 'decode',
    kind: text(
      'languages joined by commas (en,de), or nothing',
      /^$|^[A-Za-z]{2,8}(?:-[A-Za-z0-9]{1,8})*(?:,[A-Za-z]{2,8}(?:-[A-Za-z0-9]{1,8})*)*$/,
    ),
    placeholder: 'LIST',
    about: 'records of other languages are left out (en,de); empty: none',
  },
  'decode.maxBytes': {
    flag: 'max-bytes',
    group: 'decode',
    kind: whole(1, 2 ** 30),
    unit: 'bytes',
    about: 'longer records are put aside',
  },
};
