/** Names of models on a hub: `org/name`, `org/name@revision`. */

export interface HubId {
  /** `org/name`. */
  readonly repo: string;
  /** A branch, a tag, or a commit of 40 hex digits. */
  readonly revision: string;
}

const DEFAULT_REVISION = 'main';
const SEGMENT = /^[A-Za-z0-9_](?:[\w.-]*\w)?$/;
const LONGEST = 96;

/**
 * What a text names on a hub, or null where it cannot be such a name. Strict, since repository and revision become
 * names of folders: no empty or hidden part, nothing that leads upwards, no `--` (it stands for `/` in the cache).
 */
export function parseHubId(text: string): HubId | null {
  const at = text.indexOf('@');
  const repo = at < 0 ? text : text.slice(0, at);
  const revision = at < 0 ? DEFAULT_REVISION : text.slice(at + 1);
  const parts = repo.split('/');
  const named = parts.length === 2 && parts.every((part) => SEGMENT.test(part) && !/--|\.\./.test(part));
  return named && repo.length <= LONGEST && isRevision(revision) ? { repo, revision } : null;
}

/** Branches may have slashes in them (`refs/pr/1`), each part is a plain name. */
function isRevision(revision: string): boolean {
  const plain = revision.split('/').every((part) => /^\w[\w.+-]*$/.test(part) && !part.includes('..'));
  return plain && revision.length <= 200;
}

export function isCommit(revision: string): boolean {
  return /^[0-9a-f]{40}$/.test(revision);
}

export function hubIdText({ repo, revision }: HubId): string {
  return revision === DEFAULT_REVISION ? repo : `${repo}@${revision}`;
}
