/** The report at the end of a run: from what happened to lines for a person. */
import type { CheckpointPublished, CptEvent, DomainClosed, NeuronCounts, TaskTrained } from '../events.ts';
import { bytes, count, counted, percent } from './format.ts';
import { loadingLines } from './loading.ts';
import { domainLines, type Stretch } from './report-domains.ts';
import { forgettingLine, lossLines } from './report-losses.ts';

export interface ReportInput {
  readonly lineage: string;
  /** Everything that happened to the lineage, earlier runs included, in order. */
  readonly events: readonly CptEvent[];
  /** The true stretches where the feed knows them, as the sample does; null elsewhere. */
  readonly truth: readonly Stretch[] | null;
  /** Folder that lineages are published in. */
  readonly out: string;
  /** The file of records that held no passage, or null. */
  readonly deadLetters: string | null;
  /** How this program is called: `npm run -s cpt --`. */
  readonly program: string;
}

/** What a run did, without what it did twice: a task that was told again after a crash counts once. */
interface Story {
  readonly closed: readonly DomainClosed[];
  readonly trained: readonly TaskTrained[];
  readonly published: readonly CheckpointPublished[];
  /** As the last task or the last retirement left them. */
  readonly neurons: NeuronCounts | null;
  /** Checkpoints that are not there any more. */
  readonly withdrawn: number;
  readonly rejected: number;
}

export function reportLines(input: ReportInput): string[] {
  const story = storyOf(input.events);
  const { closed, trained, published } = story;
  const domains = new Set(closed.map((event) => event.domain)).size;
  const head = `Lineage ${input.lineage}: ${counted(domains, 'domain')}, ${counted(trained.length, 'task')}`;
  const sections: string[][] = [[head]];
  if (closed.length > 0) sections.push(domainLines(closed, input.truth));
  if (trained.length > 0) {
    sections.push(lossLines(trained));
    sections.push([forgettingLine(trained), neuronLine(story.neurons ?? trained.at(-1)!.neurons)]);
  }
  const aside = rejectedLine(story.rejected, input.deadLetters);
  if (aside !== null) sections.push([aside]);
  if (published.length > 0) sections.push(checkpointLines(story, input), nextLines(input));
  else if (story.withdrawn > 0) sections.push(['No checkpoint is left: all were withdrawn.']);
  else sections.push(['No checkpoint was published: no domain was closed and trained.']);
  return sections.flatMap((lines, at) => (at === 0 ? lines : ['', ...lines]));
}

function storyOf(events: readonly CptEvent[]): Story {
  const closed = new Map<number, DomainClosed>();
  const trained = new Map<number, TaskTrained>();
  const published = new Map<number, CheckpointPublished>();
  let neurons: NeuronCounts | null = null;
  let withdrawn = 0;
  let rejected = 0;
  for (const event of events) {
    if ('neurons' in event) neurons = event.neurons;
    if (event.event === 'DomainClosed') closed.set(event.first, event);
    else if (event.event === 'TaskTrained') trained.set(event.task, event);
    else if (event.event === 'CheckpointPublished') published.set(event.task, event);
    else if (event.event === 'CheckpointWithdrawn') {
      for (const { task } of event.revisions) published.delete(task);
      withdrawn += event.revisions.length;
    } else if (event.event === 'DeadLetter') rejected += 1;
  }
  const inOrder = <T>(found: ReadonlyMap<number, T>): T[] =>
    [...found].sort(([a], [b]) => a - b).map(([, event]) => event);
  return {
    closed: inOrder(closed),
    trained: inOrder(trained),
    published: inOrder(published),
    neurons,
    withdrawn,
    rejected,
  };
}

function neuronLine({ free, claimed, shared }: NeuronCounts): string {
  const all = free + claimed;
  return (
    `Neurons: ${count(claimed)} of ${count(all)} claimed (${percent(claimed / Math.max(1, all))}), ` +
    `${count(shared)} of them by several domains`
  );
}

function rejectedLine(rejected: number, file: string | null): string | null {
  if (rejected === 0) return null;
  const where = file === null ? '' : `, with reasons in ${file}`;
  return `Put aside: ${counted(rejected, 'record')} without a passage${where}`;
}

function checkpointLines({ published, closed }: Story, { out, lineage }: ReportInput): string[] {
  const newest = published.at(-1)!;
  const last = new Map(published.map((event) => [event.domain, event]));
  const labels = new Map(closed.map(({ domain, label }) => [domain, label ? `  ${label}` : '']));
  return [
    `Checkpoints: ${joined(out, lineage)}, main is ${newest.domain}`,
    ...[...last.values()].map(
      ({ domain, revision, bytes: size }) =>
        `  ${domain}  ${revision}  ${bytes(size)} with the base${labels.get(domain) ?? ''}`,
    ),
  ];
}

function nextLines({ out, lineage, program }: ReportInput): string[] {
  const dir = joined(out, lineage);
  const folder = `./${lineage}-main`;
  return [
    'To load the newest one:',
    `  ${program} export ${quoted(dir)} --to ${folder}`,
    '',
    ...loadingLines(folder),
    '',
    'Next:',
    `  ${program} inspect ${quoted(dir)}    what it holds`,
    `  ${program} verify ${quoted(dir)}     that every hash is right`,
    `  ${program} run --feed FILE   your own text: JSON Lines with a field "text", or plain lines`,
  ];
}

function joined(out: string, lineage: string): string {
  return `${out.replace(/\/+$/, '')}/${lineage}`;
}

/** As a shell takes it. */
function quoted(text: string): string {
  return /^[A-Za-z0-9_./:@%+=,-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`;
}
