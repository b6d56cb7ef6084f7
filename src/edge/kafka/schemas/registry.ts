/** Schemas of a registry by their ids: asked for once, bounded, and waited for while the registry is away. */
import { SchemaType } from '@kafkajs/confluent-schema-registry';
import type { Schema } from '@kafkajs/confluent-schema-registry/dist/@types.js';
import {
  helperTypeFromSchemaType,
  schemaFromConfluentSchema,
} from '@kafkajs/confluent-schema-registry/dist/schemaTypeResolver.js';
import { TimedOut, within } from './within.ts';

export interface RegistryOptions {
  readonly url: string;
  readonly username: string;
  readonly password: string;
  /** Seconds, from any zero. */
  readonly clock: () => number;
}

/** A schema, or why there is none that can be used. */
export type Found = { readonly schema: Pick<Schema, 'fromBuffer'> } | { readonly fault: string };

const MAX_ANSWER = 1 << 20; // bytes
const MAX_WAIT = 10_000; // ms for one answer
const MAX_KEPT = 1000;
const MAX_REFERENCES = 50;
const UNKNOWN_FOR = 60; // seconds until an id that was unknown is asked for again
const COMPILE_MS = 5000;
const JSON_OPTIONS = { strict: false, validateFormats: false, allErrors: false, logger: false } as const;

interface Answer {
  readonly schema: string;
  readonly schemaType?: string;
  readonly references?: readonly {
    readonly name: string;
    readonly subject: string;
    readonly version: number;
  }[];
}

class Refused extends Error {}

export class Registry {
  readonly #options: RegistryOptions;
  readonly #known = new Map<number, { readonly found: Found; readonly until: number }>();

  constructor(options: RegistryOptions) {
    this.#options = options;
  }

  /** @throws Error where the registry cannot be asked at the moment */
  async find(id: number): Promise<Found> {
    const now = this.#options.clock();
    const known = this.#known.get(id);
    if (known !== undefined && now < known.until) return known.found;
    const found = await this.#ask(id);
    const until = 'schema' in found ? Number.POSITIVE_INFINITY : now + UNKNOWN_FOR;
    this.#known.delete(id);
    this.#known.set(id, { found, until });
    if (this.#known.size > MAX_KEPT) this.#known.delete(this.#known.keys().next().value!);
    return found;
  }

  async #ask(id: number): Promise<Found> {
    try {
      const answer = await this.#get(`schemas/ids/${id}`);
      const type = TYPES.get(answer.schemaType ?? 'AVRO');
      if (type === undefined) throw new Refused(`its type ${JSON.stringify(answer.schemaType)} is not read`);
      const referencedSchemas: ReturnType<typeof confluent>[] = [];
      await this.#references(answer, type, new Set(), referencedSchemas);
      return { schema: within(COMPILE_MS, () => compile(type, answer, referencedSchemas)) };
    } catch (error) {
      if (error instanceof Refused || error instanceof TimedOut)
        return { fault: `schema ${id}: ${error.message}` };
      throw error;
    }
  }

  /** Those that others are made of come first. */
  async #references(
    { references }: Answer,
    type: ReadType,
    seen: Set<string>,
    into: ReturnType<typeof confluent>[],
  ): Promise<void> {
    for (const { subject, version } of references ?? []) {
      const path = `subjects/${encodeURIComponent(subject)}/versions/${version}`;
      if (seen.has(path)) continue;
      seen.add(path);
      if (seen.size > MAX_REFERENCES) throw new Refused(`it refers to more than ${MAX_REFERENCES} others`);
      const answer = await this.#get(path);
      await this.#references(answer, type, seen, into);
      into.push(confluent(type, answer));
    }
  }

  async #get(path: string): Promise<Answer> {
    const { url, username, password } = this.#options;
    const login = Buffer.from(`${username}:${password}`).toString('base64');
    const response = await fetch(new URL(path, url.endsWith('/') ? url : `${url}/`), {
      headers: {
        accept: 'application/vnd.schemaregistry.v1+json, application/json',
        ...(username === '' ? {} : { authorization: `Basic ${login}` }),
      },
      redirect: 'error',
      signal: AbortSignal.timeout(MAX_WAIT),
    });
    if (response.status === 404 || response.status === 422) {
      await response.body?.cancel();
      throw new Refused('the registry does not know it');
    }
    if (!response.ok) {
      await response.body?.cancel();
      throw new Error(`it answers with ${response.status}`);
    }
    const answer: unknown = JSON.parse(await bounded(response));
    if (!isAnswer(answer)) throw new Error('its answer holds no schema');
    return answer;
  }
}

function isAnswer(value: unknown): value is Answer {
  const { schema, schemaType = 'AVRO', references } = Object(value) as Record<string, unknown>;
  return (
    typeof schema === 'string' &&
    typeof schemaType === 'string' &&
    (references == null || (Array.isArray(references) && references.every(isReference)))
  );
}

function isReference(value: unknown): boolean {
  const { name, subject, version } = Object(value) as Record<string, unknown>;
  return typeof name === 'string' && typeof subject === 'string' && typeof version === 'number';
}

type ReadType = SchemaType.AVRO | SchemaType.JSON;
const TYPES = new Map<string, ReadType>([
  ['AVRO', SchemaType.AVRO],
  ['JSON', SchemaType.JSON],
]);

function confluent(type: ReadType, { schema, references }: Answer) {
  return helperTypeFromSchemaType(type).toConfluentSchema({
    schema,
    schemaType: type,
    ...(references ? { references } : {}),
  } as Parameters<ReturnType<typeof helperTypeFromSchemaType>['toConfluentSchema']>[0]);
}

function compile(type: ReadType, answer: Answer, referenced: ReturnType<typeof confluent>[]): Schema {
  try {
    const options = helperTypeFromSchemaType(type).updateOptionsFromSchemaReferences(referenced as never, {
      [SchemaType.JSON]: JSON_OPTIONS,
    });
    return schemaFromConfluentSchema(confluent(type, answer), options);
  } catch (error) {
    throw new Refused(`it cannot be used: ${error instanceof Error ? error.message : String(error)}`);
  }
}

async function bounded(response: Response): Promise<string> {
  const parts: Uint8Array[] = [];
  let size = 0;
  for await (const part of response.body ?? []) {
    size += part.length;
    if (size > MAX_ANSWER) throw new Refused(`it is longer than ${MAX_ANSWER} bytes`);
    parts.push(part);
  }
  return Buffer.concat(parts).toString();
}
