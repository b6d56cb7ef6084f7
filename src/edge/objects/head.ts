/**
 * The commit point of a lineage in a store: one small object, replaced only by who has seen it as it is. What it does
 * not name has not happened. A trainer takes the lineage over by writing the next epoch into it, after which whoever
 * had it before can write it no more.
 */
import { canonicalJson, isHex, isRecord, JsonFault, parseStrictJson } from '../../checkpoint/index.ts';
import { isLabel } from '../../domains/index.ts';
import { CptError } from '../../errors.ts';
import type { CheckpointPublished } from '../../events.ts';
import { parseDomainName } from '../../text/domain-name.ts';
import type { Digest } from './checked.ts';
import { lineageKeys } from './keys.ts';
import type { ObjectStore } from './object-store.ts';

const FORMAT = 1;
/** About 200,000 tasks; more is not read. */
const MAX_HEAD_BYTES = 64_000_000;

/** A task that is trained and published. */
export interface TrainedTask {
  readonly domain: string;
  /** Such as `d1.2`. */
  readonly ref: string;
  readonly revision: string;
  readonly label: string | null;
  /** Of the revision's files. */
  readonly bytes: number;
  /** Publishing took so long. */
  readonly seconds: number;
  /** The lineage's state that it left. */
  readonly segment: Digest;
  /** SHA-256 of the passages that it was trained on, as the task's message has it. Absent in early heads. */
  readonly passages?: string;
}

export interface Head {
  readonly lineage: string;
  /** Counts the trainers that have had the lineage. */
  readonly epoch: number;
  /** Who has it. */
  readonly owner: string;
  /** Counts how often this object was written: no two heads have the same bytes. */
  readonly writes: number;
  /** The first task first. */
  readonly tasks: readonly TrainedTask[];
}

export interface TaggedHead {
  readonly head: Head;
  readonly tag: string;
}

/** Null for a lineage that no trainer has had. @throws CptError CPT_STORE where it is damaged */
export async function readHead(store: ObjectStore, lineage: string): Promise<TaggedHead | null> {
  const found = await store.get(lineageKeys(lineage).head, MAX_HEAD_BYTES);
  return found === null ? null : { head: parseHead(found.bytes, lineage), tag: found.tag };
}

/**
 * @param before what it replaces
 * @returns null where another has replaced that first
 */
export async function writeHead(
  store: ObjectStore,
  head: Head,
  before: TaggedHead | null,
): Promise<TaggedHead | null> {
  const bytes = Buffer.from(canonicalJson({ format: FORMAT, ...head }));
  const tag = await store.swap(lineageKeys(head.lineage).head, bytes, before?.tag ?? null);
  if (tag !== null) return { head, tag };
  // an answer may have been lost on its way: what was written is recognised
  const now = await readHead(store, head.lineage);
  const isOurs = now?.head.owner === head.owner && now.head.writes === head.writes;
  return isOurs ? now : null;
}

/** Where each ref of the lineage points. */
export function refsOf({ tasks }: Head): Map<string, string> {
  const refs = new Map<string, string>();
  for (const { domain, ref, revision } of tasks) {
    for (const name of ['main', domain, ref]) refs.set(name, revision);
  }
  return refs;
}

/** What is told of a task, under an id that is the same whoever tells it. */
export function publishedEvent(head: Head, task: number): { event: CheckpointPublished; id: string } {
  const { lineage } = head;
  const { domain, revision, ref, label, bytes, seconds } = head.tasks[task - 1]!;
  return {
    event: { event: 'CheckpointPublished', lineage, domain, task, revision, ref, label, bytes, seconds },
    id: `${lineage}/task/${task}/published`,
  };
}

/** @throws CptError CPT_STORE */
export function parseHead(bytes: Uint8Array, lineage: string): Head {
  const wrong = (why: string): CptError =>
    new CptError('CPT_STORE', `The head of ${lineage} in the store is wrong: ${why}.`, {
      hint: 'It is damaged, or was not written by cpt-stream.',
    });
  let json: unknown;
  try {
    json = parseStrictJson(bytes);
  } catch (error) {
    if (error instanceof JsonFault) throw wrong(error.message);
    throw error;
  }
  if (!isRecord(json)) throw wrong('it is not an object');
  if (json.format !== FORMAT) throw wrong('its format is another');
  if (json.lineage !== lineage) throw wrong('it belongs to another lineage');
  const { epoch, owner, writes, tasks } = json;
  if (!isCount(epoch, 1) || !isCount(writes, 1)) throw wrong('its counts are none');
  if (typeof owner !== 'string' || owner === '' || owner.length > 200) throw wrong('it has no owner');
  if (!Array.isArray(tasks)) throw wrong('it has no tasks');
  const versions = new Map<string, number>();
  const trained = (tasks as unknown[]).map((task, at) => {
    if (!isTask(task)) throw wrong(`its task ${at + 1} is none`);
    const version = (versions.get(task.domain) ?? 0) + 1;
    versions.set(task.domain, version);
    if (task.ref !== `${task.domain}.${version}`) throw wrong(`its task ${at + 1} has another ref`);
    return task;
  });
  return { lineage, epoch, owner, writes, tasks: trained };
}

function isTask(value: unknown): value is TrainedTask {
  if (!isRecord(value) || !isRecord(value.segment)) return false;
  const { domain, ref, revision, label, bytes, seconds, segment, passages } = value;
  const name = parseDomainName(domain);
  return (
    name.ok &&
    name.domain === domain &&
    typeof ref === 'string' &&
    isHex(revision, 40) &&
    (label === null || isLabel(label)) &&
    isCount(bytes, 0) &&
    typeof seconds === 'number' &&
    isHex(segment.sha256, 64) &&
    isCount(segment.bytes, 1) &&
    (passages === undefined || isHex(passages, 64))
  );
}

function isCount(value: unknown, least: number): value is number {
  return Number.isSafeInteger(value) && (value as number) >= least;
}
