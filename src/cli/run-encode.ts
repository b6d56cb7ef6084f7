/** `cpt run --role encode`: records of a topic as passages with their features, on another topic. */
import { pipeline } from '../../pipelines/encode.ts';
import { runEncodeRole } from '../edge/roles/encode-role.ts';
import type { CommandContext } from './command.ts';
import { openEncoderFolder } from './encoder.ts';
import { surrounded } from './surroundings.ts';

/** Ends by its signal only, whose reason it throws. @throws CptError */
export function runEncode(context: Pick<CommandContext, 'config' | 'io' | 'env' | 'signal'>): Promise<never> {
  const { config, env, signal } = context;
  const { lineage, feed, kafka, decode, machines, deadLetters } = config;
  return surrounded(context, lineage, async ({ metrics, display, logger, emit, announce }) => {
    const encoder = await openEncoderFolder({ config, env, signal, say: display.print });
    announce();
    await runEncodeRole({
      lineage,
      feed,
      encoded: machines.encoded,
      session: machines.session,
      decode,
      reading: config.reading,
      deadLetters,
      encoder,
      kafka,
      logger,
      pipeline,
      emit,
      onJoined: () => metrics.opened([]),
      signal,
    });
    signal.throwIfAborted();
    throw new Error('a role that ends by its signal only has ended');
  });
}
