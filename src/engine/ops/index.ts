/** The project's own ops, registered for a backend before it is used. */
import { attentionOp } from './attention.ts';
import { crossEntropyOp } from './cross-entropy.ts';
import { geluOp } from './gelu.ts';
import { keepOp } from './keep.ts';
import { layerNormOp } from './layer-norm.ts';
import { linearOp } from './linear.ts';
import { type Op, registerOp } from './op.ts';
import { reluOp } from './relu.ts';
import { sumOfSquaresOp } from './sum-of-squares.ts';

export const ops: readonly Op[] = [
  linearOp,
  layerNormOp,
  geluOp,
  attentionOp,
  crossEntropyOp,
  keepOp,
  reluOp,
  sumOfSquaresOp,
];

export function registerOps(backendName: string): void {
  for (const op of ops) registerOp(op, backendName);
}
