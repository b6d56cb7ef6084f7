/** Certificates for trying TLS out: an authority of one's own and what it signs, as PEM, made by `openssl`. */
import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { CptError } from '../../src/errors.ts';

const run = promisify(execFile);

export interface Issued {
  /** Paths of PEM files. */
  readonly certificate: string;
  readonly key: string;
  /** Key and certificate in one file, as a broker reads them. */
  readonly both: string;
}

export interface IssueOptions {
  /** `DNS:localhost,IP:127.0.0.1`, the names that a server goes by. */
  readonly names?: string;
  /** Whole days from now; 0 is over at once. */
  readonly days?: number;
  /** The key is encrypted with it. */
  readonly passphrase?: string;
  /** Part of its files' names, else the subject. */
  readonly file?: string;
}

export interface Authority {
  /** Path of its certificate. */
  readonly certificate: string;
  issue(name: string, options?: IssueOptions): Promise<Issued>;
}

/** @throws CptError CPT_KAFKA where `openssl` is not on the PATH or fails */
export async function makeAuthority(folder: string, name: string): Promise<Authority> {
  const key = join(folder, `${name}.key`);
  const certificate = join(folder, `${name}.pem`);
  await newKey(key);
  await openssl(
    'req',
    '-x509',
    '-new',
    '-key',
    key,
    '-subj',
    `/CN=${name}`,
    '-days',
    '2',
    '-out',
    certificate,
  );
  return {
    certificate,
    async issue(subject, { names, days = 1, passphrase, file = subject } = {}) {
      const at = (ending: string) => join(folder, `${name}-${file}.${ending}`);
      await newKey(at('key'));
      await openssl('req', '-new', '-key', at('key'), '-subj', `/CN=${subject}`, '-out', at('csr'));
      await writeFile(at('ext'), names === undefined ? '' : `subjectAltName=${names}\n`);
      const signed = ['-in', at('csr'), '-out', at('pem'), '-days', String(days), '-extfile', at('ext')];
      const serial = ['-set_serial', `0x${randomBytes(8).toString('hex')}`];
      await openssl('x509', '-req', '-CA', certificate, '-CAkey', key, ...serial, ...signed);
      await writeFile(at('both'), (await readFile(at('key'), 'utf8')) + (await readFile(at('pem'), 'utf8')));
      if (passphrase !== undefined) {
        await writeFile(at('pass'), passphrase);
        const into = ['-topk8', '-v2', 'aes-256-cbc', '-passout', `file:${at('pass')}`, '-out', at('locked')];
        await openssl('pkcs8', '-in', at('key'), ...into);
      }
      return {
        certificate: at('pem'),
        key: passphrase === undefined ? at('key') : at('locked'),
        both: at('both'),
      };
    },
  };
}

async function newKey(path: string): Promise<void> {
  await openssl('genpkey', '-algorithm', 'EC', '-pkeyopt', 'ec_paramgen_curve:P-256', '-out', path);
}

async function openssl(...args: string[]): Promise<void> {
  try {
    await run('openssl', args);
  } catch (cause) {
    const { code, message } = cause as NodeJS.ErrnoException;
    const detail = code === 'ENOENT' ? 'openssl is not on the PATH' : message;
    throw new CptError('CPT_KAFKA', `Certificates cannot be made: ${detail}.`, { cause });
  }
}
