/** One partition of one topic, as one key: `topic/partition`. No topic's name has a slash. */
export type Place = string;

export function placeOf(topic: string, partition: number): Place {
  return `${topic}/${partition}`;
}

export function partsOf(place: Place): { topic: string; partition: number } {
  const slash = place.lastIndexOf('/');
  return { topic: place.slice(0, slash), partition: Number(place.slice(slash + 1)) };
}

/** As a person reads it, in positions and messages. */
export function nameOf(place: Place): string {
  const { topic, partition } = partsOf(place);
  return `${topic}[${partition}]`;
}
