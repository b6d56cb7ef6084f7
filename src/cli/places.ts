/** What the setting `feed` means as a place; `bundled` is what comes with the package. */
import { BUNDLED, type Config } from '../config/config-type.ts';
import { BUNDLED_SAMPLE } from '../edge/bundled.ts';

export function feedPlace({ feed }: Pick<Config, 'feed'>): string {
  return feed === BUNDLED ? BUNDLED_SAMPLE : feed;
}
