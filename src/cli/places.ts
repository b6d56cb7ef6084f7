/** What the settings `feed` and `base` mean as places; `bundled` is what comes with the package. */
import { BUNDLED, type Config } from '../config/config-type.ts';
import { BUNDLED_BASE, BUNDLED_SAMPLE } from '../edge/bundled.ts';

export function basePlace({ base }: Pick<Config, 'base'>): string {
  return base === BUNDLED ? BUNDLED_BASE : base;
}

export function feedPlace({ feed }: Pick<Config, 'feed'>): string {
  return feed === BUNDLED ? BUNDLED_SAMPLE : feed;
}
