/** What can be set about how topics are read. */
import type { OnLost } from './positions.ts';

export const ON_LOST = ['fail', 'earliest', 'latest'] as const satisfies readonly OnLost[];

export interface ReadingOptions {
  /** What to do where records are gone before they were read. */
  readonly onLost: OnLost;
  /** URL of the registry that records in Confluent's frame are decoded by, or empty. */
  readonly schemaRegistry: string;
  readonly schemaRegistryUsername: string;
  readonly schemaRegistryPassword: string;
}

export const READING_DEFAULTS: ReadingOptions = Object.freeze({
  onLost: 'fail',
  schemaRegistry: '',
  schemaRegistryUsername: '',
  schemaRegistryPassword: '',
});
