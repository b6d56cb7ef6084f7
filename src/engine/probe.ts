/** What this machine can run the engine on, how fast that is, and why not where it cannot. */
import * as tf from '@tensorflow/tfjs';
import * as ort from 'onnxruntime-node';
import { CLEARLY_FASTER, type Device, type DeviceProbe, oneLine } from './device.ts';
import { open } from './open.ts';

/** Sides of the square matrices that are multiplied; the larger ones only where the smaller ones leave it open. */
const SIDES = [512, 1024] as const;
/** Products in a row, so that starting one counts for little. */
const PRODUCTS = 4;
const RUNS = 3;
/** Relative; GPUs may multiply with 10 bits of mantissa (TF32). */
const TOLERANCE = 1e-2;

interface Timing {
  readonly result: number;
  /** Of the fastest run. */
  readonly seconds: number;
}

/**
 * Looks at devices in this process, in which a driver may crash; the processor is timed once.
 * @param now milliseconds, from any start
 */
export function prober(now: () => number): (device: Device) => Promise<DeviceProbe> {
  const processor = new Map<number, Promise<Timing>>();
  const onProcessor = (side: number): Promise<Timing> => {
    const timing = processor.get(side) ?? product('cpu', side, now);
    processor.set(side, timing);
    return timing;
  };
  return async (device) => {
    const by =
      device === 'tfjs' ? `tfjs ${tf.version_core}` : `onnxruntime ${ort.env.versions.node ?? ''}`.trim();
    try {
      if (device === 'cpu') {
        await onProcessor(SIDES[0]);
        return { device, by, reason: null, speed: 1 };
      }
      let speed = 0;
      for (const side of SIDES) {
        const own = await product(device, side, now);
        const { result, seconds } = await onProcessor(side);
        if (!(Math.abs(own.result - result) <= TOLERANCE * Math.abs(result))) {
          const reason = `it computes ${own.result} where the processor has ${result}`;
          return { device, by, reason, speed: null };
        }
        speed = seconds / own.seconds;
        if (speed < 1 / CLEARLY_FASTER) break; // larger products do not turn that round
      }
      return { device, by, reason: null, speed };
    } catch (error) {
      return { device, by, reason: oneLine(error), speed: null };
    }
  };
}

/** A chain of products that comes to one number, so that hardly anything is copied to and fro. */
async function product(device: Device, side: number, now: () => number): Promise<Timing> {
  // Rows sum to about 1: the values keep their size from product to product.
  const data = Float32Array.from(
    { length: side * side },
    (_, at) => (((at * 7919) % 1013) / 1013) * (2 / side),
  );
  const program = await open(
    ({ scale }, { matrix }) => {
      let value = tf.mul(matrix!, scale!);
      for (let count = 0; count < PRODUCTS; count++) value = tf.matMul(value, matrix!);
      return { sum: tf.sum(value) };
    },
    { scale: { shape: [], dtype: 'float32' } },
    { device, weights: { matrix: { shape: [side, side], data } } },
  );
  try {
    let seconds = Number.POSITIVE_INFINITY;
    let result = Number.NaN;
    for (let run = 0; run <= RUNS; run++) {
      const start = now();
      const { sum } = await program.run({ scale: Float32Array.of(1) });
      if (run > 0) seconds = Math.min(seconds, (now() - start) / 1000); // the first warms up
      result = Number(sum![0]);
    }
    return { result, seconds };
  } finally {
    await program.dispose();
  }
}
