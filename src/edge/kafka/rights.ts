/** What this client may do with topics and a group, as the broker says it (KIP-430). Nothing is written. */
import { ask, type Request } from './ask.ts';

/** Bits of Kafka's AclOperation. */
const BITS = { read: 3, write: 4, create: 5, describe: 8 } as const;
export type Right = keyof typeof BITS;

export interface TopicAnswer {
  readonly name: string;
  /** Of Kafka's protocol; 0: none, 3: there is no such topic, 29: it may not even be known. */
  readonly error: number;
  readonly partitions: number;
  readonly rights: readonly Right[];
}

export interface TopicsAnswer {
  readonly brokers: number;
  readonly topics: readonly TopicAnswer[];
  /** In the whole cluster. */
  readonly rights: readonly Right[];
}

export interface GroupAnswer {
  readonly error: number;
  readonly rights: readonly Right[];
}

/** Key, version, name: the first versions that tell rights (Kafka 2.3). */
export const METADATA = [3, 8, 'Metadata'] as const;
const DESCRIBE_GROUPS = [15, 3, 'DescribeGroups'] as const;

function rightsIn(bits: number): Right[] {
  if (bits === -(2 ** 31)) return []; // it does not say
  return (Object.keys(BITS) as Right[]).filter((right) => (bits >>> BITS[right]) & 1);
}

export function askTopics(names: readonly string[]): Request<TopicsAnswer> {
  return ask(
    METADATA,
    (request) => request.writeArray(names).writeBoolean(false).writeBoolean(true).writeBoolean(true),
    (answer) => {
      answer.readInt32(); // throttle time
      const brokers = answer.readArray((broker) => {
        broker.readInt32();
        broker.readString();
        broker.readInt32();
        broker.readString();
      });
      answer.readString(); // cluster
      answer.readInt32(); // controller
      const topics = answer.readArray((topic) => ({
        error: topic.readInt16(),
        name: topic.readString() ?? '',
        internal: topic.readBoolean(),
        partitions: topic.readArray((partition) => {
          partition.readInt16();
          for (let field = 0; field < 3; field++) partition.readInt32(); // index, leader, epoch
          for (let list = 0; list < 3; list++) partition.readArray((replica) => replica.readInt32());
        }).length,
        rights: rightsIn(topic.readInt32()),
      }));
      return { brokers: brokers.length, topics, rights: rightsIn(answer.readInt32()) };
    },
  );
}

/** To be sent to the group's coordinator. A group that is not there yet has its rights too. */
export function askGroup(group: string): Request<GroupAnswer> {
  return ask(
    DESCRIBE_GROUPS,
    (request) => request.writeArray([group]).writeBoolean(true),
    (answer) => {
      answer.readInt32(); // throttle time
      const groups = answer.readArray((each) => {
        const error = each.readInt16();
        for (let field = 0; field < 4; field++) each.readString(); // group, state, protocol's type and name
        each.readArray((member) => {
          for (let field = 0; field < 3; field++) member.readString();
          for (let field = 0; field < 2; field++) member.readBytes();
        });
        return { error, rights: rightsIn(each.readInt32()) };
      });
      return groups[0] ?? { error: -1, rights: [] };
    },
  );
}
