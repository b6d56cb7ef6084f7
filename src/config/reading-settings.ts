/** Settings of how topics are read. */
import { ON_LOST, type ReadingOptions } from '../edge/kafka/reading-options.ts';
import { choice, text } from './kinds.ts';
import type { SettingSpec } from './setting.ts';

export const READING_SETTINGS: Readonly<Record<`reading.${keyof ReadingOptions}`, SettingSpec>> = {
  'reading.onLost': {
    flag: 'on-lost',
    group: 'kafka',
    kind: choice(...ON_LOST),
    about:
      'where records are gone before they were read: stop, or go on with the first or the next that comes',
  },
  'reading.schemaRegistry': {
    flag: 'schema-registry',
    group: 'kafka',
    kind: text('http(s)://host, or nothing', /^$|^https?:\/\/[^\s\0]+$/, (url) => {
      if (url === '') return null;
      if (!URL.canParse(url)) return 'it is no URL';
      const { username, password, search, hash } = new URL(url);
      if (username !== '' || password !== '')
        return 'credentials go into reading.schemaRegistryUsername and reading.schemaRegistryPassword';
      return search === '' && hash === '' ? null : 'it has a query (?) or a fragment (#)';
    }),
    placeholder: 'URL',
    about: 'where schemas of Avro and JSON Schema records are (Confluent)',
    secret: 'url',
  },
  'reading.schemaRegistryUsername': {
    flag: 'schema-registry-username',
    group: 'kafka',
    kind: text('any text without a colon', /^[^\0:]*$/),
    about: 'who logs in there',
  },
  'reading.schemaRegistryPassword': {
    flag: 'schema-registry-password',
    group: 'kafka',
    kind: text('any text', /^[^\0]*$/),
    about: 'of who logs in there',
    secret: 'whole',
  },
};
