/** `cpt evaluate`: masked-LM loss and perplexity of texts under the base and under every domain's checkpoint. */
import path from 'node:path';
import { BUNDLED } from '../config/config-type.ts';
import { CptError } from '../errors.ts';
import type { Command } from './command.ts';
import { listFlag, neededFlag } from './flags.ts';
import { readTexts } from './texts.ts';

export const command: Command = {
  name: 'evaluate',
  summary: 'losses of a text under the base and every domain',
  usage: 'evaluate --lineage OUT/LINEAGE --data FILE [--data FILE …] [flags]',
  flags: [
    { name: 'lineage', value: 'DIR', about: 'folder of the published lineage' },
    { name: 'data', value: 'FILE', multiple: true, about: 'text: JSON Lines or plain lines, .gz too' },
  ],
  settings: ['base', 'decode', 'task'],

  async run({ args, config, io, signal }) {
    const dir = path.resolve(neededFlag(args.flags, 'lineage', 'evaluate'));
    const files = listFlag(args.flags, 'data');
    if (files.length === 0) throw new CptError('CPT_USAGE', 'cpt evaluate needs --data FILE.');
    const { BUNDLED_BASE } = await import('../edge/bundled.ts');
    const { evaluateTexts } = await import('../edge/evaluate.ts');
    const { task } = config;
    const base = config.base === BUNDLED ? BUNDLED_BASE : config.base;
    for (const file of files) {
      signal.throwIfAborted();
      const texts = await readTexts(file, config.decode);
      const result = await evaluateTexts({ dir, base, texts, options: task });
      io.stdout.write(`${JSON.stringify({ file, ...result })}\n`);
    }
    return 0;
  },
};
