/** What a task needs beside its message: the passages and the signatures, which are too large for one. */
import { JsonFault, parseStrictJson } from '../../checkpoint/index.ts';
import { CptError } from '../../errors.ts';
import { type Digest, digestOf, getChecked } from './checked.ts';
import { lineageKeys } from './keys.ts';
import type { ObjectStore } from './object-store.ts';
import { decodePassages, encodePassages } from './passages.ts';

export interface TaskData {
  readonly passages: Digest & { readonly count: number };
  readonly signatures: Digest;
}

/** Which task it is of. */
export interface TaskPlace {
  readonly lineage: string;
  readonly task: number;
}

/** Durable when it resolves; doing it again changes nothing. @throws CptError CPT_STORE, CPT_DISK_FULL */
export async function putTaskData(
  store: ObjectStore,
  { lineage, task }: TaskPlace,
  texts: readonly string[],
  signatures: unknown,
): Promise<TaskData> {
  const keys = lineageKeys(lineage);
  const passages = encodePassages(texts);
  const signed = Buffer.from(JSON.stringify(signatures));
  const data = {
    passages: { ...digestOf(passages), count: texts.length },
    signatures: digestOf(signed),
  };
  await store.putIfAbsent(keys.passages(task, data.passages.sha256), passages);
  await store.putIfAbsent(keys.signatures(task, data.signatures.sha256), signed);
  return data;
}

/** @throws CptError CPT_STORE where they are missing or damaged */
export async function getTaskData(
  store: ObjectStore,
  { lineage, task }: TaskPlace,
  { passages, signatures }: TaskData,
): Promise<{ texts: string[]; signatures: unknown }> {
  const keys = lineageKeys(lineage);
  const bytes = await getChecked(store, keys.passages(task, passages.sha256), passages);
  const signed = await getChecked(store, keys.signatures(task, signatures.sha256), signatures);
  try {
    return { texts: decodePassages(bytes, passages.count), signatures: parseStrictJson(signed) };
  } catch (error) {
    if (!(error instanceof JsonFault)) throw error;
    throw new CptError('CPT_STORE', `The signatures of a task of ${lineage} are wrong: ${error.message}.`);
  }
}

/** Once the task is committed. */
export async function removeTaskData(
  store: ObjectStore,
  { lineage, task }: TaskPlace,
  { passages, signatures }: TaskData,
): Promise<void> {
  const keys = lineageKeys(lineage);
  await store.remove(keys.passages(task, passages.sha256));
  await store.remove(keys.signatures(task, signatures.sha256));
}
