/** The passages of a file, for commands that take text by hand. */
import { openFileFeed } from '../edge/feed/file.ts';
import { CptError } from '../errors.ts';
import { type DecodeOptions, decodePassage } from '../text/decode.ts';

/**
 * Records that hold no passage are left out.
 * @throws CptError CPT_FEED where the file cannot be read or holds no passage at all
 */
export async function readTexts(file: string, decode: DecodeOptions): Promise<string[]> {
  const feed = await openFileFeed(file, { maxBytes: decode.maxBytes })(null);
  const texts: string[] = [];
  try {
    for (let batch = await feed.read(); batch !== null; batch = await feed.read()) {
      for (const record of batch.records) {
        const decoded = decodePassage(record, decode);
        if (decoded.ok) texts.push(decoded.text);
      }
    }
  } finally {
    await feed.close();
  }
  if (texts.length === 0) {
    throw new CptError('CPT_FEED', `${file} holds no passage.`, {
      hint: 'It needs JSON Lines with a field "text", or plain lines.',
    });
  }
  return texts;
}
