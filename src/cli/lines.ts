/** Events as plain lines, for a pipe or a file, and above the bars of a terminal. */
import { countOf } from '../domains/ranges.ts';
import type {
  BaseFetching,
  CheckpointWithdrawn,
  CptEvent,
  SendingHeld,
  TaskProgress,
  TaskTrained,
} from '../events.ts';
import { bytes, count, counted, duration, nats, perplexity } from './format.ts';
import { harmless } from './width.ts';

export interface LinesOptions {
  /** Also what a bar shows: each tenth of a task, how far the feed was read. */
  readonly steps: boolean;
}

const DEAD_LETTERS_SHOWN = 5;
const READ_LINE_SECONDS = 10;
const WHY_LOST = {
  removed: 'removed before it was read',
  deleted: 'deleted with its topic',
  recreated: 'in a topic that was made anew since',
} as const;

/**
 * Makes a function from events to lines, none for most events.
 * @param now seconds from any zero, read with every event
 */
export function linesOf(options: LinesOptions, now: () => number): (event: CptEvent) => string[] {
  let read = 0;
  let readLineAt = now();
  let deadLetters = 0;
  const heldLineAt = { dead_letters: Number.NEGATIVE_INFINITY, events: Number.NEGATIVE_INFINITY };
  let [tenth, tokens, since] = [0, 0, 0];
  let fetched: { readonly bytes: number; readonly since: number; tenth: number } | undefined;

  function progress(event: TaskProgress): string[] {
    tokens += event.tokens;
    const reached = Math.floor((10 * event.step) / event.steps);
    if (reached <= tenth || !options.steps) return [];
    tenth = reached;
    const rate = tokens / Math.max(1e-3, now() - since);
    const { task, step, steps, loss } = event;
    return [
      `task ${task}: ${reached * 10} %, step ${count(step)} of ${count(steps)}, loss ${nats(loss)}, ` +
        `${count(rate)} tokens/s`,
    ];
  }

  function fetching({ base, bytes: here, total }: BaseFetching): string[] {
    fetched ??= { bytes: here, since: now(), tenth: -1 };
    const reached = Math.floor((10 * here) / Math.max(1, total));
    if (reached === fetched.tenth || !options.steps) return [];
    fetched.tenth = reached;
    const rate = (here - fetched.bytes) / Math.max(1e-3, now() - fetched.since);
    const speed = rate > 0 ? `, ${bytes(rate)}/s, ${duration((total - here) / rate)} to go` : '';
    return [`base ${base}: ${bytes(here)} of ${bytes(total)}${speed}`];
  }

  function rejected(reason: string, position: string): string[] {
    deadLetters += 1;
    if (deadLetters > DEAD_LETTERS_SHOWN && !/^10+$/.test(String(deadLetters))) return [];
    const more = deadLetters > DEAD_LETTERS_SHOWN ? `, ${count(deadLetters)} so far` : '';
    return [`put aside: ${position} (${reason})${more}`];
  }

  function held({ of, waiting, seconds, message }: SendingHeld): string[] {
    const what = of === 'events' ? 'event' : 'dead letter';
    const due = now() - heldLineAt[of] >= READ_LINE_SECONDS;
    if (message === null || due) heldLineAt[of] = message === null ? Number.NEGATIVE_INFINITY : now();
    if (message === null) return [`${what}s are taken again, after ${duration(seconds)}`];
    if (!due) return [];
    const meanwhile = of === 'events' ? 'all else goes on' : 'reading is held back';
    return [
      `warning: ${counted(waiting, what)} waiting for ${duration(seconds)}: ${message}; ${meanwhile} until then`,
    ];
  }

  function lines(event: CptEvent): string[] {
    switch (event.event) {
      case 'PassagesRead': {
        read += event.accepted;
        if (!options.steps || now() - readLineAt < READ_LINE_SECONDS) return [];
        readLineAt = now();
        const waiting = event.lag === null ? '' : `, about ${count(event.lag)} waiting`;
        return [`read ${counted(read, 'passage')}${waiting}`];
      }
      case 'DeadLetter':
        return rejected(event.reason, event.position);
      case 'RecordsLost': {
        const { topic, partition, reason, from, to, count: lost, next } = event;
        const which = to === null ? `from ${from} on` : `${from} to ${to}, ${counted(lost ?? 0, 'record')}`;
        return [`LOST: ${topic}[${partition}] ${which}, was ${WHY_LOST[reason]}; reading goes on at ${next}`];
      }
      case 'DomainClosed': {
        const back = event.returnOf === null ? '' : ', which returned';
        const { first, last, ranges, detectedAt } = event;
        const passages = counted(countOf(ranges ?? [[first, last]]), 'passage');
        const where = `${ranges === undefined ? '' : 'among '}${count(first)} to ${count(last)}`;
        return [`domain ${named(event)}${back}: ${passages}, ${where}, known at ${count(detectedAt)}`];
      }
      case 'DomainJoined': {
        const { domain, task, passages, sampledOut } = event;
        const left = sampledOut > 0 ? `, a sample; ${counted(sampledOut, 'passage')} left out` : '';
        return [`domain ${domain} goes with task ${task}: ${counted(passages, 'passage')}${left}`];
      }
      case 'StateMigrated': {
        const { from, to, changes } = event;
        return [`state moved from version ${from} to version ${to}: ${changes.join('; ')}`];
      }
      case 'LineageTaken': {
        const { lineage, epoch, tasks } = event;
        return [`${lineage} is trained here from now on: epoch ${epoch}, ${counted(tasks, 'task')} before`];
      }
      case 'BaseFetching':
        return fetching(event);
      case 'BaseReady': {
        const { base, commit, fetched, pinned, note } = event;
        const from = fetched > 0 ? `${bytes(fetched)} fetched` : 'from the cache';
        const why = pinned ? `, which ${event.lineage} was begun on` : '';
        return [...(note === null ? [] : [note]), `base ${base}: commit ${commit}${why}, ${from}`];
      }
      case 'TrainerStarted':
        return [
          `training on ${event.provider}`,
          ...(event.fallbacks.length > 0 ? [`not used: ${event.fallbacks.join('; ')}`] : []),
        ];
      case 'TaskDelayed':
        return [`task ${event.task}: waited ${duration(event.seconds)} for its turn`];
      case 'TaskStarted':
        tenth = 0;
        tokens = 0;
        since = now();
        if (!options.steps) return [];
        return [`task ${event.task}: ${named(event)}, ${counted(event.passages, 'passage')}`];
      case 'TaskHandedOver':
        return [
          `task ${event.task}: ${event.domain} handed over, ${counted(event.passages, 'passage')}, ` +
            `${bytes(event.bytes)}`,
        ];
      case 'TaskProgress':
        return progress(event);
      case 'TaskResumed':
        tokens = 0;
        since = now();
        return [`task ${event.task}: goes on behind step ${count(event.step)} of ${count(event.steps)}`];
      case 'TrainerWarned':
        return [`warning: ${event.code}: ${event.message}`];
      case 'TaskTrained':
        return [trainedLine(event)];
      case 'TaskFailed': {
        const next = event.willRetry ? '; it is tried again' : '';
        return [`task ${event.task} failed: ${event.domain}, ${event.code}: ${event.message}${next}`];
      }
      case 'CheckpointPublished':
        return [
          `published ${event.ref} as ${event.revision.slice(0, 12)}, ${bytes(event.bytes)} ` +
            `in ${duration(event.seconds)}`,
        ];
      case 'CheckpointWithdrawn':
        return withdrawnLines(event);
      case 'SendingHeld':
        return held(event);
      case 'DriftMeasured':
      case 'OpenTextMeasured':
      case 'OpenDomainMeasured':
      case 'TrainerMeasured':
      case 'DriftDetected':
      case 'BackpressureApplied':
      case 'PassagesSkipped':
      case 'RequestAnswered':
        return [];
    }
  }

  return (event) => lines(event).map(harmless);
}

/** `d2 (tide, harbour, sail)`. */
export function named({ domain, label }: { domain: string; label?: string | null }): string {
  return label ? `${domain} (${label})` : domain;
}

function withdrawnLines({ domain, revisions, bytes: freed }: CheckpointWithdrawn): string[] {
  const refs = revisions.map(({ ref }) => ref).join(', ');
  return [`retired ${domain}: ${refs} withdrawn, ${bytes(freed)} freed`];
}

/** `task 2: d2 trained …, perplexity 372 → 270, nothing forgotten`. */
export function trainedLine(event: TaskTrained): string {
  const { task, domain, tokens, seconds, losses, proved } = event;
  const own = losses.find((loss) => loss.domain === domain);
  const change = own ? `, perplexity ${perplexity(own.base)} → ${perplexity(own.published)}` : '';
  const rate = `${count(tokens)} tokens in ${duration(seconds)} (${count(tokens / Math.max(1e-3, seconds))}/s)`;
  const kept = proved ? 'nothing forgotten' : 'NOT PROVED: an earlier domain changed';
  return `task ${task}: ${domain} trained, ${rate}${change}, ${kept}`;
}
