// A certificate of its own for each server under measurement, and the flags that all servers understand alike.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { generate } from 'selfsigned';

export function tlsPort(port: number): number {
  return port + 100;
}

/** Writes a key and a certificate into `directory`; the flags for a server that listens on `port`. */
export async function tlsFlags(directory: string, port: number): Promise<string[]> {
  const made = await generate([{ name: 'commonName', value: 'localhost' }], {
    keyType: 'ec',
    algorithm: 'sha256',
  });
  const certFile = join(directory, 'bench.crt');
  const keyFile = join(directory, 'bench.key');
  writeFileSync(certFile, made.cert);
  writeFileSync(keyFile, made.private);
  return [
    ...['--tls-port', String(tlsPort(port)), '--tls-auth-clients', 'no'],
    ...['--tls-cert-file', certFile, '--tls-key-file', keyFile, '--tls-ca-cert-file', certFile],
  ];
}
