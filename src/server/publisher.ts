// Brings messages to subscribers. A message is framed once for each channel or pattern it reaches,
//
//   *3\r\n $7\r\nmessage\r\n $<n>\r\n<channel>\r\n $<n>\r\n<message>\r\n        (*4, pmessage and the pattern first)
//
// and those bytes stand in the ring of replies once for each lane and protocol (RESP2 and RESP3 differ in the first byte
// alone) with a list of the connections they are for: the I/O side does the rest (native/net/io_messages.cc).
//
// A client can cause messages to itself: with RESP3 it may publish, or change keys whose notifications it reads, and inside
// EXEC any subscriber may. Such a message goes out before the reply of the command. If the reply has begun, as it has
// inside EXEC, the message would end up in the middle of it; then it is kept until the command is done (Redis 7.0.15
// still breaks the reply, later versions wait like this).
import { copyBytes } from '../base/bytes.ts';
import { globMatch } from '../base/glob.ts';
import { writeInt } from '../base/int64.ts';
import type { PublishPort } from '../commands/server_port.ts';
import { type Audience, listsOf } from '../session/audience.ts';
import type { Client } from '../session/client.ts';
import type { ServerCore } from './server.ts';

const ARRAY = 42;
const PUSH = 62;
const DOLLAR = 36;
const CR = 13;
const LF = 10;
/** What a frame takes besides its texts, at most. */
const OVERHEAD_BYTES = 128;
const FRAME_BYTES = 1024;
/** A frame buffer larger than this is not kept. */
const KEPT_BYTES_MAX = 1 << 16;

/** Audiences smaller than this are not worth lists that are kept. */
const LISTED_FROM = 8;

interface KeptMessage {
  readonly client: Client;
  readonly bytes: Uint8Array;
}

export class Publisher implements PublishPort {
  readonly #server: ServerCore;
  #frame = new Uint8Array(FRAME_BYTES);
  #length = 0;
  #kept: KeptMessage[] = [];

  constructor(server: ServerCore) {
    this.#server = server;
  }

  publish(channel: string, message: Uint8Array, at: number, length: number): number {
    const { channels, patterns } = this.#server.pubsub;
    const audience = channels.get(channel);
    let receivers = 0;
    if (audience !== undefined) {
      this.#begin(3, 'message', channel.length + length);
      this.#end(channel, message, at, length);
      this.#deliver(audience);
      receivers = audience.size;
    }
    if (patterns.size === 0) return receivers;
    const name = Buffer.from(channel, 'latin1');
    for (const pattern of patterns.values()) {
      const { bytes } = pattern;
      if (!globMatch(bytes, 0, bytes.length, name, 0, name.length, false)) continue;
      this.#begin(4, 'pmessage', bytes.length + channel.length + length);
      this.#text(pattern.name);
      this.#end(channel, message, at, length);
      this.#deliver(pattern.audience);
      receivers += pattern.audience.size;
    }
    return receivers;
  }

  publishToShard(channel: string, message: Uint8Array, at: number, length: number): number {
    const audience = this.#server.pubsub.shardChannels.get(channel);
    if (audience === undefined) return 0;
    this.#begin(3, 'smessage', channel.length + length);
    this.#end(channel, message, at, length);
    this.#deliver(audience);
    return audience.size;
  }

  /** Sends bytes to different clients as they are; to one that is replying, behind its reply. */
  send(bytes: Uint8Array, clients: readonly Client[]): void {
    const server = this.#server;
    const { lanes } = server;
    const replying = server.suspendTurn();
    const others = replying === undefined ? clients : clients.filter((client) => client !== replying);
    if (replying !== undefined && others.length < clients.length) this.keep(replying, bytes);
    for (const { lane, targets } of listsOf(others)) lanes[lane]!.message(bytes, targets);
    server.resumeTurn();
  }

  /** Sends bytes to a client behind the reply of the current command. */
  keep(client: Client, bytes: Uint8Array): void {
    this.#kept.push({ client, bytes });
  }

  /** Sends what had to wait for the end of the current command. */
  sendKept(): void {
    if (this.#kept.length === 0) return;
    const { outbox, lanes } = this.#server;
    outbox.suspend();
    for (const { client, bytes } of this.#kept) {
      lanes[client.lane]!.message(bytes, targetOf(client));
    }
    outbox.resume();
    this.#kept = [];
  }

  /** Sends the frame to everybody in an audience. */
  #deliver(audience: Audience): void {
    const server = this.#server;
    const { lanes } = server;
    const bytes = this.#frame.subarray(0, this.#length);
    const replying = server.suspendTurn();
    if (audience.size < LISTED_FROM || (replying !== undefined && audience.clients.has(replying))) {
      for (const client of audience.clients) {
        bytes[0] = client.resp3 ? PUSH : ARRAY;
        if (client === replying) this.keep(client, bytes.slice());
        else lanes[client.lane]!.message(bytes, targetOf(client));
      }
    } else {
      for (const { lane, resp3, targets } of audience.lists) {
        bytes[0] = resp3 ? PUSH : ARRAY;
        lanes[lane]!.message(bytes, targets);
      }
    }
    server.resumeTurn();
    if (bytes.length > KEPT_BYTES_MAX) this.#frame = new Uint8Array(FRAME_BYTES);
  }

  /** Begins a frame of so many parts, whose texts behind the kind have so many bytes together. */
  #begin(parts: number, kind: string, textBytes: number): void {
    const bytes = textBytes + OVERHEAD_BYTES;
    if (this.#frame.length < bytes) this.#frame = new Uint8Array(bytes < KEPT_BYTES_MAX ? 2 * bytes : bytes);
    this.#frame[1] = 48 + parts;
    this.#length = 2;
    this.#lineEnd();
    this.#text(kind);
  }

  #end(channel: string, message: Uint8Array, at: number, length: number): void {
    this.#text(channel);
    this.#header(length);
    copyBytes(message, at, this.#frame, this.#length, length);
    this.#length += length;
    this.#lineEnd();
  }

  #text(text: string): void {
    this.#header(text.length);
    const frame = this.#frame;
    const start = this.#length;
    for (let i = 0; i < text.length; i++) frame[start + i] = text.charCodeAt(i);
    this.#length = start + text.length;
    this.#lineEnd();
  }

  #header(length: number): void {
    this.#frame[this.#length] = DOLLAR;
    this.#length = writeInt(this.#frame, this.#length + 1, length);
    this.#lineEnd();
  }

  #lineEnd(): void {
    this.#frame[this.#length] = CR;
    this.#frame[this.#length + 1] = LF;
    this.#length += 2;
  }
}

function targetOf(client: Client): Int32Array {
  return Int32Array.of(client.slot, client.generation);
}
