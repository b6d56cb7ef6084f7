/** Short words for the kinds of values in the tables of settings. */
import type { Kind } from './setting.ts';

export const whole = (min: number, max: number): Kind => ({ is: 'number', min, max, whole: true });

export const number = (min: number, max: number) => ({ is: 'number', min, max, whole: false }) as const;

export const choice = (...of: readonly string[]): Kind => ({ is: 'choice', of });

export const onOff: Kind = { is: 'switch' };

export const size: Kind = { is: 'size' };

/** @param sentence what is allowed, to stand behind "allowed:" */
export const text = (
  sentence: string,
  pattern: RegExp = /^[^\0]+$/,
  refuse: (value: string) => string | null = () => null,
): Kind => ({ is: 'text', allowed: sentence, pattern, refuse });

/** A sentence for what a check of a room refuses, null for what it lets pass. */
export const refusal = (check: () => void): string | null => {
  try {
    check();
    return null;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
};
