// A connection to another server, for requests whose replies are one line each. Every wait ends when nothing has come or gone
// for as long as the link's patience.
import { readFileSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { connect as connectSecure } from 'node:tls';
import type { Config } from '../config/config.ts';

/** The other side is gone, or silent for too long. */
export class LinkError extends Error {
  override readonly name = 'LinkError';
  readonly isTimeout: boolean;

  constructor(isTimeout: boolean, cause?: unknown) {
    super(isTimeout ? 'the other server is silent' : 'the connection has ended', { cause });
    this.isTimeout = isTimeout;
  }
}

interface Waiter {
  readonly resolve: (line: string) => void;
  readonly reject: (error: LinkError) => void;
}

const NO_DATABASE = '';

export class PeerLink {
  /** What its last SELECT chose there. */
  database = NO_DATABASE;
  readonly #socket: Socket;
  #rest = '';
  readonly #lines: string[] = [];
  /** Who waits for a line, or for the socket to take more. */
  #reader: Waiter | null = null;
  #writer: Waiter | null = null;
  #failure: LinkError | null = null;

  private constructor(socket: Socket) {
    this.#socket = socket;
    socket.setEncoding('latin1');
    socket.on('data', (text) => this.#take(String(text)));
    socket.on('drain', () => this.#settle((writer) => writer.resolve('')));
    socket.on('timeout', () => this.#fail(new LinkError(true)));
    socket.on('error', (error) => this.#fail(new LinkError(false, error)));
    socket.on('close', () => this.#fail(new LinkError(false)));
  }

  /** Connects, with TLS if `tls-cluster` asks for it. Rejects with LinkError. */
  static async open(host: string, port: number, timeoutMs: number, config: Config): Promise<PeerLink> {
    const isSecure = config.boolean('tls-cluster');
    let socket: Socket;
    try {
      socket = isSecure ? openSecure(host, port, config) : connect({ host, port });
    } catch (error) {
      throw new LinkError(false, error);
    }
    socket.setNoDelay(true);
    // Whether the process stays alive is up to the server.
    socket.unref();
    const link = new PeerLink(socket);
    link.patienceMs = timeoutMs;
    await new Promise<string>((resolve, reject) => {
      link.#reader = { resolve, reject };
      socket.once(isSecure ? 'secureConnect' : 'connect', () => {
        link.#reader = null;
        resolve('');
      });
    });
    return link;
  }

  /** How long nothing may come or go. */
  set patienceMs(ms: number) {
    this.#socket.setTimeout(Math.min(ms, 2 ** 31 - 1));
  }

  get isOpen(): boolean {
    return this.#failure === null;
  }

  /** Called when the link has ended, however it did. */
  set onEnd(ended: () => void) {
    this.#socket.once('close', ended);
  }

  /** Sends bytes, and waits while too many are on their way. Rejects with LinkError. */
  write(bytes: Uint8Array): Promise<unknown> {
    if (this.#failure !== null) return Promise.reject(this.#failure);
    if (this.#socket.write(bytes)) return Promise.resolve();
    return new Promise((resolve, reject) => {
      this.#writer = { resolve, reject };
    });
  }

  /** The next line, without its end. Rejects with LinkError. */
  line(): Promise<string> {
    const line = this.#lines.shift();
    if (line !== undefined) return Promise.resolve(line);
    if (this.#failure !== null) return Promise.reject(this.#failure);
    return new Promise((resolve, reject) => {
      this.#reader = { resolve, reject };
    });
  }

  close(): void {
    this.#socket.destroy();
  }

  #take(text: string): void {
    const lines = (this.#rest + text).split('\r\n');
    this.#rest = lines.pop()!;
    this.#lines.push(...lines);
    if (this.#reader === null || this.#lines.length === 0) return;
    const { resolve } = this.#reader;
    this.#reader = null;
    resolve(this.#lines.shift()!);
  }

  #settle(how: (writer: Waiter) => void): void {
    const writer = this.#writer;
    this.#writer = null;
    if (writer !== null) how(writer);
  }

  #fail(failure: LinkError): void {
    if (this.#failure !== null) return;
    this.#failure = failure;
    this.#socket.destroy();
    const reader = this.#reader;
    this.#reader = null;
    reader?.reject(failure);
    this.#settle((writer) => writer.reject(failure));
  }
}

function openSecure(host: string, port: number, config: Config): Socket {
  const own = config.file('tls-client-cert-file').length > 0 ? 'tls-client-' : 'tls-';
  const passphrase = config.string(`${own}key-file-pass`);
  const authority = config.file('tls-ca-cert-file');
  return connectSecure({
    host,
    port,
    cert: readFileSync(config.file(`${own}cert-file`)),
    key: readFileSync(config.file(`${own}key-file`)),
    ...(passphrase === '' ? {} : { passphrase }),
    ...(authority.length === 0 ? {} : { ca: readFileSync(authority) }),
    // As between servers in general: who has a certificate of ours is one of us, under whatever name.
    checkServerIdentity: () => undefined,
  });
}
