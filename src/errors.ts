/**
 * Every failure a person can meet has one code from this closed list. The code is also the value of the
 * `reason` label on metrics and is documented in README ("Errors").
 */
export const ERROR_CODES = [
  'CPT_CONFIG', // a setting is wrong; the message lists all of them together
  'CPT_USAGE', // the command line itself is wrong (exit status 2)
  'CPT_FEED', // the feed cannot be opened or read
  'CPT_KAFKA', // the broker refuses, or a topic is not as expected
  'CPT_BASE', // the base model is missing or not of a supported family
  'CPT_ENCODER', // the sentence encoder is missing, incomplete or does not fit
  'CPT_HUB', // the hub cannot be reached, refuses, or does not have what is asked for
  'CPT_SAFETENSORS', // a weights file breaks the format
  'CPT_TOKENIZER', // the tokenizer is missing, malformed or does not fit the base
  'CPT_STATE_VERSION', // the state folder was written by another version
  'CPT_STATE_LOCKED', // another process runs on this state folder
  'CPT_STATE', // the state folder is damaged or unusable
  'CPT_DISK_FULL', // no space left where state or checkpoints go
  'CPT_PORT', // the HTTP port is occupied or not allowed
  'CPT_ENGINE', // a function cannot be compiled or run
  'CPT_DEVICE', // the device that was asked for cannot be used
  'CPT_TRAIN', // a task failed
  'CPT_DIVERGED', // a loss or gradient is not finite
  'CPT_MEMORY', // the trainer has not enough memory
  'CPT_HANG', // the trainer gave no sign of life
  'CPT_FORGETTING', // a proof failed: an earlier domain's bytes or logits changed
  'CPT_VERIFY', // a published file does not have its hash
  'CPT_STORE', // the object store cannot be reached or refuses, or an object in it is not as it should be
  'CPT_FENCED', // another trainer has taken the lineage over
  'CPT_INTERRUPTED', // stopped by a signal
] as const;

export type ErrorCode = (typeof ERROR_CODES)[number];

/** The reasons for which one record is put aside as a dead letter; its neighbours go on. */
export const DEAD_LETTER_REASONS = [
  'invalid_utf8',
  'invalid_json',
  'missing_text',
  'empty_text',
  'oversized',
  'nul_bytes',
  'tombstone',
  'invalid_domain',
  'invalid_schema',
] as const;

export type DeadLetterReason = (typeof DEAD_LETTER_REASONS)[number];

export interface CptErrorOptions {
  /** What the person can do about it, one sentence. */
  readonly hint?: string;
  /** Whether the same call may succeed later without anybody changing anything. */
  readonly retryable?: boolean;
  readonly cause?: unknown;
}

/** The one error class. `message` says what was wrong and where, `hint` what to do. */
export class CptError extends Error {
  override readonly name = 'CptError';
  readonly code: ErrorCode;
  readonly hint: string | undefined;
  readonly retryable: boolean;

  constructor(code: ErrorCode, message: string, options: CptErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.hint = options.hint;
    this.retryable = options.retryable ?? false;
  }

  /** One line for a person: code, what, what to do. */
  toLine(): string {
    return this.hint ? `${this.code}: ${this.message} ${this.hint}` : `${this.code}: ${this.message}`;
  }
}
