/** The bars as lines of text: a pure function of what they show and of the terminal's width. */
import { bytes, count, duration, nats, percent } from './format.ts';
import type { FetchView, ProgressView, TaskView } from './progress-state.ts';
import { cut, padEnd, textWidth } from './width.ts';

export interface Style {
  readonly columns: number;
  readonly colour: boolean;
}

const LABEL = 10;
const BAR = 24;
const NARROW_BAR = 8;

/** At most two lines, each at most `columns` - 1 wide: a full line would wrap on some terminals. */
export function barLines(view: ProgressView, style: Style): string[] {
  if (view.fetch !== null) return [fetchLine(view.fetch, style)]; // nothing else goes on yet
  const lines = [feedLine(view, style)];
  if (view.task !== null) lines.push(taskLine(view.task, style));
  else if (view.closed > view.published) {
    const waiting = view.closed - view.published;
    lines.push(line('training', null, [`${count(waiting)} closed, waiting for the trainer`], style));
  }
  return lines;
}

function feedLine(view: ProgressView, style: Style): string {
  const { passages, lag, passagesPerSecond, openPassages } = view;
  const total = lag === null ? null : passages + lag;
  const share = total === null || total === 0 ? null : passages / total;
  const parts = [
    total === null ? count(passages) : `${count(passages)} of ${lag === 0 ? '' : '~'}${count(total)}`,
  ];
  if (passagesPerSecond !== null && lag !== 0) parts.push(`${count(passagesPerSecond)}/s`);
  if (openPassages > 0 && lag !== 0) parts.push(`open domain ${count(openPassages)}`);
  return line('passages', share, parts, style);
}

function fetchLine({ bytes: here, total, bytesPerSecond }: FetchView, style: Style): string {
  const parts = [`${bytes(here)} of ${bytes(total)}`];
  if (bytesPerSecond !== null && bytesPerSecond > 0) {
    parts.push(`${bytes(bytesPerSecond)}/s`, `ETA ${duration((total - here) / bytesPerSecond)}`);
  }
  return line('base', total === 0 ? null : here / total, parts, style);
}

function taskLine({ domain, step, steps, loss, tokensPerSecond, remaining }: TaskView, style: Style): string {
  if (steps === 0) return line(domain, null, ['preparing'], style);
  const parts = [`step ${count(step)}/${count(steps)}`];
  if (tokensPerSecond !== null) parts.push(`${count(tokensPerSecond)} tokens/s`);
  if (step === steps) parts.push('evaluating');
  else if (remaining !== null) parts.push(`ETA ${duration(remaining)}`);
  if (loss !== null) parts.push(`loss ${nats(loss)}`);
  return line(domain, step / steps, parts, style);
}

/** Label, bar, facts; facts are left out from the right where the terminal is narrow. */
function line(label: string, share: number | null, parts: readonly string[], style: Style): string {
  const room = Math.max(1, style.columns - 1);
  const size = room < 60 ? NARROW_BAR : BAR;
  const head = padEnd(cut(label, LABEL), LABEL);
  const filled = share === null ? 0 : Math.round(Math.min(1, Math.max(0, share)) * size);
  const bar =
    share === null ? '' : `${'█'.repeat(filled)}${'░'.repeat(size - filled)} ${percent(share).padStart(5)}`;
  const facts = [...parts];
  const whole = () => [head, bar, facts.join('  ')].filter((part) => part !== '').join(' ');
  while (facts.length > 1 && textWidth(whole()) > room) facts.pop();
  const text = cut(whole(), room);
  if (!style.colour || bar === '' || textWidth(whole()) > room) return text;
  return text.replace('█'.repeat(filled), `\x1b[36m${'█'.repeat(filled)}\x1b[39m`);
}
