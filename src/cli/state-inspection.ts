/** A state folder for a person. */
import type { StateInspection } from '../edge/inspect/state.ts';
import { bytes, count, counted } from './format.ts';
import { type Align, table } from './table.ts';

/** Rows of a table that are shown; `--json` has all. */
const SHOWN = 50;

export function stateLines(state: StateInspection): string[] {
  return [
    ...headLines(state),
    ...feedLines(state),
    ...domainLines(state),
    ...queueLines(state),
    ...lineageLines(state),
    `on disk: ${bytes(state.bytes)}`,
    ...state.unread.map((part) => `not readable: ${part}`),
  ];
}

function headLines({ folder, identity, current, holder, base, retirement }: StateInspection): string[] {
  const { lineage, version, features } = identity;
  const other = current ? '' : ', which this program does not run on as it is';
  const lines = [`${folder}: lineage ${word(lineage)}, state version ${word(version)}${other}`];
  if (typeof features === 'string') lines.push(`features: ${features}`);
  if (base !== null) lines.push(`base: ${base.base}, commit ${base.commit}`);
  if (holder === null) lines.push('no process runs on it');
  else if (holder.alive) lines.push(`process ${holder.pid} runs on it`);
  else lines.push(`no process runs on it: ${holder.pid}, which did, was killed`);
  if (retirement !== null) {
    lines.push(`the retirement of ${retirement.domain} is not complete: run cpt retire again`);
  }
  return lines;
}

function feedLines({ progress, outbox }: StateInspection): string[] {
  const { accepted = Number.NaN, deadLetters = Number.NaN, deadLetterBytes = 0, ended } = progress;
  const letters = `${counted(deadLetters, 'dead letter')} (${bytes(deadLetterBytes)})`;
  const offsets = Object.entries(progress.offsets ?? {}).sort(([a], [b]) =>
    a.localeCompare(b, 'en', { numeric: true }),
  );
  const oldest = outbox.oldest === null ? '' : `, oldest ${outbox.oldest.sequence} (${outbox.oldest.event})`;
  return [
    `feed: ${counted(accepted, 'passage')} accepted, ${letters}${ended === true ? ', ended' : ''}`,
    ...listed('offsets', ['read to', 'offset'], offsets, ['left', 'right']),
    `outbox: ${counted(outbox.events, 'event')}${oldest}`,
  ];
}

function domainLines({ open, known }: StateInspection): string[] {
  const rows = known.map(({ domain, passages, label }) => [domain, count(passages), label ?? '']);
  const lines = listed('known domains', ['domain', 'passages', 'label'], rows, ['left', 'right', 'left']);
  if (open === null) return ['open domain: none', ...lines];
  const { passages, since, statistic, label, held } = open;
  const named = label === null ? '' : ` (${label})`;
  const beside = held.map(({ domain, passages }) => `${domain || 'without a name'} ${count(passages)}`);
  const drift = `statistic ${statistic.toFixed(2)}`;
  return [
    `open domain${named}: ${counted(passages, 'passage')} since index ${count(since)}, ${drift}`,
    ...(held.length === 0 ? [] : [`held beside it: ${shortened(beside).join(', ')}`]),
    ...lines,
  ];
}

function queueLines({ queue, progress, saved }: StateInspection): string[] {
  const rows = queue.map(({ task, domain, passages, bytes: size, begun, label }) => [
    String(task),
    domain,
    count(passages),
    bytes(size),
    begun ? 'yes' : 'no',
    label ?? '',
  ]);
  const { waitingPassages, waitingBytes } = progress;
  const head = ['task', 'domain', 'passages', 'size', 'begun', 'label'];
  const waiting =
    waitingPassages === undefined || waitingBytes === undefined
      ? []
      : [`passages kept: ${count(waitingPassages)}, ${bytes(waitingBytes)}, those of open domains too`];
  return [
    ...listed('closed domains that wait', head, rows, ['right', 'left', 'right', 'right', 'left', 'left']),
    ...waiting,
    ...(saved === null
      ? []
      : [`running task: saved behind step ${count(saved.step)}, ${bytes(saved.bytes)}`]),
  ];
}

function lineageLines({ segments, widths, progress }: StateInspection): string[] {
  const rows = segments.map(({ task, domain, version, retired, bytes: size }) => [
    String(task),
    domain,
    String(version),
    bytes(size),
    retired ? 'retired' : '',
  ]);
  const head = ['task', 'domain', 'version', 'size', ''];
  const all = Object.values(widths ?? {});
  const [least, most] = [Math.min(...all), Math.max(...all)];
  const wide = least === most ? count(most) : `${count(least)} to ${count(most)}`;
  return [
    ...listed('tasks trained', head, rows, ['right', 'left', 'right', 'right', 'left']),
    ...(progress.trained === undefined || progress.trained === segments.length
      ? []
      : [`tasks recorded as trained: ${count(progress.trained)}`]),
    ...(all.length === 0 ? [] : [`plugins: ${count(all.length)}, ${wide} neurons wide`]),
  ];
}

function listed(what: string, head: string[], rows: string[][], aligns: readonly Align[]): string[] {
  if (rows.length === 0) return [`${what}: none`];
  const more = rows.length > SHOWN ? [`  … the newest ${SHOWN}; --json lists all`] : [];
  const shown = table([head, ...rows.slice(-SHOWN)], aligns);
  return [`${what}: ${count(rows.length)}`, ...shown.map((line) => `  ${line}`), ...more];
}

function shortened(names: readonly string[]): string[] {
  return names.length > SHOWN ? [...names.slice(0, SHOWN), `${names.length - SHOWN} more`] : [...names];
}

function word(value: unknown): string {
  return typeof value === 'string' || typeof value === 'number' ? String(value) : '?';
}
