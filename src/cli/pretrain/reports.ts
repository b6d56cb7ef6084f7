/** What a pre-training tells while it runs. */
import type { CurvePoint } from '../../train/pretrain.ts';
import { type Round, tokensDone } from '../../train/pretrain-plan.ts';
import type { CommandIo } from '../command.ts';
import { count, duration, nats, percent } from '../format.ts';
import { cut } from '../width.ts';

const STATUS_SECONDS = 0.2;

export class Reports {
  readonly #io: CommandIo;
  readonly #json: boolean;
  readonly #now: () => number;
  #rounds: readonly Round[] = [];
  /** Time and tokens at the end of a step behind a start or a save, from which on the speed is measured. */
  #since: { readonly time: number; readonly tokens: number } | null = null;
  #tokensPerSecond: number | null = null;
  #shownAt = Number.NEGATIVE_INFINITY;

  constructor(io: CommandIo, json: boolean, now: () => number) {
    this.#io = io;
    this.#json = json;
    this.#now = now;
  }

  /** Tells what is planned from here on. */
  plan(rounds: readonly Round[]): void {
    this.#rounds = rounds;
  }

  step(step: number, loss: number): void {
    const [time, tokens] = [this.#now(), tokensDone(this.#rounds, step)];
    this.#since ??= { time, tokens };
    if (time > this.#since.time)
      this.#tokensPerSecond = (tokens - this.#since.tokens) / (time - this.#since.time);
    if (this.#json || !this.#io.isTTY || time - this.#shownAt < STATUS_SECONDS) return;
    this.#shownAt = time;
    const text = `step ${this.#of(step)}, loss ${nats(loss)}${this.#speed(tokens)}`;
    this.#io.stdout.write(`\r\x1b[K${cut(text, this.#io.columns - 1)}`);
  }

  saved(point: CurvePoint): void {
    const { step, tokens, trainLoss, heldOut, average } = point;
    if (this.#json) this.#io.stdout.write(`${JSON.stringify(point)}\n`);
    else {
      const mean =
        average === undefined ? '' : `, averaged ${nats(average.loss)} (${percent(average.accuracy)})`;
      this.say(
        `step ${this.#of(step)}: ${count(tokens)} tokens, loss ${nats(trainLoss)}, ` +
          `held out ${nats(heldOut.loss)} (${percent(heldOut.accuracy)} right)${mean}${this.#speed(tokens)}`,
      );
    }
    this.#since = null;
  }

  /** A line for a person. */
  say(text: string): void {
    if (this.#json) this.#io.stderr.write(`${text}\n`);
    else this.#io.stdout.write(this.#io.isTTY ? `\r\x1b[K${text}\n` : `${text}\n`);
  }

  /** The step, and the last one where that is decided. */
  #of(step: number): string {
    const steps = this.#rounds.flatMap(({ phases }) => phases.map((phase) => phase.steps));
    const known = steps.every((own) => own !== null);
    return known ? `${count(step)} of ${count(steps.reduce((sum, own) => sum + own, 0))}` : count(step);
  }

  #speed(tokens: number): string {
    const speed = this.#tokensPerSecond;
    if (speed === null || speed === 0) return '';
    const all = this.#rounds.flatMap(({ phases }) => phases);
    const planned = all.reduce(
      (sum, { steps, batch, length }) => sum + (steps ?? Number.NaN) * batch * length,
      0,
    );
    const left = Number.isNaN(planned) ? this.#timeLeft() : (planned - tokens) / speed;
    return `, ${count(speed)} tokens/s, ${duration(left)} to go`;
  }

  #timeLeft(): number {
    return this.#rounds.reduce((sum, { seconds, spent }) => sum + Math.max(0, (seconds ?? spent) - spent), 0);
  }
}
