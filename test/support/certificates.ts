// Certificates for tests of TLS, made anew each time: an authority, and what it signed.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { generate } from 'selfsigned';

export interface Identity {
  readonly cert: string;
  readonly key: string;
  readonly certFile: string;
  readonly keyFile: string;
}

const VALID_MS = 86_400_000;

export class Authority {
  /** Holds every file; remove() deletes it. */
  readonly directory: string;
  readonly cert: string;
  readonly certFile: string;
  readonly #key: string;

  private constructor(directory: string, cert: string, key: string) {
    this.directory = directory;
    this.cert = cert;
    this.#key = key;
    this.certFile = this.write('ca.crt', cert);
  }

  static async create(name = 'Test authority'): Promise<Authority> {
    const made = await generate([{ name: 'commonName', value: name }], {
      keyType: 'ec',
      algorithm: 'sha256',
      notAfterDate: new Date(Date.now() + VALID_MS),
      extensions: [
        { name: 'basicConstraints', cA: true, critical: true },
        { name: 'keyUsage', keyCertSign: true, critical: true },
      ],
    });
    return new Authority(mkdtempSync(join(tmpdir(), 'millrace-tls-')), made.cert, made.private);
  }

  /** A key and its certificate, for the loopback address as well as for that name. */
  async issue(name: string, options: { passphrase?: string } = {}): Promise<Identity> {
    const made = await generate([{ name: 'commonName', value: name }], {
      keyType: 'ec',
      algorithm: 'sha256',
      notAfterDate: new Date(Date.now() + VALID_MS),
      ca: { key: this.#key, cert: this.cert },
      extensions: [
        { name: 'basicConstraints', cA: false },
        {
          name: 'subjectAltName',
          altNames: [
            { type: 2, value: name },
            { type: 7, ip: '127.0.0.1' },
          ],
        },
      ],
      ...options,
    });
    return {
      cert: made.cert,
      key: made.private,
      certFile: this.write(`${name}.crt`, made.cert),
      keyFile: this.write(`${name}.key`, made.private),
    };
  }

  /** Writes a file beside the others; its path. */
  write(name: string, text: string): string {
    const path = join(this.directory, name);
    writeFileSync(path, text);
    return path;
  }

  remove(): void {
    rmSync(this.directory, { recursive: true, force: true });
  }
}
