// A server that knows just enough for a soak run, and breaks one promise when it is told to.

import type { AddressInfo } from 'node:net';
import { createServer, type Server, type Socket } from 'node:net';

/** Decides what becomes of the reply to the n-th ECHO or PING (from 0), given the socket it is for. */
export type Breach = (reply: string, n: number, socket: Socket, others: readonly Socket[]) => string;

export class FaultyServer {
  readonly #server: Server;
  readonly #sockets: Socket[] = [];
  readonly #values = new Map<string, string>();
  #echoes = 0;

  constructor(breach: Breach) {
    this.#server = createServer((socket) => {
      this.#sockets.push(socket);
      socket.on('error', () => {});
      let received = '';
      socket.on('data', (chunk) => {
        received += chunk;
        for (let command = parse(received); command !== null; command = parse(received)) {
          received = received.slice(command.bytes);
          this.#answer(socket, command.words, breach);
        }
      });
    });
  }

  async listen(): Promise<number> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve));
    return (this.#server.address() as AddressInfo).port;
  }

  async close(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  #answer(socket: Socket, words: readonly string[], breach: Breach): void {
    const name = words[0]!.toUpperCase();
    if (name === 'INFO') {
      const info = 'redis_version:7.0.15\r\nused_memory_rss:1000000\r\nused_memory:500000\r\n';
      socket.write(`$${info.length}\r\n${info}\r\n`);
    } else if (name === 'ECHO') {
      const reply = breach(`$${words[1]!.length}\r\n${words[1]}\r\n`, this.#echoes++, socket, this.#sockets);
      if (!socket.destroyed) socket.write(reply);
    } else if (name === 'SET') {
      this.#values.set(words[1]!, words[2]!);
      socket.write('+OK\r\n');
    } else if (name === 'GET') {
      const value = this.#values.get(words[1]!)!;
      socket.write(`$${value.length}\r\n${value}\r\n`);
    } else if (name === 'INCR') {
      const value = Number(this.#values.get(words[1]!) ?? 0) + 1;
      this.#values.set(words[1]!, String(value));
      socket.write(`:${value}\r\n`);
    }
  }
}

/** The first command in the text, and how long it is; null if it is not whole. */
function parse(text: string): { words: string[]; bytes: number } | null {
  const words: string[] = [];
  const head = /^\*(\d+)\r\n/.exec(text);
  if (head === null) return null;
  let at = head[0].length;
  for (let i = 0; i < Number(head[1]); i++) {
    const size = /^\$(\d+)\r\n/.exec(text.slice(at, at + 20));
    if (size === null) return null;
    const from = at + size[0].length;
    at = from + Number(size[1]) + 2;
    if (text.length < at) return null;
    words.push(text.slice(from, at - 2));
  }
  return { words, bytes: at };
}
