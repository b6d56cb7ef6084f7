/** Checks made from a setting's kind. Flags and variables are text, the file has JSON values. */
import { z } from 'zod';
import type { Kind, SettingValue } from './setting.ts';

const DECIMAL = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i;
/** As Kubernetes and people write them: 512MB, 4 GiB, 1.5G, 4Gi. */
const SIZE = /^\s*(\d+(?:\.\d+)?)\s*(?:([KMGT])(i)?)?B?\s*$/i;
const LEAST_BYTES = 1e6;
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
    case 'size':
      return z
        .union([z.number(), z.string()])
        .transform(bytesOf)
        .pipe(z.number().min(LEAST_BYTES).or(z.literal(Number.POSITIVE_INFINITY)));
    case 'port':
      return z.union([z.literal('off'), z.number().int().min(0).max(65_535)]);
  }
}

/** The bytes that a size means; no number where it means nothing. */
function bytesOf(given: number | string): number {
  if (/^\s*(off|0)\s*$/i.test(String(given))) return Number.POSITIVE_INFINITY;
  const [, number, prefix, binary] = SIZE.exec(String(given)) ?? [];
  if (number === undefined) return Number.NaN;
  const power = prefix === undefined ? 0 : 'KMGT'.indexOf(prefix.toUpperCase()) + 1;
  return Math.floor(Number(number) * (binary === undefined ? 1000 : 1024) ** power);
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
