/** The log: JSON lines on standard error, for machines and for people who look for a cause. */
import { type Logger, pino } from 'pino';
import type { LogLevel } from '../config/config-type.ts';
import { hideSecrets } from '../config/setting.ts';
import { harmlessJson } from './width.ts';

/** Names of fields that are never written, wherever in an entry they stand up to three levels deep. */
const SECRET_NAMES = ['password', 'secret', 'token', 'authorization', 'cookie', 'sasl'];
const REDACTED = ['', '*.', '*.*.'].flatMap((prefix) => SECRET_NAMES.map((name) => `${prefix}${name}`));

export interface LogSink {
  write(line: string): void;
}

/** Passwords in URLs are hidden too, in messages, fields and the texts of errors. */
export function openLogger(level: LogLevel, sink: LogSink): Logger {
  return pino(
    {
      level,
      base: null,
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
      redact: { paths: REDACTED, censor: '***' },
    },
    { write: (line: string) => sink.write(hideInLine(line)) },
  );
}

/** A line of the log is JSON, in which a URL ends at the quote that closes its string. */
function hideInLine(line: string): string {
  return harmlessJson(line).replace(/[a-z][a-z0-9+.-]*:\/\/[^\s"]+/gi, hideSecrets);
}
