// Clients that may not run commands for a while: blocked in a command until something happens, or held back by CLIENT
// PAUSE.
//
// Their further commands are kept in copies, in order, and run as if they had just arrived once the client may go on;
// that happens between batches, never inside another client's command. Their sockets are read on, so that a client that
// goes away is noticed, until so much is kept that reading has to stop; from then on the I/O side asks the system about it.
import {
  CLASS_NORMAL,
  CLASS_PATIENT,
  CLASS_PUBSUB,
  FRAME_CLASS,
  FRAME_PAUSE_READ,
  FRAME_RESUME_READ,
} from '../bridge/abi.ts';
import type { WaitingPort } from '../commands/server_port.ts';
import type { Reply } from '../resp/reply.ts';
import { type Client, type QueuedCommand, REPLY_ON } from '../session/client.ts';
import type { ServerCore } from './server.ts';

/** Bytes of kept commands, with what each costs, from which on the socket is not read. */
const UNREAD_FROM_BYTES = 64 * 1024;
const COMMAND_BYTES = 128;

/** Class of a client for limits of output. */
export function classOf(client: Client): number {
  return client.subscriptions === null ? CLASS_NORMAL : CLASS_PUBSUB;
}

/** Name of that class in the configuration. */
export function classNameOf(client: Client | undefined): 'normal' | 'pubsub' {
  return client === undefined || client.subscriptions === null ? 'normal' : 'pubsub';
}

export class Waiting implements WaitingPort {
  readonly #server: ServerCore;
  /** By id. */
  readonly #clients = new Map<number, Client>();
  #released: Client[] = [];

  constructor(server: ServerCore) {
    this.#server = server;
  }

  /** Clients that wait, for whatever reason. */
  get count(): number {
    return this.#clients.size;
  }

  /** Clients whose wait ends by itself at some time. */
  get timedCount(): number {
    let count = 0;
    for (const client of this.#clients.values())
      if (client.wait !== null && client.wait.deadline !== null) count++;
    return count;
  }

  /** The blocked client with this id. */
  blocked(id: number): Client | undefined {
    const client = this.#clients.get(id);
    return client?.wait ? client : undefined;
  }

  /** Blocks a client in its current command; `timeoutMs` may be Infinity. */
  block(client: Client, timeoutMs: number, timedOut: (reply: Reply) => void, ended: () => void): void {
    const { deadlines, clock, context } = this.#server;
    const deadline =
      timeoutMs === Number.POSITIVE_INFINITY
        ? null
        : deadlines.set(clock.monotonicMs() + timeoutMs, () => this.timeOut(client));
    const { args, commandId } = context;
    client.wait = { timedOut, ended, deadline, commandId, argumentBytes: args.totalBytes };
    this.#begin(client);
  }

  /** Ends the wait of a blocked client as if its time were up; false if it is not blocked. */
  timeOut(client: Client): boolean {
    return client.wait !== null && this.unblock(client, client.wait.timedOut);
  }

  /** Ends the wait of a blocked client with the answer that `write` gives; false if it is not blocked. */
  unblock(client: Client, write: (reply: Reply) => void): boolean {
    if (client.wait === null) return false;
    const { commandId } = client.wait;
    this.#endWait(client);
    if (client.replyMode === REPLY_ON) {
      const { gate, outbox, lanes } = this.#server;
      outbox.sendTo(lanes[client.lane]!, client.slot, client.generation, client.resp3, write);
      if (outbox.reply.errorText !== '') gate.noteError(commandId);
    }
    this.release(client);
    return true;
  }

  /** Ends the wait of a blocked client that has had its answer. */
  end(client: Client): void {
    this.#endWait(client);
    this.release(client);
  }

  /** Holds a client back from now on, its current command included. */
  hold(client: Client, command: QueuedCommand): void {
    this.#begin(client);
    this.keep(client, command);
  }

  /** Keeps a further command of a client that waits. */
  keep(client: Client, command: QueuedCommand): void {
    client.held!.push(command);
    client.heldBytes += command.bytes.length + COMMAND_BYTES;
    if (client.unread || client.heldBytes < UNREAD_FROM_BYTES) return;
    client.unread = true;
    // Whom only a slow disk holds up will have done what it asked for, and may have left when that was all sent.
    const mayLeave = client.wait === null && !this.#server.pause.isOrdered;
    this.#control(client, FRAME_PAUSE_READ, mayLeave ? 0 : 1);
  }

  /** Lets a client go on, as soon as no command is running. */
  release(client: Client): void {
    if (this.#clients.delete(client.id)) this.#released.push(client);
  }

  /** Runs what the released clients had kept. Only between batches. */
  runReleased(): void {
    // Those who go on may let others go on.
    while (this.#released.length > 0) {
      const clients = this.#released;
      this.#released = [];
      for (const client of clients) this.#goOn(client);
    }
  }

  #goOn(client: Client): void {
    const commands = client.held;
    if (commands === null) return;
    client.held = null;
    client.heldBytes = 0;
    this.#server.clients.refresh(client);
    this.#control(client, FRAME_CLASS, classOf(client));
    this.#server.resume(client, commands);
    if (client.held === null && client.unread) {
      client.unread = false;
      this.#control(client, FRAME_RESUME_READ, 0);
    }
  }

  /** The connection is gone. */
  forget(client: Client): void {
    if (client.wait !== null) this.#endWait(client);
    client.held = null;
    this.#clients.delete(client.id);
  }

  #begin(client: Client): void {
    client.held = [];
    this.#clients.set(client.id, client);
    this.#server.clientChanged(client);
    this.#control(client, FRAME_CLASS, classOf(client) | CLASS_PATIENT);
  }

  #endWait(client: Client): void {
    const { deadline, ended } = client.wait!;
    if (deadline !== null) this.#server.deadlines.cancel(deadline);
    client.wait = null;
    ended();
  }

  #control(client: Client, kind: number, value: number): void {
    const { outbox, lanes } = this.#server;
    outbox.controlTo(lanes[client.lane]!, client.slot, client.generation, kind, value);
  }
}
