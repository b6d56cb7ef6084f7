/** Events as CloudEvents 1.0 in structured JSON (cloudevents.io, spec v1.0.2 and its Kafka binding). */
import type {
  CheckpointPublished,
  CheckpointWithdrawn,
  CptEvent,
  DomainClosed,
  DriftDetected,
} from '../../events.ts';

/** What is told to the outside; other events are for metrics and people. */
export type PublicEvent = CheckpointPublished | CheckpointWithdrawn | DomainClosed | DriftDetected;

const PUBLIC: Readonly<Record<PublicEvent['event'], true>> = {
  CheckpointPublished: true,
  CheckpointWithdrawn: true,
  DomainClosed: true,
  DriftDetected: true,
};

export interface EventIdentity {
  /** Equal for every delivery of the same event, so that consumers can drop a repeat. */
  readonly id: string;
  /** RFC 3339, where the caller has a clock to tell. */
  readonly time?: string;
}

export interface CloudEvent {
  readonly specversion: '1.0';
  readonly id: string;
  readonly source: string;
  readonly type: string;
  readonly subject?: string;
  readonly time?: string;
  readonly datacontenttype: 'application/json';
  readonly data: PublicEvent;
}

export const CLOUD_EVENT_CONTENT_TYPE = 'application/cloudevents+json; charset=UTF-8';

export function isPublic(event: CptEvent): event is PublicEvent {
  return Object.hasOwn(PUBLIC, event.event);
}

/** `source` is `cpt-stream/<lineage>` (a URI reference), `subject` the domain where the event has one. */
export function toCloudEvent(event: PublicEvent & EventIdentity): CloudEvent {
  const { id, time, ...data } = event;
  return {
    specversion: '1.0',
    id,
    source: `cpt-stream/${encodeURIComponent(event.lineage)}`,
    type: `cpt.${event.event}`,
    ...('domain' in event ? { subject: event.domain } : {}),
    ...(time === undefined ? {} : { time }),
    datacontenttype: 'application/json',
    data,
  };
}
