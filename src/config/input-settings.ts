/** Settings of the input: how brokers are spoken to, what a record is. */
import type { DecodeOptions } from '../text/decode.ts';
import { type KafkaSettings, SASL_MECHANISMS } from './config-type.ts';
import { choice, onOff, text, whole } from './kinds.ts';
import type { SettingSpec } from './setting.ts';

export const KAFKA_SETTINGS: Readonly<Record<`kafka.${keyof KafkaSettings}`, SettingSpec>> = {
  'kafka.tls': { flag: 'kafka-tls', group: 'kafka', kind: onOff, about: 'speak TLS to the brokers' },
  'kafka.mechanism': {
    flag: 'kafka-mechanism',
    group: 'kafka',
    kind: choice(...SASL_MECHANISMS),
    about: 'how to log in (SASL)',
  },
  'kafka.username': {
    flag: 'kafka-username',
    group: 'kafka',
    kind: text('any text', /^[^\0]*$/),
    about: 'who logs in',
  },
  'kafka.password': {
    flag: 'kafka-password',
    group: 'kafka',
    kind: text('any text', /^[^\0]*$/),
    about: 'better given as a variable: other people on the machine see flags',
    secret: 'whole',
  },
};

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
