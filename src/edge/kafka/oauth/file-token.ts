/** A token out of a file that somebody else keeps fresh: a sidecar, a Kubernetes projected volume. */
import { CptError } from '../../../errors.ts';
import { readSettingFile } from '../../setting-file.ts';
import { type Token, toToken } from './token.ts';

/**
 * Read anew for each login, so that it is as fresh as the file.
 * @param now seconds since 1970
 * @throws CptError CPT_KAFKA where there is none or it has expired; retryable, as the file may be renewed
 */
export function fileToken(path: string, now: () => number): () => Promise<Token> {
  const name = `The file ${JSON.stringify(path)} of --kafka-token-file`;
  return async () => {
    const read = readSettingFile(path);
    if ('problem' in read) throw new CptError('CPT_KAFKA', `${name} ${read.problem}.`, { retryable: true });
    const token = toToken(read.text.trim(), name);
    if (token.expires !== null && token.expires <= now()) {
      const ago = Math.round(now() - token.expires);
      throw new CptError('CPT_KAFKA', `${name} holds a token that expired ${ago} s ago.`, {
        hint: 'Whoever writes it must renew it; check the clocks.',
        retryable: true,
      });
    }
    return token;
  };
}
