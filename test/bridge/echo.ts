// A server with the smallest possible execution thread: it answers every request with the request itself, as an array
// of bulk strings. What comes back thus tells exactly what was parsed. A few first words do something else:
//
//   big N        a bulk string of N bytes         quit         +OK, then the connection closes
//   count N      N times +OK                      hold         no answer
//   trust        +OK, and the normal limits hold  class N      +OK, and the client's class is N
//   nap N        the execution thread sleeps N ms, then +OK
import * as abi from '../../src/bridge/abi.ts';
import { counter, counterCount, loadBinding, type ReactorOptions } from '../../src/bridge/binding.ts';
import { Lane } from '../../src/bridge/lane.ts';

export const binding = loadBinding();

const NAMES = ['echo', 'get', 'set', 'big', 'quit', 'count', 'hold', 'trust', 'class', 'nap'];
const FIRST_KEYS = Int32Array.of(0, 1, 1, 0, 0, 0, 0, 0, 0, 0);
const HASH_KEY = [0x01020304, 0x05060708] as const;

export interface Closed {
  slot: number;
  reason: number;
}

export class EchoServer {
  readonly reactor;
  readonly memory;
  /** Every request that was seen, and every closing record. */
  commands = 0;
  readonly closed: Closed[] = [];
  readonly errors: { code: number; detail: number }[] = [];
  /** What is wrong with records, found while looking at them. */
  readonly faults: string[] = [];
  /** False: onReady leaves all records where they are. */
  draining = true;
  bigBuffers = 0;
  /** Ids and sockets as (lane, slot, generation) of the last record. */
  last = { lane: 0, slot: 0, generation: 0 };
  readonly lanes: Lane[];

  constructor(options: Partial<ReactorOptions> = {}) {
    this.memory = options.memory ?? new binding.Memory(2, 16);
    this.reactor = new binding.Reactor(
      { hashKey0: HASH_KEY[0], hashKey1: HASH_KEY[1], memory: this.memory, ...options },
      (lane) => this.#ready(lane),
    );
    this.reactor.setCommands(NAMES, FIRST_KEYS, new Int32Array(NAMES.length));
    const { reactor } = this;
    this.lanes = reactor.lanes.map((buffers, i) => new Lane(i, buffers, reactor));
  }

  /** Starts on a free port of 127.0.0.1 and returns it. */
  start(): number {
    const port = this.reactor.listenTcp('127.0.0.1', 0, 511);
    this.reactor.start();
    return port;
  }

  /** Goes on after `draining` was false. */
  drain(): void {
    this.draining = true;
    for (let i = 0; i < this.lanes.length; i++) {
      this.#drainLane(i);
      this.reactor.flush(i);
    }
  }

  count(name: keyof typeof counter): number {
    const all = new Float64Array(counterCount);
    this.reactor.counters(all);
    return all[counter[name]]!;
  }

  /** Sends frames of one kind that carry no bytes. */
  control(kind: number, value = 0): void {
    const { lane, slot, generation } = this.last;
    this.lanes[lane]!.control(kind, slot, generation, value);
    this.lanes[lane]!.publish();
    this.reactor.flush(lane);
  }

  send(lane: number, kind: number, slot: number, generation: number, bytes: Uint8Array): void {
    const to = this.lanes[lane]!;
    const most = to.out.length >> 2;
    for (let at = 0; at === 0 || at < bytes.length; at += most) {
      const part = bytes.subarray(at, at + most);
      const isLast = at + most >= bytes.length;
      const place = to.openFrame(isLast ? kind : abi.FRAME_DATA, slot, generation, part.length);
      to.out.set(part, place);
      to.closeFrame(place + part.length);
    }
  }

