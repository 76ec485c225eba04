// A server with a planted fault, to show that the differential test finds one: a proxy before a sound server that
// changes one of its replies.
import { connect, createServer, type Server, type Socket } from 'node:net';
import type { Runnable } from './runner.ts';

const TRUE_REPLY = '$3\r\nraw\r\n';
const FALSE_REPLY = '$3\r\nRAW\r\n';
/** What looks like the beginning of that reply is held back so long for the rest to come. */
const PATIENCE_MS = 3;

export class FaultyServer implements Runnable {
  readonly #sound: Runnable;
  #proxy: Server | undefined;
  readonly #sockets = new Set<Socket>();

  constructor(sound: Runnable) {
    this.#sound = sound;
  }

  async ready(): Promise<{ port: number }> {
    const { port } = await this.#sound.ready();
    if (!this.#proxy) {
      this.#proxy = createServer((client) =>
        this.#join(client, connect({ port, host: '127.0.0.1', noDelay: true })),
      );
      await new Promise<void>((listening) => this.#proxy!.listen(0, '127.0.0.1', listening));
    }
    const address = this.#proxy.address();
    return { port: typeof address === 'object' && address ? address.port : 0 };
  }

  #join(client: Socket, server: Socket): void {
    client.setNoDelay(true);
    client.pipe(server);
    let held = '';
    let timer: NodeJS.Timeout | undefined;
    const send = (text: string): void => void client.write(Buffer.from(text, 'latin1'));
    server.on('data', (chunk: Buffer) => {
      clearTimeout(timer);
      const text = (held + chunk.toString('latin1')).replaceAll(TRUE_REPLY, FALSE_REPLY);
      held = beginningAtEnd(text);
      send(text.slice(0, text.length - held.length));
      timer = setTimeout(() => {
        send(held);
        held = '';
      }, PATIENCE_MS);
    });
    server.on('end', () => client.end());
    for (const socket of [client, server]) {
      this.#sockets.add(socket);
      socket.on('error', () => socket.destroy());
      socket.on('close', () => {
        client.destroy();
        server.destroy();
      });
    }
  }

  async stop(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    this.#proxy?.close();
    await this.#sound.stop();
  }
}

/** The longest beginning of the true reply that a text ends with. */
function beginningAtEnd(text: string): string {
  for (let length = TRUE_REPLY.length - 1; length > 0; length--) {
    const beginning = TRUE_REPLY.slice(0, length);
    if (text.endsWith(beginning)) return beginning;
  }
  return '';
}
