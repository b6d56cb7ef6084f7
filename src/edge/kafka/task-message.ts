/**
 * A task as a message on a topic: a CloudEvent in structured JSON, keyed by the lineage, so that the
 * tasks of one lineage stay in order. Who reads one may meet anything: every member is checked.
 */
import { isHex, isRecord, isRefName, JsonFault, parseStrictJson } from '../../checkpoint/index.ts';
import { isLabel } from '../../domains/index.ts';
import { CptError } from '../../errors.ts';
import { parseDomainName } from '../../text/domain-name.ts';
import { MAX_PASSAGES_BYTES } from '../objects/passages.ts';
import type { TaskData } from '../objects/task-data.ts';
import { CLOUD_EVENT_CONTENT_TYPE } from './cloud-event.ts';

/** Of a topic of tasks that is made: so many trainers can share it. More later would part a lineage's tasks. */
export const TASK_PARTITIONS = 12;
const TYPE = 'cpt.TaskQueued';
const VERSION = 1;
/** A longer message is not parsed. */
const MAX_MESSAGE_BYTES = 256 * 1024;
const MAX_NEAR = 1000;
const MAX_PASSAGES = 2 ** 31;
const MAX_SIGNATURE_BYTES = 64_000_000;

export interface TaskMessage extends TaskData {
  readonly lineage: string;
  /** Counted from 1 over the lineage. */
  readonly task: number;
  readonly domain: string;
  /** Ids of the domains nearest to this one, nearest first. */
  readonly near: readonly string[];
  readonly label: string | null;
}

/** For a kafkajs producer; the same task gives the same id. */
export function toTaskMessage(message: TaskMessage) {
  const { lineage, task, domain, near, label, passages, signatures } = message;
  const envelope = {
    specversion: '1.0',
    id: `${lineage}/task/${task}`,
    source: sourceOf(lineage),
    type: TYPE,
    subject: domain,
    datacontenttype: 'application/json',
    data: {
      version: VERSION,
      lineage,
      task,
      domain,
      near,
      label,
      passages: { sha256: passages.sha256, bytes: passages.bytes, count: passages.count },
      signatures: { sha256: signatures.sha256, bytes: signatures.bytes },
    },
  };
  return {
    key: lineage,
    value: JSON.stringify(envelope),
    headers: { 'content-type': CLOUD_EVENT_CONTENT_TYPE },
  };
}

/** @throws CptError CPT_KAFKA naming the member that is wrong */
export function parseTaskMessage(key: Uint8Array | null, value: Uint8Array | null): TaskMessage {
  if (value === null) throw wrong('it is empty');
  if (value.byteLength > MAX_MESSAGE_BYTES) throw wrong(`it has ${value.byteLength} bytes`);
  const envelope = members(parsed(value), 'it', null);
  if (envelope.specversion !== '1.0') throw wrong('its specversion is not 1.0');
  if (envelope.type !== TYPE) throw wrong(`its type is not ${TYPE}`);
  if (envelope.datacontenttype !== 'application/json') throw wrong('its datacontenttype is not JSON');
  const data = members(envelope.data, 'its data', DATA);
  if (data.version !== VERSION) throw wrong(`its data has version ${show(data.version)}, not ${VERSION}`);
  const { lineage, near, label } = data;
  if (typeof lineage !== 'string' || lineage === 'main' || !isRefName(lineage))
    throw wrong('its lineage is no name');
  const task = count(data.task, 'its task', 1, Number.MAX_SAFE_INTEGER);
  if (envelope.source !== sourceOf(lineage)) throw wrong('its source is another lineage');
  if (envelope.id !== `${lineage}/task/${task}`) throw wrong('its id is another task');
  if (key === null || Buffer.from(key).toString() !== lineage) throw wrong('its key is not its lineage');
  const domain = name(data.domain, 'its domain');
  if (!Array.isArray(near) || near.length > MAX_NEAR) throw wrong('its near is no list of domains');
  if (label !== null && !isLabel(label)) throw wrong('its label is none');
  const passages = members(data.passages, 'its passages', ['sha256', 'bytes', 'count']);
  const signatures = members(data.signatures, 'its signatures', ['sha256', 'bytes']);
  return {
    lineage,
    task,
    domain,
    near: (near as unknown[]).map((one) => name(one, 'a domain in its near')),
    label,
    passages: {
      ...digest(passages, 'its passages', MAX_PASSAGES_BYTES),
      count: count(passages.count, 'the count of its passages', 1, MAX_PASSAGES),
    },
    signatures: digest(signatures, 'its signatures', MAX_SIGNATURE_BYTES),
  };
}

const DATA = ['version', 'lineage', 'task', 'domain', 'near', 'label', 'passages', 'signatures'];

type Members = Readonly<Record<string, unknown>>;

function sourceOf(lineage: string): string {
  return `cpt-stream/${encodeURIComponent(lineage)}`;
}

function parsed(value: Uint8Array): unknown {
  try {
    return parseStrictJson(value);
  } catch (error) {
    if (error instanceof JsonFault) throw wrong(error.message);
    throw error;
  }
}

/** @param keys all that it has, or null where there may be others */
function members(value: unknown, what: string, keys: readonly string[] | null): Members {
  if (!isRecord(value)) throw wrong(`${what} is not an object`);
  const strange = keys === null ? undefined : Object.keys(value).find((key) => !keys.includes(key));
  if (strange !== undefined) throw wrong(`${what} has a member ${show(strange)}`);
  const lacking = keys?.find((key) => !Object.hasOwn(value, key));
  if (lacking !== undefined) throw wrong(`${what} has no ${lacking}`);
  return value;
}

function digest({ sha256, bytes }: Members, what: string, most: number): { sha256: string; bytes: number } {
  if (!isHex(sha256, 64)) throw wrong(`the sha256 of ${what} is none`);
  return { sha256, bytes: count(bytes, `the bytes of ${what}`, 1, most) };
}

function count(value: unknown, what: string, least: number, most: number): number {
  if (Number.isSafeInteger(value) && (value as number) >= least && (value as number) <= most) {
    return value as number;
  }
  throw wrong(`${what} is ${show(value)}, not a whole number from ${least} to ${most}`);
}

function name(value: unknown, what: string): string {
  const known = parseDomainName(value);
  if (known.ok && known.domain === value) return known.domain;
  throw wrong(`${what} is no name`);
}

function show(value: unknown): string {
  return (JSON.stringify(value) ?? 'missing').slice(0, 100);
}

function wrong(why: string): CptError {
  return new CptError('CPT_KAFKA', `A message is not a task: ${why}.`);
}
