// A connection that is going to die, over TCP or TLS, on a socket that can be ended, reset and left unread.
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { connect as connectSecure } from 'node:tls';
import { RespClient } from '../support/resp.ts';

/** Where a server listens; with `ca`, it speaks TLS there. */
export interface Door {
  readonly port: number;
  readonly ca?: string;
}

export class Victim {
  /** Nobody else's: it is in all that this connection asks for. */
  readonly tag: string;
  readonly state: string;
  readonly client: RespClient;
  /** As CLIENT KILL takes it: two listeners may have clients of the same address. */
  readonly address: readonly string[];
  /** As CLIENT LIST shows it. */
  readonly listed: string;
  readonly #raw: Socket;
  readonly #socket: Socket;

  private constructor(raw: Socket, socket: Socket, state: string, tag: string) {
    this.#raw = raw;
    this.#socket = socket;
    this.state = state;
    this.tag = tag;
    this.client = RespClient.over(socket);
    const [peer, local] = [`127.0.0.1:${raw.localPort}`, `127.0.0.1:${raw.remotePort}`];
    this.address = ['ADDR', peer, 'LADDR', local];
    this.listed = `addr=${peer} laddr=${local}`;
  }

  /** `shakes`: false leaves a TLS server's connection without a handshake. */
  static async open(door: Door, state: string, tag: string, shakes: boolean): Promise<Victim> {
    const raw = connect({ port: door.port, host: '127.0.0.1', noDelay: true });
    raw.on('error', () => {});
    await once(raw, 'connect');
    if (door.ca === undefined || !shakes) return new Victim(raw, raw, state, tag);
    const socket = connectSecure({ socket: raw, ca: door.ca, checkServerIdentity: () => undefined });
    await once(socket, 'secureConnect');
    return new Victim(raw, socket, state, tag);
  }

  async logIn(): Promise<void> {
    if ((await this.client.call('AUTH', 'victim', 'secret')) !== 'OK') throw new Error('cannot log in');
    // A reply of its own, so that a later one that is not is seen.
    if ((await this.client.call('ECHO', this.tag)) !== this.tag) throw new Error("somebody else's reply");
  }

  send(bytes: string): void {
    if (!this.client.closed) this.client.write(bytes);
  }

  stopReading(): void {
    this.#socket.pause();
  }

  read(): void {
    this.#socket.resume();
  }

  /** Finishes sending; goes on reading. */
  halfClose(): void {
    this.#socket.end();
  }

  close(): void {
    this.client.close();
    this.#raw.destroy();
  }

  reset(): void {
    if (this.#raw.destroyed) return;
    this.#raw.resetAndDestroy();
    this.client.close();
  }
}
