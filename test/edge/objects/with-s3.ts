/** Tests against a real S3 server: found or started once per file; skipped with the reason, but never in CI. */
import { after, before, type TestContext } from 'node:test';
import { CreateBucketCommand, S3Client } from '@aws-sdk/client-s3';
import { type S3Server, startS3 } from '../../../deploy/s3.ts';
import { CptError } from '../../../src/errors.ts';

export interface S3UnderTest {
  /** Skips the test where there is no server. */
  server(t: TestContext): S3Server | undefined;
  /** `s3://bucket/prefix` of its own for one test. */
  place(): Promise<string>;
}

process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED ??= 'true';
let names = 0;

export function withS3(): S3UnderTest {
  let server: S3Server | undefined;
  let missing = '';

  before(async () => {
    try {
      server = await startS3();
      Object.assign(process.env, server.env);
    } catch (error) {
      if (process.env.CI === 'true' || !(error instanceof CptError)) throw error;
      missing = error.toLine();
    }
  });
  after(async () => {
    await server?.stop();
  });

  return {
    server(t) {
      if (server === undefined) t.skip(missing);
      return server;
    },
    async place() {
      const bucket = `cpt-test-${process.pid}-${names++}`;
      const client = new S3Client({ endpoint: server!.endpoint, forcePathStyle: true, region: 'us-east-1' });
      await client.send(new CreateBucketCommand({ Bucket: bucket }));
      client.destroy();
      return `s3://${bucket}/store`;
    },
  };
}
