/** Checks made from a setting's kind. Flags and variables are text, the file has JSON values. */
import { z } from 'zod';
import type { Kind, SettingValue } from './setting.ts';

const DECIMAL = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i;
const YES = /^(true|1|yes|on)$/i;
const NO = /^(false|0|no|off)$/i;

/** Accepts the JSON value of a setting of this kind. */
export function jsonSchema(kind: Kind): z.ZodType<SettingValue> {
  switch (kind.is) {
    case 'text':
      return z
        .string()
        .regex(kind.pattern)
        .refine((value) => !kind.refuse?.(value));
    case 'choice':
      return z.enum(kind.of as [string, ...string[]]);
    case 'switch':
      return z.boolean();
    case 'number': {
      const within = z.number().min(kind.min).max(kind.max);
      const number = kind.whole ? within.int() : within;
      return kind.off
        ? z.union([number, z.literal('off').transform(() => Number.POSITIVE_INFINITY)])
        : number;
    }
    case 'port':
      return z.union([z.literal('off'), z.number().int().min(0).max(65_535)]);
  }
}

/** Accepts the same written as text; a switch also as 1, yes, on and their opposites. */
export function textSchema(kind: Kind): z.ZodType<SettingValue> {
  return z
    .union([z.string(), z.boolean()])
    .transform(fromText(kind))
    .pipe(jsonSchema(kind) as z.ZodType<SettingValue, SettingValue>);
}

/** What the text means for the kind, or the text itself where it means nothing, for the check to refuse. */
function fromText(kind: Kind): (given: string | boolean) => SettingValue {
  return (given) => {
    if (typeof given === 'boolean') return given;
    if (kind.is === 'number' || kind.is === 'port') {
      const trimmed = given.trim();
      return DECIMAL.test(trimmed) ? Number(trimmed) : trimmed;
    }
    if (kind.is === 'switch') return YES.test(given) ? true : NO.test(given) ? false : given;
    return given;
  };
}
