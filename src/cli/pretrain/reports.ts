/** What a pre-training tells while it runs. */
import type { CurvePoint } from '../../train/pretrain.ts';
import type { CommandIo } from '../command.ts';
import { count, duration, nats, percent } from '../format.ts';
import { cut } from '../width.ts';

const STATUS_SECONDS = 0.2;

export class Reports {
  readonly #io: CommandIo;
  readonly #json: boolean;
  readonly #now: () => number;
  #steps = 0;
  #tokensPerStep = 0;
  #done = 0;
  #since = 0;
  #shownAt = Number.NEGATIVE_INFINITY;
  #secondsPerStep: number | null = null;

  constructor(io: CommandIo, json: boolean, now: () => number) {
    this.#io = io;
    this.#json = json;
    this.#now = now;
  }

  /** Seconds that a step took since the last save, or null before the second one. */
  get secondsPerStep(): number | null {
    return this.#secondsPerStep;
  }

  begin(steps: number, tokensPerStep: number): void {
    this.#steps = steps;
    this.#tokensPerStep = tokensPerStep;
    this.#restart();
  }

  step(step: number, loss: number): void {
    if (this.#done === 0)
      this.#since = this.#now(); // the first step of a stretch comes behind a save or a start
    else this.#secondsPerStep = (this.#now() - this.#since) / this.#done;
    this.#done += 1;
    if (this.#json || !this.#io.isTTY || this.#now() - this.#shownAt < STATUS_SECONDS) return;
    this.#shownAt = this.#now();
    const text = `step ${count(step)} of ${count(this.#steps)}, loss ${nats(loss)}${this.#speed(step)}`;
    this.#io.stdout.write(`\r\x1b[K${cut(text, this.#io.columns - 1)}`);
  }

  saved(point: CurvePoint): void {
    const { step, tokens, trainLoss, heldOut } = point;
    if (this.#json) this.#io.stdout.write(`${JSON.stringify(point)}\n`);
    else {
      const text =
        `step ${count(step)} of ${count(this.#steps)}: ${count(tokens)} tokens, loss ${nats(trainLoss)}, ` +
        `held out ${nats(heldOut.loss)} (${percent(heldOut.accuracy)} right)${this.#speed(step)}`;
      this.say(text);
    }
    this.#restart();
  }

  /** A line for a person. */
  say(text: string): void {
    if (this.#json) this.#io.stderr.write(`${text}\n`);
    else this.#io.stdout.write(this.#io.isTTY ? `\r\x1b[K${text}\n` : `${text}\n`);
  }

  #restart(): void {
    this.#done = 0;
  }

  #speed(step: number): string {
    const perStep = this.#secondsPerStep;
    if (perStep === null || perStep === 0) return '';
    const left = perStep * (this.#steps - step);
    return `, ${count(this.#tokensPerStep / perStep)} tokens/s, ${duration(left)} to go`;
  }
}
