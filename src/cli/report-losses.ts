/** The part of the report on what was learnt, and on what was not forgotten. */
import type { DomainLoss, TaskTrained } from '../events.ts';
import { nats, perplexity } from './format.ts';
import { table } from './table.ts';

/** More tasks than these do not fit beside one another: then only the first and the last measurement stand. */
const MOST_COLUMNS = 6;

/** One version of a domain: a domain that returned is measured on new held-out text from then on. */
interface Row {
  readonly label: string;
  readonly domain: string;
  /** Indices into the tasks: trained at the first, replaced at the last, which is not its own any more. */
  readonly from: number;
  readonly to: number;
}

/**
 * Perplexity domain × task: e to the held-out loss, of the base and of the domain's own checkpoint after each task.
 * @param trained in order of the tasks, at least one
 */
export function lossLines(trained: readonly TaskTrained[]): string[] {
  const wide = trained.length > MOST_COLUMNS;
  const head = wide
    ? ['domain', 'base', 'published', 'now']
    : ['domain', 'base', ...trained.map(({ task, domain }) => `task ${task}: ${domain}`)];
  const rows = versions(trained).map(({ label, domain, from, to }) => {
    const measured = trained.map((event, at) => (at >= from && at < to ? lossOf(event, domain) : undefined));
    const last = measured.findLast((loss) => loss !== undefined);
    const columns = wide
      ? [last?.published ?? Number.NaN, last?.own ?? Number.NaN].map(perplexity)
      : measured.map((loss) => (loss === undefined ? '' : perplexity(loss.own)));
    return [label, perplexity(last?.base ?? Number.NaN), ...columns];
  });
  const aligns = head.map((_, at) => (at === 0 ? 'left' : 'right') as 'left' | 'right');
  const title = wide
    ? 'Perplexity on held-out text'
    : 'Perplexity on held-out text, before and after each task';
  return [`${title} (lower is better)`, ...table([head, ...rows], aligns)];
}

function versions(trained: readonly TaskTrained[]): Row[] {
  const count = new Map<string, number>();
  return trained.map(({ domain }, from) => {
    const version = (count.get(domain) ?? 0) + 1;
    count.set(domain, version);
    const next = trained.findIndex((later, at) => at > from && later.domain === domain);
    const label = version === 1 ? domain : `${domain}.${version}`;
    return { label, domain, from, to: next < 0 ? trained.length : next };
  });
}

/** The largest rise of any domain's loss since it was published, over all tasks. */
export function forgettingLine(trained: readonly TaskTrained[]): string {
  const changes = trained.flatMap(({ losses }) => losses.map((loss) => loss.own - loss.published));
  const worst = changes.reduce((most, change) => (Math.abs(change) > Math.abs(most) ? change : most), 0);
  const unproved = trained.filter((event) => !event.proved).map((event) => event.task);
  if (unproved.length > 0) {
    const which = `task${unproved.length === 1 ? '' : 's'} ${unproved.join(', ')}`;
    return `Forgetting: ${nats(worst)} nats, NOT PROVED after ${which}: an earlier domain changed`;
  }
  if (worst !== 0) return `Forgetting: ${worst.toExponential(1)} nats (weights proved after every task)`;
  return 'Forgetting: 0 (proved after every task)';
}

function lossOf({ losses }: TaskTrained, domain: string): DomainLoss | undefined {
  return losses.find((loss) => loss.domain === domain);
}
