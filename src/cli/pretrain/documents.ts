/** Documents of files, one a record, and their order. */
import { openFileFeed } from '../../edge/feed/file.ts';
import { CptError } from '../../errors.ts';
import type { Rng } from '../../rng.ts';
import type { TokenIds } from '../../text/corpus.ts';
import { type DecodeOptions, decodePassage } from '../../text/decode.ts';

const MAX_DOCUMENT = 64 << 20;

export interface Reading {
  /** Records that hold no text. */
  rejected: number;
}

/**
 * The texts of JSON Lines or plain files, .gz too, file after file.
 * @throws CptError CPT_FEED where a file cannot be read
 */
export async function* documents(
  files: readonly string[],
  decode: DecodeOptions,
  signal: AbortSignal,
  reading: Reading,
): AsyncGenerator<string> {
  const options = { ...decode, maxBytes: Math.max(decode.maxBytes, MAX_DOCUMENT) };
  for (const file of files) {
    const feed = await openFileFeed(file, { maxBytes: options.maxBytes })(null);
    try {
      for (let batch = await feed.read(); batch !== null; batch = await feed.read()) {
        signal.throwIfAborted();
        for (const record of batch.records) {
          const decoded = decodePassage(record, options);
          if (decoded.ok) yield decoded.text;
          else if (decoded.reason !== 'language') reading.rejected += 1;
        }
      }
    } finally {
      await feed.close();
    }
  }
}

/**
 * The documents of a token stream in another order.
 * @param tokens documents, each followed by `eos`, which stands nowhere else
 */
export function shuffleDocuments(tokens: TokenIds, eos: number, rng: Rng): TokenIds {
  const ends: number[] = [];
  for (let at = tokens.indexOf(eos); at >= 0; at = tokens.indexOf(eos, at + 1)) ends.push(at + 1);
  const order = rng.shuffle(Uint32Array.from(ends.keys()));
  const shuffled = tokens.slice();
  let to = 0;
  for (const document of order) {
    const part = tokens.subarray(document === 0 ? 0 : ends[document - 1]!, ends[document]!);
    shuffled.set(part, to);
    to += part.length;
  }
  return shuffled;
}

/** Takes the last `share` of the tokens away as held-out text, cut at a document's end. */
export function splitOff(tokens: TokenIds, eos: number, share: number): [TokenIds, TokenIds] {
  const cut = tokens.lastIndexOf(eos, Math.floor(tokens.length * (1 - share))) + 1;
  if (cut <= 0 || cut >= tokens.length) {
    throw new CptError('CPT_FEED', 'There is too little text to hold some of it out.', {
      hint: 'Give more --data, or a --held-out file.',
    });
  }
  return [tokens.subarray(0, cut), tokens.subarray(cut)];
}
