// A server with a planted fault, to show that the differential test finds one: a proxy before a sound server that
// changes one of its replies.
import { connect, createServer, type Server, type Socket } from 'node:net';
import type { Runnable } from './runner.ts';

const TRUE_REPLY = '$3\r\nraw\r\n';
const FALSE_REPLY = '$3\r\nRAW\r\n';

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
    server.on('data', (chunk: Buffer) => {
      client.write(Buffer.from(chunk.toString('latin1').replaceAll(TRUE_REPLY, FALSE_REPLY), 'latin1'));
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
