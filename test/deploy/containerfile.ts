/** A Containerfile, read as far as tests need it. */

export interface Step {
  readonly instruction: string;
  readonly text: string;
}

/** Its instructions in order, lines that go on joined. */
export function stepsOf(file: string): Step[] {
  return file
    .replace(/^\s*#.*\n/gm, '')
    .replace(/\\\n\s*/g, '')
    .split('\n')
    .filter((line) => line.trim() !== '')
    .map((line) => {
      const at = line.indexOf(' ');
      return { instruction: line.slice(0, at), text: line.slice(at + 1).trim() };
    });
}

/** What COPY takes out of the repository, stage by stage. */
export function copiedByStage(steps: readonly Step[]): string[][] {
  const stages: string[][] = [];
  for (const { instruction, text } of steps) {
    if (instruction === 'FROM') stages.push([]);
    if (instruction === 'COPY' && !text.startsWith('--from')) {
      stages.at(-1)!.push(...text.split(' ').slice(0, -1));
    }
  }
  return stages;
}
