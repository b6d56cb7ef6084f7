/** Settings of a stream on more than one machine. */
import { parseFeedUrl } from '../edge/kafka/url.ts';
import { parseS3Url } from '../edge/objects/object-store.ts';
import { type MachineOptions, ROLES } from '../edge/roles/options.ts';
import { choice, number, refusal, text } from './kinds.ts';
import type { SettingSpec } from './setting.ts';

const topicUrl = text('kafka://host:port/topic, or nothing', /^$|^kafka:\/\/[^\0]*$/, (url) =>
  url === '' ? null : refusal(() => parseFeedUrl(url)),
);

export const MACHINE_SETTINGS: Readonly<Record<`machines.${keyof MachineOptions}`, SettingSpec>> = {
  'machines.role': {
    flag: 'role',
    group: 'machines',
    kind: choice(...ROLES),
    about: 'what this process does of a stream on several machines',
  },
  'machines.encoded': {
    flag: 'encoded',
    group: 'machines',
    kind: topicUrl,
    placeholder: 'kafka://…',
    about: 'topic of the passages that wait for a segmenter',
    secret: 'url',
  },
  'machines.tasks': {
    flag: 'tasks',
    group: 'machines',
    kind: topicUrl,
    placeholder: 'kafka://…',
    about: 'topic of the closed domains that wait for a trainer',
    secret: 'url',
  },
  'machines.store': {
    flag: 'store',
    group: 'machines',
    kind: text('a path, s3://bucket/prefix, or nothing', /^[^\0]*$/, (place) =>
      place.startsWith('s3:') ? refusal(() => parseS3Url(place)) : null,
    ),
    placeholder: 'DIR|s3://…',
    about: 'what several machines share: passages, checkpoints, who trains what',
  },
  'machines.s3Endpoint': {
    flag: 's3-endpoint',
    group: 'machines',
    kind: text('http://host:port or https://host, or nothing', /^$|^https?:\/\/[^\s@\0]+$/),
    placeholder: 'URL',
    about: "of an S3 server that is not Amazon's",
  },
  'machines.session': {
    flag: 'session',
    group: 'machines',
    kind: number(6, 1800),
    about: 'without a sign of life for so long the work of a trainer or an encoder goes to another',
    unit: 'seconds',
  },
};
