/** The passages of a file, for commands that take text by hand. */
import { CptError } from '../errors.ts';
import { type DecodeOptions, decodePassage } from '../text/decode.ts';
import { type InputOptions, openInput } from './input.ts';

/**
 * Passages a batch of the feed at a time. Records that hold no passage are left out.
 * @throws CptError CPT_FEED where the file cannot be read or holds no passage at all
 */
export async function* textBatches(
  input: string,
  decode: DecodeOptions,
  options: Omit<InputOptions, 'maxBytes'> = {},
): AsyncGenerator<readonly string[]> {
  const feed = await openInput(input, { maxBytes: decode.maxBytes, ...options });
  let any = false;
  try {
    for (let batch = await feed.read(); batch !== null; batch = await feed.read()) {
      const texts = batch.records.flatMap((record) => {
        const decoded = decodePassage(record, decode);
        return decoded.ok ? [decoded.text] : [];
      });
      any ||= texts.length > 0;
      yield texts;
    }
  } finally {
    await feed.close();
  }
  if (!any) {
    const name = input === '-' ? 'Standard input' : input;
    throw new CptError('CPT_FEED', `${name} holds no passage.`, {
      hint: 'It needs JSON Lines with a field "text", or plain lines.',
    });
  }
}

/** All of them; see `textBatches`. */
export async function readTexts(file: string, decode: DecodeOptions): Promise<string[]> {
  const texts: string[] = [];
  for await (const batch of textBatches(file, decode)) texts.push(...batch);
  return texts;
}
