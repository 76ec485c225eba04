// A socket that collects what it receives.
import { connect, type NetConnectOpts, type Socket } from 'node:net';
import { expect } from 'vitest';

/** What another thread does soon, however busy the machine is. */
export const soon = <T>(value: () => T) => expect.poll(value, { timeout: 30_000, interval: 5 });

export class RawClient {
  readonly socket: Socket;
  readonly closed: Promise<void>;
  #received: Buffer[] = [];
  #bytes = 0;
  #ended = false;
  #changed = (): void => {};

  private constructor(socket: Socket) {
    this.socket = socket;
    this.closed = new Promise((resolve) => {
      socket.on('close', () => {
        this.#ended = true;
        this.#changed();
        resolve();
      });
    });
    socket.on('error', () => {});
    socket.on('data', (chunk: Buffer) => {
      this.#received.push(chunk);
      this.#bytes += chunk.length;
      this.#changed();
    });
  }

  /** On a socket that is connected already. */
  static over(socket: Socket): RawClient {
    return new RawClient(socket);
  }

  static async open(to: number | NetConnectOpts): Promise<RawClient> {
    const socket = connect(typeof to === 'number' ? { port: to, host: '127.0.0.1', noDelay: true } : to);
    const client = new RawClient(socket);
    await new Promise<void>((resolve, reject) => {
      socket.once('connect', resolve);
      socket.once('error', reject);
    });
    return client;
  }

  send(bytes: Uint8Array | string): void {
    this.socket.write(typeof bytes === 'string' ? Buffer.from(bytes, 'latin1') : bytes);
  }

  get bytes(): number {
    return this.#bytes;
  }

  /** What has come so far; it is then forgotten. */
  take(): Buffer {
    const all = Buffer.concat(this.#received);
    this.#received = [];
    this.#bytes = 0;
    return all;
  }

  /** The next `count` bytes, or what came before the end. */
  async read(count: number): Promise<Buffer> {
    await this.#until(() => this.#bytes >= count);
    const all = this.take();
    const rest = all.subarray(count);
    if (rest.length > 0) {
      this.#received = [rest];
      this.#bytes = rest.length;
    }
    return all.subarray(0, count);
  }

  /** Everything until the server closes the connection. */
  async readToEnd(): Promise<Buffer> {
    await this.closed;
    return this.take();
  }

  /** Sends and reads as many bytes as are expected, as text. */
  async ask(bytes: Uint8Array | string, expected: number): Promise<string> {
    this.send(bytes);
    return (await this.read(expected)).toString('latin1');
  }

  destroy(): void {
    this.socket.destroy();
  }

  async #until(condition: () => boolean): Promise<void> {
    while (!condition() && !this.#ended) {
      await new Promise<void>((resolve) => {
        this.#changed = resolve;
      });
    }
  }
}
