/** How a stream is spread over machines. */
export const ROLES = ['all', 'encode', 'segment', 'train', 'serve'] as const;

export interface MachineOptions {
  /** What this process does: everything, or one part of it that topics and the store connect to the others. */
  readonly role: (typeof ROLES)[number];
  /** `kafka://host:port/topic`, where passages with their features wait for a segmenter; empty where one process reads and segments. */
  readonly encoded: string;
  /** `kafka://host:port/topic`, where closed domains wait for a trainer; empty where this process does all. */
  readonly tasks: string;
  /** A folder that the machines share, or `s3://bucket/prefix`; empty: none. */
  readonly store: string;
  /** Of an S3 server that is not Amazon's; empty: what the environment says. */
  readonly s3Endpoint: string;
  /** Seconds without a sign of life after which the work of a trainer or an encoder goes to another. */
  readonly session: number;
}

export const MACHINE_DEFAULTS: MachineOptions = {
  role: 'all',
  encoded: '',
  tasks: '',
  store: '',
  s3Endpoint: '',
  session: 30,
};