  #ready(lane: number): void {
    if (!this.draining) return;
    if (lane >= 0) this.#drainLane(lane);
    else for (let i = 0; i < this.lanes.length; i++) this.#drainLane(i);
  }

  #drainLane(index: number): void {
    const lane = this.lanes[index]!;
    const head = lane.descHead();
    if (head === lane.descTail) return;
    while (lane.descTail !== head) {
      const at = (lane.descTail >>> 0) & (lane.desc.length - 1);
      const words = lane.desc[at]! & 0xffffff;
      const kind = lane.desc[at]! >>> 24;
      if (kind !== abi.RECORD_WRAP) {
        this.#record(index, lane, kind, at, words);
        lane.reqTail = lane.desc[at + 6]!;
      }
      lane.descTail = (lane.descTail + words) | 0;
    }
    lane.publish();
  }

  #record(index: number, lane: Lane, kind: number, at: number, words: number): void {
    const slot = lane.desc[at + 1]!;
    const generation = lane.desc[at + 2]!;
    this.last = { lane: index, slot, generation };
    if (kind === abi.RECORD_CLOSED) {
      this.closed.push({ slot, reason: lane.desc[at + 3]! });
      lane.control(abi.FRAME_ACK_CLOSED, slot, generation, 0);
    } else if (kind === abi.RECORD_PROTOCOL_ERROR) {
      this.errors.push({ code: lane.desc[at + 3]!, detail: lane.desc[at + 4]! });
      const text = `-ERR ${lane.desc[at + 3]} ${lane.desc[at + 4]}\r\n`;
      this.send(index, abi.FRAME_CLOSE_AFTER, slot, generation, Buffer.from(text));
    } else {
      this.commands++;
      const command = lane.desc[at + 3]!;
      const args =
        kind === abi.RECORD_COMMAND ? this.#arguments(lane, at, words) : this.#bigArguments(lane, at);
      this.#check(lane, at, command, args);
      this.#answer(index, slot, generation, command, args);
    }
  }

  #arguments(lane: Lane, at: number, words: number): Buffer[] {
    const argc = lane.desc[at + 4]!;
    if (words !== 8 + 2 * argc) this.faults.push(`${words} words for ${argc} arguments`);
    if (lane.desc[at + 7] !== 0) this.faults.push('a big buffer in a plain record');
    return Array.from({ length: argc }, (_, i) => {
      const offset = lane.desc[at + 8 + 2 * i]!;
      return Buffer.from(lane.req.subarray(offset, offset + lane.desc[at + 9 + 2 * i]!));
    });
  }

  #bigArguments(lane: Lane, at: number): Buffer[] {
    this.bigBuffers++;
    const buffer = this.reactor.takeBuffer(lane.desc[at + 7]!);
    const table = lane.desc[at + 8]!;
    if (buffer.byteLength !== lane.desc[at + 9]) this.faults.push('size of a big buffer');
    const pairs = new Int32Array(buffer, table, 2 * lane.desc[at + 4]!);
    const args = Array.from({ length: pairs.length / 2 }, (_, i) =>
      Buffer.from(Buffer.from(buffer, pairs[2 * i]!, pairs[2 * i + 1]!)),
    );
    this.reactor.freeBuffer(buffer);
    if (buffer.byteLength !== 0) this.faults.push('a freed buffer is still there');
    return args;
  }

  #check(lane: Lane, at: number, command: number, args: Buffer[]): void {
    const name = args[0]!.toString('latin1').toLowerCase();
    if (command !== NAMES.indexOf(name)) this.faults.push(`${name} has the id ${command}`);
    const key = FIRST_KEYS[command] === 1 ? args[1] : undefined;
    const hash = key ? binding.hashBytes(HASH_KEY[0], HASH_KEY[1], key, 0, key.length) : 0;
    if (lane.desc[at + 5]! >>> 0 !== hash) this.faults.push(`hash of ${name}`);
  }

  #answer(index: number, slot: number, generation: number, command: number, args: Buffer[]): void {
    const number = Number(args[1]?.toString() ?? 0);
    const lane = this.lanes[index]!;
    const say = (bytes: Uint8Array | string, kind: number = abi.FRAME_DATA): void =>
      this.send(index, kind, slot, generation, Buffer.from(bytes));
    const name = NAMES[command];
    if (name === 'hold') return;
    if (name === 'big') say(`$${number}\r\n${'x'.repeat(number)}\r\n`);
    else if (name === 'quit') say('+OK\r\n', abi.FRAME_CLOSE_AFTER);
    else if (name === 'count') for (let i = 0; i < number; i++) say('+OK\r\n');
    else if (!this.#control(name, lane, slot, generation, number)) say(encode(args));
    else say('+OK\r\n');
  }

  #control(name: string | undefined, lane: Lane, slot: number, generation: number, number: number): boolean {
    if (name === 'trust') lane.control(abi.FRAME_TRUSTED, slot, generation, 0);
    else if (name === 'class') lane.control(abi.FRAME_CLASS, slot, generation, number);
    else if (name === 'nap') Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, number);
    else return false;
    return true;
  }
}

/** A request, and the answer to it, as an array of bulk strings. */
export function encode(args: readonly (Uint8Array | string | number)[]): Buffer {
  const parts = args.flatMap((arg) => {
    const bytes = typeof arg === 'object' ? arg : Buffer.from(String(arg), 'latin1');
    return [Buffer.from(`$${bytes.length}\r\n`), bytes, Buffer.from('\r\n')];
  });
  return Buffer.concat([Buffer.from(`*${args.length}\r\n`), ...parts]);
}
