// A connection of our own beside the load, which asks the server how it is: INFO, and little else.
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';

export interface ServerState {
  readonly rssBytes: number;
  readonly usedBytes: number;
  readonly clients: number;
  /** User and system time of the whole process so far. */
  readonly cpuSec: number;
}

export class Probe {
  readonly #socket: Socket;
  #received = Buffer.alloc(0);
  #wakeUp: () => void = () => {};
  #ended: Error | undefined;

  private constructor(socket: Socket) {
    this.#socket = socket;
    socket.on('data', (chunk) => {
      this.#received = Buffer.concat([this.#received, chunk as Buffer]);
      this.#wakeUp();
    });
    const end = (error?: Error) => {
      this.#ended ??= error ?? new Error('the server closed the connection that watches it');
      this.#wakeUp();
    };
    socket.on('error', end);
    socket.on('close', () => end());
  }

  static async open(host: string, port: number, password: string): Promise<Probe> {
    const socket = connect({ host, port, noDelay: true });
    await once(socket, 'connect');
    const probe = new Probe(socket);
    if (password !== '') await probe.ask('AUTH', password);
    return probe;
  }

  close(): void {
    this.#socket.destroy();
  }

  /** The fields of INFO. */
  async info(): Promise<Map<string, string>> {
    const lines = (await this.ask('INFO')).split('\r\n').filter((line) => line.includes(':'));
    return new Map(
      lines.map((line) => [line.slice(0, line.indexOf(':')), line.slice(line.indexOf(':') + 1)]),
    );
  }

  async state(): Promise<ServerState> {
    const info = await this.info();
    const number = (field: string): number => Number(info.get(field) ?? 0);
    return {
      rssBytes: number('used_memory_rss'),
      usedBytes: number('used_memory'),
      clients: number('connected_clients'),
      cpuSec: number('used_cpu_sys') + number('used_cpu_user'),
    };
  }

  /** Sends a command whose reply is one line or one bulk string; throws if it is an error. */
  async ask(...words: string[]): Promise<string> {
    const bulks = words.map((word) => `$${Buffer.byteLength(word)}\r\n${word}\r\n`);
    this.#socket.write(`*${words.length}\r\n${bulks.join('')}`);
    const line = await this.#take(() => {
      const end = this.#received.indexOf('\r\n');
      return end < 0 ? undefined : end;
    });
    if (line.startsWith('-')) throw new Error(`${words[0]}: ${line.slice(1)}`);
    if (!line.startsWith('$')) return line.slice(1);
    const bytes = Number(line.slice(1));
    return this.#take(() => (this.#received.length >= bytes + 2 ? bytes : undefined));
  }

  /** Waits until `length` knows how many bytes there are before the next line end, and takes them. */
  async #take(length: () => number | undefined): Promise<string> {
    let bytes = length();
    while (bytes === undefined) {
      if (this.#ended) throw this.#ended;
      await new Promise<void>((resolve) => {
        this.#wakeUp = resolve;
      });
      bytes = length();
    }
    const text = this.#received.toString('utf8', 0, bytes);
    this.#received = this.#received.subarray(bytes + 2);
    return text;
  }
}
