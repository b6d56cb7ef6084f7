/** What retiring a domain does, for a person. */
import type { CheckpointWithdrawn, DomainUse } from '../events.ts';
import { bytes, count, counted } from './format.ts';

type Planned = Omit<CheckpointWithdrawn, 'main' | 'bytes'>;

/** @param done what is known once it was carried out; null while it is only planned */
export function retiredLines(
  planned: Planned,
  done: Pick<CheckpointWithdrawn, 'main' | 'bytes'> | null,
): string[] {
  const { lineage, domain, revisions, reset, kept, later, earlier } = planned;
  const own = revisions.map(({ ref, revision }) => `  ${ref}  ${revision}`);
  const head =
    done === null
      ? `Retiring ${domain} of ${lineage} would withdraw`
      : `Retired ${domain} of ${lineage}: withdrawn`;
  return [
    head,
    ...own,
    `${counted(reset, 'neuron')} that only it used: ${done === null ? 'would be reset' : 'reset'}`,
    `${counted(kept, 'neuron')} that others use too: ${done === null ? 'would stay' : 'kept'} as they are`,
    ...users('later', later),
    ...users('earlier', earlier),
    ...(done === null ? [] : outcome(domain, done)),
  ];
}

function users(which: string, domains: readonly DomainUse[]): string[] {
  if (domains.length === 0) return [];
  return [
    `  by ${which} domains: ${domains.map(({ domain, neurons }) => `${domain} (${count(neurons)})`).join(', ')}`,
  ];
}

function outcome(
  domain: string,
  { main, bytes: freed }: Pick<CheckpointWithdrawn, 'main' | 'bytes'>,
): string[] {
  return [
    main === null ? 'No checkpoint is left; main is gone.' : `main is ${main}`,
    `${bytes(freed)} freed`,
    `What is published does not change: router.json of other checkpoints may still describe ${domain}, cpt route leaves it out.`,
  ];
}
