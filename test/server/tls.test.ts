// TLS as clients see it: node:tls and bare sockets against servers in this thread.
import { once } from 'node:events';
import { copyFileSync, writeFileSync } from 'node:fs';
import { connect as connectPlain } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { type ConnectionOptions, connect, type TLSSocket } from 'node:tls';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { createServer, type MillraceServer } from '../../src/server/embed.ts';
import type { CreateServerOptions } from '../../src/server/options.ts';
import { Authority, type Identity } from '../support/certificates.ts';
import { ReplyError, RespClient } from '../support/resp.ts';

let authority: Authority;
let server: Identity;
let client: Identity;
let stranger: Identity;
let strangers: Authority;
const servers: MillraceServer[] = [];
const sockets: { destroy(): void }[] = [];

beforeAll(async () => {
  authority = await Authority.create();
  strangers = await Authority.create('Somebody else');
  server = await authority.issue('localhost');
  client = await authority.issue('client');
  stranger = await strangers.issue('stranger');
});

afterAll(() => {
  authority.remove();
  strangers.remove();
});

afterEach(async () => {
  for (const socket of sockets.splice(0)) socket.destroy();
  await Promise.all(servers.splice(0).map((each) => each.close()));
});

/** Without certificates of clients, unless the options ask for them. */
async function start(tls: CreateServerOptions['tls'] = {}, options: CreateServerOptions = {}) {
  const { certFile, keyFile } = server;
  const started = await createServer({
    ...options,
    tls: { certFile, keyFile, caCertFile: authority.certFile, authClients: 'no', ...tls },
  });
  servers.push(started);
  return started;
}

/** A handshake with the server's certificate checked. */
async function shake(to: MillraceServer, options: ConnectionOptions = {}): Promise<TLSSocket> {
  const socket = connect({ port: to.tlsPort, host: '127.0.0.1', ca: authority.cert, ...options });
  sockets.push(socket);
  await once(socket, 'secureConnect');
  return socket;
}

async function open(to: MillraceServer, options: ConnectionOptions = {}): Promise<RespClient> {
  return RespClient.over(await shake(to, options));
}

