/** `cpt evaluate`: masked-LM loss and perplexity of texts under the base and under every domain's checkpoint. */
import path from 'node:path';
import { CptError } from '../errors.ts';
import { openBase } from './base.ts';
import type { Command } from './command.ts';
import { openDisplay } from './display.ts';
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

  async run({ args, config, io, env, signal }) {
    const dir = path.resolve(neededFlag(args.flags, 'lineage', 'evaluate'));
    const files = listFlag(args.flags, 'data');
    if (files.length === 0) throw new CptError('CPT_USAGE', 'cpt evaluate needs --data FILE.');
    const { openTextEvaluator } = await import('../edge/evaluate.ts');
    // standard output is for the results
    const now = (): number => performance.now() / 1000;
    const aside = openDisplay({ ...io, stdout: io.stderr, isTTY: false }, { json: false, env, now });
    const { folder, name } = await openBase({ config, env, signal, show: aside.show, say: aside.print });
    const evaluator = await openTextEvaluator({ dir, base: folder, baseName: name, options: config.task });
    try {
      for (const file of files) {
        signal.throwIfAborted();
        const result = await evaluator.evaluate(await readTexts(file, config.decode));
        io.stdout.write(`${JSON.stringify({ file, ...result })}\n`);
      }
    } finally {
      await evaluator.dispose();
    }
    return 0;
  },
};
