/** The router of a published lineage: the domains that it can send texts to, and their newest checkpoints. */
import { JsonFault, parseStrictJson } from '../../checkpoint/index.ts';
import { parseRouter, type RoutedDomain } from '../../domains/index.ts';
import { CptError } from '../../errors.ts';
import type { PublishedLineage } from './open-lineage.ts';
import { readRevisionFile } from './revision-file.ts';

const MAX_ROUTER_BYTES = 64_000_000;

/**
 * What `router.json` of a revision knows of the domains that still have a checkpoint.
 * @param ref a domain, its version, `main` or a revision
 * @throws CptError CPT_VERIFY where there is no such revision, or its router is damaged or knows none of them
 */
export async function readRouter({ store, refs }: PublishedLineage, ref: string): Promise<RoutedDomain[]> {
  const revision = await store.resolve(ref);
  if (revision === null) throw new CptError('CPT_VERIFY', `There is no published ${JSON.stringify(ref)}.`);
  const bytes = await readRevisionFile(store, revision, 'router.json', MAX_ROUTER_BYTES);
  const domains = parseRouter(parsed(bytes, revision)).filter(({ domain }) => Object.hasOwn(refs, domain));
  if (domains.length === 0) {
    throw new CptError('CPT_VERIFY', `The router of ${revision} knows no domain that is published.`, {
      hint: 'Give --ref another revision.',
    });
  }
  return domains;
}

function parsed(bytes: Uint8Array, revision: string): unknown {
  try {
    return parseStrictJson(bytes);
  } catch (cause) {
    if (!(cause instanceof JsonFault)) throw cause;
    throw new CptError('CPT_VERIFY', `router.json of revision ${revision} is wrong: ${cause.message}.`, {
      cause,
    });
  }
}
