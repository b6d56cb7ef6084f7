/** The engines that take turns, and how each one's process is started. */
import { fileURLToPath } from 'node:url';
import * as ort from 'onnxruntime-node';
import { ACCELERATORS } from '../../src/engine/index.ts';
import type { Command } from './process.ts';
import { sizeOf } from './sizes.ts';

export interface Engine {
  readonly id: string;
  /** @param version of its library, where the worker says it */
  title(version: string): string;
  command(size: string): Command;
  /** Takes no turns: so slow that one step of the tiny batch has to do. */
  readonly slow?: boolean;
}

export interface Machine {
  readonly python: string;
  readonly threads: number;
}

const here = (file: string) => fileURLToPath(new URL(file, import.meta.url));

function node(file: string, ...args: readonly string[]): Command {
  return { file: process.execPath, args: ['--import', 'tsx', here(file), ...args] };
}

/** ONNX Runtime's providers in this build that tasks can train on; whether they open, their worker finds out. */
function otherProviders(): string[] {
  const built = ort.listSupportedBackends().map(({ name }) => name);
  return ACCELERATORS.filter((device) => built.includes(device));
}

/** The row that each other one is compared with. */
export const COMPILED = 'compiled';
export const EAGER = 'torch-full';
export const TRIMMED = 'torch-trimmed';

export function engines({ python, threads }: Machine): Engine[] {
  const compiled = (id: string, title: string, precision: string, provider: string): Engine => ({
    id,
    title: () => title,
    command: (size) => node('worker.ts', 'compiled', size, String(threads), precision, provider),
  });
  const torch = (id: string, mode: string, title: string): Engine => ({
    id,
    title: (version) => `PyTorch ${version}${version === '' ? '' : ' '}${title}`,
    command: (size) => ({
      file: python,
      args: [here('torch_step.py'), JSON.stringify(sizeOf(size)), String(threads), mode],
      env: { TORCHINDUCTOR_FORCE_DISABLE_CACHES: '1' }, // so that its set-up is the first one
    }),
  });
  return [
    compiled(COMPILED, 'compiled, fp32', 'fp32', 'cpu'),
    compiled('compiled-int8', 'compiled, int8 base', 'int8', 'cpu'),
    ...otherProviders().map((name) => compiled(`compiled-${name}`, `compiled, ${name}`, 'fp32', name)),
    torch(EAGER, 'full', 'fp32 eager, as transformers has it'),
    torch(TRIMMED, 'trimmed', 'fp32 eager, trimmed alike'),
    torch('torch-compile', 'compile', 'fp32 `torch.compile`, trimmed alike'),
    torch('torch-bf16', 'bf16', 'bf16 autocast, trimmed alike'),
    {
      id: 'tfjs',
      title: () => 'tfjs `cpu`',
      command: (size) => node('worker.ts', 'tfjs', size, String(threads)),
      slow: true,
    },
  ];
}

/** Nothing but matrix products of these shapes, in both libraries. */
export function peakCommands(
  { python, threads }: Machine,
  shapes: readonly (readonly number[])[],
): Record<string, Command> {
  const args = [JSON.stringify(shapes), String(threads)];
  return {
    'ONNX Runtime': node('peak.ts', ...args),
    PyTorch: { file: python, args: [here('torch_peak.py'), ...args] },
  };
}
