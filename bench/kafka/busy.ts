/** A process that computes all the time and tells how fast it was; started as `busy.ts` it is that process. */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

const SELF = fileURLToPath(import.meta.url);
const SIZE = 128; // of a matrix

export interface Busy {
  /** @returns products of matrices per second since it was ready */
  stop(): Promise<number>;
}

export function startBusy(): Busy {
  const child = fork(SELF, { execArgv: ['--import', 'tsx'] });
  return {
    async stop() {
      child.send('stop');
      const [rate] = await once(child, 'message');
      await once(child, 'exit');
      return rate as number;
    },
  };
}

if (process.argv[1] === SELF) {
  const [a, b, product] = [0, 1, 2].map((k) => new Float32Array(SIZE * SIZE).fill(k)) as [
    Float32Array,
    Float32Array,
    Float32Array,
  ];
  const since = performance.now();
  let done = 0;
  let timer: NodeJS.Immediate;
  const work = (): void => {
    for (let row = 0; row < SIZE; row++) {
      for (let column = 0; column < SIZE; column++) {
        let sum = 0;
        for (let k = 0; k < SIZE; k++) sum += a[row * SIZE + k]! * b[k * SIZE + column]!;
        product[row * SIZE + column] = sum;
      }
    }
    done++;
    timer = setImmediate(work);
  };
  work();
  process.once('message', () => {
    clearImmediate(timer);
    process.send!((1000 * done) / (performance.now() - since));
    process.disconnect();
  });
}