/** Everything the server sends until it closes, or the error that ends the connection. */
async function ending(socket: TLSSocket): Promise<string> {
  let text = '';
  socket.on('data', (chunk: Buffer) => {
    text += chunk.toString('latin1');
  });
  return await new Promise((resolve) => {
    socket.once('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? error.message));
    socket.once('close', () => resolve(text));
  });
}

/** A line of the log that matches, waiting for it. */
function logged(by: MillraceServer, pattern: RegExp): Promise<string> {
  return new Promise((resolve) => {
    const look = (line: string): void => {
      if (pattern.test(line)) resolve(line);
    };
    by.on('log', look);
  });
}

describe.each([1, 2])('with %i I/O threads', (ioThreads) => {
  it('speaks nothing but TLS where nothing else was asked for', async () => {
    const to = await start({}, { ioThreads });
    expect([to.port, to.url]).toEqual([0, `rediss://127.0.0.1:${to.tlsPort}`]);
    const caller = await open(to);
    expect(await caller.call('PING')).toBe('PONG');
    expect(await caller.call('CONFIG', 'GET', 'tls-port')).toEqual(['tls-port', String(to.tlsPort)]);
    expect(to.info('server')).toContain(`listener0:name=tls,bind=127.0.0.1,port=${to.tlsPort}\r\n`);
    expect(String(await caller.call('CLIENT', 'LIST'))).toMatch(
      /^id=\d+ addr=127\.0\.0\.1:\d+ laddr=127\.0\.0\.1:/,
    );
  });

  it('answers pipelines and large values completely and in order', async () => {
    const to = await start({}, { ioThreads, port: 0 });
    const caller = await open(to);
    const large = 'x'.repeat(3_000_000);
    expect(await caller.call('SET', 'large', large)).toBe('OK');
    const words = Array.from({ length: 20_000 }, (_, i) => `ECHO ${i}\r\n`);
    caller.write(words.join(''));
    const replies = await caller.take(words.length);
    expect(replies.map((reply) => reply.toString())).toEqual(
      words.map((_, i) => `$${String(i).length}\r\n${i}\r\n`),
    );
    expect(await caller.call('GET', 'large')).toBe(large);
    const plain = await RespClient.connect({ port: to.port });
    expect(await plain.call('STRLEN', 'large')).toBe(3_000_000);
    plain.close();
  });

  it('reads what TLS has read ahead although no more arrives', async () => {
    const to = await start({}, { ioThreads });
    const socket = await shake(to);
    socket.setNoDelay(true);
    const caller = RespClient.over(socket);
    // Many records that arrive together, each with a little more than the piece before.
    for (let size = 1; size < 40_000; size = size * 2 + 1) {
      const value = 'v'.repeat(size);
      const request = `*2\r\n$4\r\nECHO\r\n$${size}\r\n${value}\r\n`;
      socket.cork();
      for (let at = 0; at < request.length; at += 1000) caller.write(request.slice(at, at + 1000));
      caller.write('PING\r\nPING\r\n');
      socket.uncork();
      const replies = await caller.take(3);
      expect(replies.map((reply) => reply.length)).toEqual([value.length + 5 + String(size).length, 7, 7]);
    }
  });

  it('serves a client to the end that has finished sending', async () => {
    const to = await start({}, { ioThreads });
    const caller = await open(to, {});
    caller.write(`${'PING\r\n'.repeat(1000)}QUIT\r\n`);
    expect((await caller.finish()).toString()).toBe(`${'+PONG\r\n'.repeat(1000)}+OK\r\n`);
  });

  it('delivers messages between secure and plain clients', async () => {
    const to = await start({}, { ioThreads, port: 0 });
    const subscriber = await open(to);
    const plain = await RespClient.connect({ port: to.port });
    await subscriber.call('SUBSCRIBE', 'news');
    for (let i = 0; i < 100; i++) expect(await plain.call('PUBLISH', 'news', `item ${i}`)).toBe(1);
    const messages = await subscriber.take(100);
    expect(messages.at(-1)!.toString()).toContain('item 99');
    plain.close();
  });
});

describe('certificates of clients', () => {
  const identityOf = ({ cert, key }: Identity): ConnectionOptions => ({ cert, key });

  it('are required unless said otherwise, and CONFIG SET changes that for new connections', async () => {
    const to = await start({ authClients: 'yes' });
    const caller = await open(to, identityOf(client));
    expect(await caller.call('PING')).toBe('PONG');
    const refused = /CERTIFICATE_REQUIRED|HANDSHAKE_FAILURE|ECONNRESET/;
    expect(await ending(await shake(to))).toMatch(refused);
    expect(await ending(await shake(to, identityOf(stranger)))).toMatch(/UNKNOWN_CA|ECONNRESET/);
    expect(await caller.call('CONFIG', 'SET', 'tls-auth-clients', 'optional')).toBe('OK');
    expect(await (await open(to)).call('PING')).toBe('PONG');
    expect(await ending(await shake(to, identityOf(stranger)))).toMatch(/UNKNOWN_CA|ECONNRESET/);
    expect(await caller.call('CONFIG', 'SET', 'tls-auth-clients', 'no')).toBe('OK');
    expect(await (await open(to, identityOf(stranger))).call('PING')).toBe('PONG');
    expect(await caller.call('CONFIG', 'SET', 'tls-auth-clients', 'yes')).toBe('OK');
    expect(await ending(await shake(to))).toMatch(refused);
  });

  it('are missed in the log', async () => {
    const to = await start({ authClients: 'yes' });
    const line = logged(to, /Error accepting/);
    await ending(await shake(to));
    expect(await line).toMatch(
      /# Error accepting a client connection: error:\w+:SSL routines::peer did not return a certificate \(addr=127\.0\.0\.1:\d+ laddr=127\.0\.0\.1:\d+\)$/,
    );
  });
});

describe('changes while it runs', () => {
  it('gives new connections the new certificate, and leaves the old ones alone', async () => {
    const to = await start();
    const caller = await open(to);
    const next = await authority.issue('next');
    const { certFile, keyFile } = next;
    expect(await caller.call('CONFIG', 'SET', 'tls-cert-file', certFile, 'tls-key-file', keyFile)).toBe('OK');
    expect((await shake(to)).getPeerCertificate().subject.CN).toBe('next');
    expect(await caller.call('PING')).toBe('PONG');
  });

  it('reads a file again that has the same name', async () => {
    const certFile = authority.write('renewed.crt', server.cert);
    const keyFile = authority.write('renewed.key', server.key);
    const to = await start({ certFile, keyFile });
    const caller = await open(to);
    const next = await authority.issue('renewal');
    copyFileSync(next.certFile, certFile);
    copyFileSync(next.keyFile, keyFile);
    expect((await shake(to)).getPeerCertificate().subject.CN).toBe('localhost');
    expect(await caller.call('CONFIG', 'SET', 'tls-cert-file', certFile)).toBe('OK');
    expect((await shake(to)).getPeerCertificate().subject.CN).toBe('renewal');
  });

  const refused = (name: string): ReplyError =>
    new ReplyError(
      `ERR CONFIG SET failed (possibly related to argument '${name}') - Unable to update TLS configuration. Check server logs.`,
    );

  it.each([
    [
      'tls-cert-file',
      '/nowhere',
      /Failed to load certificate: \/nowhere: error:\w+:system library::No such file/,
    ],
    ['tls-key-file', '/nowhere', /Failed to load private key: \/nowhere: error:/],
    ['tls-ca-cert-file', '/nowhere', /Failed to configure CA certificate\(s\) file\/directory: error:/],
    ['tls-dh-params-file', '/nowhere', /Failed to load \/nowhere: No such file or directory/],
    ['tls-protocols', 'TLSv1.2 TLSv4', /Invalid tls-protocols specified\. Use a combination of/],
    ['tls-ciphers', 'NONSENSE', /Failed to configure ciphers: NONSENSE/],
    ['tls-ciphersuites', 'NONSENSE', /Failed to configure ciphersuites: NONSENSE/],
    ['tls-cert-file', '', /No tls-cert-file configured!/],
    ['tls-key-file', '', /No tls-key-file configured!/],
  ])('refuses %s %j, says why in the log and stays as it was', async (name, value, reason) => {
    const to = await start();
    const caller = await open(to);
    const before = await caller.call('CONFIG', 'GET', name);
    const line = logged(to, reason);
    expect(await caller.call('CONFIG', 'SET', name, value)).toEqual(refused(name));
    expect(await line).toMatch(reason);
    expect(await caller.call('CONFIG', 'GET', name)).toEqual(before);
    expect(await (await open(to)).call('PING')).toBe('PONG');
  });

  it('refuses a key of another certificate, and DH parameters that are none', async () => {
    const to = await start();
    const caller = await open(to);
    expect(await caller.call('CONFIG', 'SET', 'tls-key-file', client.keyFile)).toEqual(
      refused('tls-key-file'),
    );
    const file = authority.write('no.dh', 'nothing');
    expect(await caller.call('CONFIG', 'SET', 'tls-dh-params-file', file)).toEqual(
      refused('tls-dh-params-file'),
    );
    const files = ['tls-client-cert-file', server.certFile, 'tls-client-key-file', client.keyFile];
    expect(await caller.call('CONFIG', 'SET', ...files)).toEqual(refused('tls-client-cert-file'));
  });

  it('moves from one kind of port to the other', async () => {
    const to = await start({}, { unixSocket: join(authority.directory, 'moving.sock') });
    const { tlsPort } = to;
    const admin = await RespClient.connect({ path: to.unixSocket });
    expect(await admin.call('CONFIG', 'SET', 'tls-port', '0')).toBe('OK');
    expect(await admin.call('CONFIG', 'SET', 'port', String(tlsPort))).toBe('OK');
    const plain = await RespClient.connect({ port: tlsPort });
    expect(await plain.call('PING')).toBe('PONG');
    const taken = await admin.call('CONFIG', 'SET', 'tls-port', String(tlsPort));
    expect(String((taken as ReplyError).text)).toContain('Unable to listen on this port. Check server logs.');
    expect(await plain.call('CONFIG', 'SET', 'port', '0')).toBe('OK');
    expect(await plain.call('CONFIG', 'SET', 'tls-port', String(tlsPort))).toBe('OK');
    expect(await (await open(to)).call('PING')).toBe('PONG');
    plain.close();
    admin.close();
  });

  it('turns TLS on in a server that began without', async () => {
    const to = await createServer();
    servers.push(to);
    const plain = await RespClient.connect({ port: to.port });
    const { certFile, keyFile } = server;
    const set = (...pairs: string[]) => plain.call('CONFIG', 'SET', ...pairs);
    expect(await set('tls-port', '1')).toEqual(refused('tls-port'));
    expect(await set('tls-cert-file', '/nowhere')).toBe('OK');
    expect(await set('tls-cert-file', certFile, 'tls-key-file', keyFile, 'tls-auth-clients', 'no')).toBe(
      'OK',
    );
    await using probe = await createServer();
    const { port } = probe;
    await probe.close();
    expect(await set('tls-port', String(port))).toBe('OK');
    expect(to.tlsPort).toBe(port);
    expect(await (await open(to)).call('PING')).toBe('PONG');
    plain.close();
  });
});

describe('what is negotiated', () => {
  it('is TLS 1.3 or 1.2, and what tls-protocols says', async () => {
    const to = await start();
    expect((await shake(to)).getProtocol()).toBe('TLSv1.3');
    expect((await shake(to, { maxVersion: 'TLSv1.2' })).getProtocol()).toBe('TLSv1.2');
    const caller = await open(to);
    expect(await caller.call('CONFIG', 'SET', 'tls-protocols', 'TLSv1.2')).toBe('OK');
    expect((await shake(to)).getProtocol()).toBe('TLSv1.2');
    await expect(shake(to, { minVersion: 'TLSv1.3' })).rejects.toThrow(/protocol version/);
    expect(await caller.call('CONFIG', 'SET', 'tls-protocols', 'tlsv1.3')).toBe('OK');
    await expect(shake(to, { maxVersion: 'TLSv1.2' })).rejects.toThrow(/protocol version/);
  });

  it('are the ciphers of tls-ciphers and tls-ciphersuites, in the order of whoever decides', async () => {
    const [first, second] = ['ECDHE-ECDSA-AES128-GCM-SHA256', 'ECDHE-ECDSA-AES256-GCM-SHA384'] as const;
    const to = await start({ ciphers: `${first}:${second}` });
    const wish: ConnectionOptions = { maxVersion: 'TLSv1.2', ciphers: `${second}:${first}` };
    expect((await shake(to, wish)).getCipher().name).toBe(second);
    const caller = await open(to);
    expect(await caller.call('CONFIG', 'SET', 'tls-prefer-server-ciphers', 'yes')).toBe('OK');
    expect((await shake(to, wish)).getCipher().name).toBe(first);
    expect(await caller.call('CONFIG', 'SET', 'tls-ciphers', second)).toBe('OK');
    await expect(shake(to, { ...wish, ciphers: first })).rejects.toThrow(/handshake failure/);
    expect(await caller.call('CONFIG', 'SET', 'tls-ciphersuites', 'TLS_CHACHA20_POLY1305_SHA256')).toBe('OK');
    expect((await shake(to)).getCipher().name).toBe('TLS_CHACHA20_POLY1305_SHA256');
  });

  it.each(['TLSv1.2', 'TLSv1.3'] as const)('is resumed with %s', async (version) => {
    const to = await start();
    const options: ConnectionOptions = { minVersion: version, maxVersion: version };
    const first = await shake(to, options);
    const kept = once(first, 'session');
    first.write('PING\r\n');
    const [session] = version === 'TLSv1.3' ? await kept : [first.getSession()];
    const again = await shake(to, { ...options, session });
    expect(again.isSessionReused()).toBe(true);
    expect((await shake(to, options)).isSessionReused()).toBe(false);
  });

  it('never begins again', async () => {
    const to = await start();
    const socket = await shake(to, { maxVersion: 'TLSv1.2' });
    const result = await new Promise((resolve) => {
      socket.once('error', resolve);
      socket.once('close', () => resolve('closed'));
      socket.renegotiate({}, resolve);
    });
    expect(String(result)).toMatch(/no_renegotiation|no renegotiation|closed/i);
  });

  it('may depend on a key with a password', async () => {
    const { certFile, keyFile } = await authority.issue('locked', { passphrase: 'open sesame' });
    await expect(start({ certFile, keyFile })).rejects.toThrow(/Failed to load private key: .*locked\.key/);
    await expect(start({ certFile, keyFile, keyFilePass: 'wrong' })).rejects.toThrow(
      'Failed to load private key',
    );
    const to = await start({ certFile, keyFile, keyFilePass: 'open sesame' });
    const caller = await open(to);
    expect(await caller.call('PING')).toBe('PONG');
    expect(await caller.call('CONFIG', 'SET', 'tls-key-file-pass', 'wrong')).toEqual(expect.any(ReplyError));
  });
});

describe('peers that do not belong', () => {
  /** What comes back from the TLS port, and how the log calls it. */
  async function intrude(bytes: string | Uint8Array, reason: RegExp): Promise<void> {
    const to = await start();
    const line = logged(to, /Error accepting/);
    const socket = connectPlain(to.tlsPort, '127.0.0.1');
    sockets.push(socket);
    socket.on('error', () => {});
    socket.resume().end(bytes);
    await new Promise((resolve) => socket.once('close', resolve));
    expect(await line).toMatch(reason);
    expect(await (await open(to)).call('PING')).toBe('PONG');
  }

  it('are those that speak plainly', () => intrude('*1\r\n$4\r\nPING\r\n', /wrong version number/));
  it('are those that speak HTTP', () => intrude('GET / HTTP/1.1\r\n\r\n', /http request/));
  it('are those that send garbage', () => intrude(Buffer.alloc(100_000, 0xa5), /error:/));
  it('are those that leave amid the handshake', () =>
    intrude(Buffer.from([22, 3, 1, 0, 200, 1]), /the client left during the handshake/));

  it('are not those that look whether the port is open', async () => {
    const to = await start();
    const lines: string[] = [];
    to.on('log', (line) => lines.push(line));
    const socket = connectPlain(to.tlsPort, '127.0.0.1').resume();
    await once(socket, 'connect');
    socket.end();
    await once(socket, 'close');
    const caller = await open(to);
    expect(await caller.call('CLIENT', 'LIST')).not.toContain('\n\n');
    await sleep(250);
    expect(lines.join('\n')).not.toContain('Error accepting');
  });

  it('hold nobody up with handshakes they do not finish', async () => {
    const to = await start();
    const idle = Array.from({ length: 50 }, () => {
      const socket = connectPlain(to.tlsPort, '127.0.0.1').resume();
      sockets.push(socket);
      socket.on('error', () => {});
      socket.write(Buffer.from([22, 3, 1]));
      return socket;
    });
    await Promise.all(idle.map((socket) => once(socket, 'connect')));
    const caller = await open(to);
    for (let i = 0; i < 100; i++) expect(await caller.call('PING')).toBe('PONG');
    expect(to.info('clients')).toContain('connected_clients:51');
    expect(await caller.call('CLIENT', 'KILL', 'TYPE', 'normal', 'SKIPME', 'yes')).toBe(50);
    await Promise.all(idle.map((socket) => new Promise((resolve) => socket.once('close', resolve))));
    expect(to.info('clients')).toContain('connected_clients:1\r');
  });
});

describe('a configuration that cannot be', () => {
  it('is one without a certificate, or with one of nothing', async () => {
    await expect(start({ certFile: '' })).rejects.toThrow('TLS cannot be had: No tls-cert-file configured!');
    const certFile = join(authority.directory, 'empty.crt');
    writeFileSync(certFile, '');
    await expect(start({ certFile })).rejects.toThrow('Failed to load certificate');
  });

  it('is one that asks clients for certificates and knows no authority', async () => {
    await expect(start({ authClients: 'yes', caCertFile: '' })).rejects.toThrow(
      'Either tls-ca-cert-file or tls-ca-cert-dir must be specified',
    );
  });

  it('is one with an option that there is not', async () => {
    const tls = { certificate: 'x' } as CreateServerOptions['tls'];
    await expect(createServer({ tls })).rejects.toThrow('unknown option tlsCertificate');
  });
});
