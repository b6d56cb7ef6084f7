/** What tells jobs apart: the domain's name and the SHA-256 of its passages in their order. */
import { createHash } from 'node:crypto';
import type { TrainerJob } from './protocol.ts';

/** Over each passage as `<bytes>:<text>`, so that no two lists are the same text. Hexadecimal. */
export function textsSha256(texts: readonly string[]): string {
  const hash = createHash('sha256');
  for (const text of texts) hash.update(`${Buffer.byteLength(text)}:${text}`);
  return hash.digest('hex');
}

export function jobKey({ domain, texts }: Pick<TrainerJob, 'domain' | 'texts'>): string {
  return `${domain} ${textsSha256(texts)}`;
}

/** The hash in a job's key. */
export function textsOfJob(key: string): string {
  return key.slice(key.lastIndexOf(' ') + 1);
}
