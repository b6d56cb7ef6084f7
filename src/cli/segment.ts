/** `cpt segment`: the domains of a feed, as JSON Lines, without training anything. */
import { CptError } from '../errors.ts';
import type { DomainClosed } from '../events.ts';
import type { Command } from './command.ts';
import { openEncoderFolder } from './encoder.ts';
import { openInput } from './input.ts';
import { segmentFeed } from './segment-feed.ts';
import { writer } from './write.ts';

export const command: Command = {
  name: 'segment',
  summary: 'cut a feed into domains, without training',
  usage: 'segment --input FILE|- [flags]',
  flags: [{ name: 'input', value: 'FILE|-', about: 'text to cut: JSON Lines or plain lines, .gz too' }],
  settings: ['decode', 'segmenter', 'output'],

  async run({ args, config, io, env, signal }) {
    const input = args.flags.input;
    if (typeof input !== 'string' || input === '') {
      throw new CptError('CPT_USAGE', 'cpt segment needs --input FILE, or --input - for standard input.');
    }
    const { Segmenter } = await import('../domains/index.ts');
    const { openFeatures } = await import('../edge/encoder/feature-source.ts');
    const out = writer(io.stdout);
    const say = (lines: readonly string[]) => lines.forEach((line) => void io.stderr.write(`${line}\n`));
    const features = await openFeatures(await openEncoderFolder({ config, env, signal, say }));
    const feed = await openInput(input, { maxBytes: config.decode.maxBytes, stdin: io.stdin, signal });
    try {
      const segmenter = new Segmenter(config.segmenter);
      const rejected = await segmentFeed({
        read: () => feed.read(),
        decode: config.decode,
        features,
        segmenter,
        closed: (event) => out.write(lineOf(event)),
      });
      if (rejected > 0) io.stderr.write(`${rejected} records hold no passage and were left out.\n`);
    } finally {
      await feed.close();
      await features.close();
    }
    await out.flushed();
    return 0;
  },
};

/** The members in the order of the contract, then the label; the lineage is not known here. */
export function lineOf(event: Omit<DomainClosed, 'lineage'>): string {
  const { domain, first, last, detectedAt, returnOf, label = null, ranges } = event;
  const members = { event: 'DomainClosed', domain, first, last, detectedAt, returnOf, label };
  return `${JSON.stringify(ranges === undefined ? members : { ...members, ranges })}\n`;
}
