/** A schema registry that answers from a table. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface FakeRegistry {
  readonly url: string;
  /** Paths that were asked for, with what they logged in by. */
  readonly asked: string[];
  /** Set: every answer has this status. */
  down: number | null;
  close(): Promise<void>;
}

/** @param answers by path, without the first slash */
export async function openFakeRegistry(answers: Readonly<Record<string, unknown>>): Promise<FakeRegistry> {
  const asked: string[] = [];
  const server = createServer((request, response) => {
    const path = request.url!.slice(1);
    asked.push([path, request.headers.authorization].filter(Boolean).join(' '));
    const known = Object.hasOwn(answers, path);
    response.writeHead(fake.down ?? (known ? 200 : 404), { 'content-type': 'application/json' });
    response.end(JSON.stringify(known ? answers[path] : { error_code: 40403 }));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const fake: FakeRegistry = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    asked,
    down: null,
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
  return fake;
}
