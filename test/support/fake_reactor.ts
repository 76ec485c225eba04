// The native side for tests without sockets: encodes requests into a lane as the addon does, and collects reply bytes.

import type { KeyHash } from '../../src/base/keyhash.ts';
import {
  CTL_WORDS,
  DESC_HEAD,
  DESC_TAIL,
  FRAME_CLOSE_AFTER,
  FRAME_CLOSE_NOW,
  FRAME_DATA,
  FRAME_HEADER_BYTES,
  FRAME_MESSAGE,
  FRAME_PART,
  FRAME_WRAP,
  OUT_HEAD,
  OUT_TAIL,
  RECORD_BIG_COMMAND,
  RECORD_CLOSED,
  RECORD_COMMAND,
  RECORD_HEADER_WORDS,
} from '../../src/bridge/abi.ts';
import type { ClientRow, FailedHandshakes, Reactor } from '../../src/bridge/binding.ts';
import { encodeCommand } from './resp.ts';

const CARRYING: readonly number[] = [FRAME_DATA, FRAME_PART, FRAME_CLOSE_AFTER, FRAME_MESSAGE];
const REQ_BYTES = 1 << 20;
const BIG_BYTES = 1 << 16;
const GENERATION = 1;

export class FakeReactor implements Reactor {
  readonly lanes;
  readonly threaded = false;
  readonly poller = 'none';
  readonly #hash: KeyHash;
  readonly #onReady: (lane: number) => void;
  readonly #ctl: Int32Array;
  readonly #req: Uint8Array;
  readonly #desc: Int32Array;
  readonly #out: Uint8Array;
  readonly #out32: Int32Array;
  readonly #names = new Map<string, number>();
  #firstKeys = new Int32Array(0);
  readonly #big = new Map<number, ArrayBuffer>();
  #nextBig = 1;
  /** Reply bytes by slot, as they would reach the socket. */
  readonly received = new Map<number, Buffer[]>();
  readonly closed = new Set<number>();
  /** Told of every frame that is no data. */
  onControl: ((kind: number, slot: number, value: number) => void) | null = null;
  readonly settings = new Map<string, number>();

  constructor(hash: KeyHash, onReady: (lane: number) => void, outBytes = 1 << 20) {
    this.#hash = hash;
    this.#onReady = onReady;
    const lane = {
      ctl: new ArrayBuffer(CTL_WORDS * 4),
      req: new ArrayBuffer(REQ_BYTES),
      desc: new ArrayBuffer(4 << 16),
      out: new ArrayBuffer(outBytes),
    };
    this.lanes = [lane];
    this.#ctl = new Int32Array(lane.ctl);
    this.#req = new Uint8Array(lane.req);
    this.#desc = new Int32Array(lane.desc);
    this.#out = new Uint8Array(lane.out);
    this.#out32 = new Int32Array(lane.out);
  }

  /** Runs commands of one connection as one batch. */
  run(slot: number, commands: readonly (readonly Uint8Array[])[]): void {
    this.runSteps(commands.map((words) => ({ slot, words })));
  }

  /** The peer of a connection goes away. */
  close(slot: number): void {
    this.runSteps([{ slot, words: null }]);
  }

  /** One batch of commands of several connections; without words, the connection's peer goes away. */
  runSteps(steps: readonly { slot: number; words: readonly Uint8Array[] | null }[]): void {
    let head = this.#wrapIfNeeded();
    let at = 0;
    for (const { slot, words } of steps) {
      if (words === null) {
        head = this.#putClosed(slot, head);
        continue;
      }
      const size = words.reduce((sum, word) => sum + word.length, 0);
      const request = size > BIG_BYTES ? null : encodeCommand(words);
      if (request === null || request.length > REQ_BYTES - at) {
        head = this.#putBig(slot, words, head);
      } else {
        head = this.#putSmall(slot, words, head, request, at);
        at += request.length;
      }
    }
    this.#ctl[DESC_HEAD] = head;
    this.#onReady(0);
    this.#drainOut();
    for (const { slot, words } of steps) if (words === null) this.closed.add(slot);
  }

  setCommands(names: readonly string[], firstKeys: Int32Array): void {
    this.#names.clear();
    names.forEach((name, id) => {
      if (name !== '') this.#names.set(name, id);
    });
    this.#firstKeys = firstKeys.slice();
  }

  configure(name: string, value: number): void {
    this.settings.set(name, value);
  }

  flush(): void {
    this.#drainOut();
  }

  reserve(): void {
    this.#drainOut();
  }

  sleep(): boolean {
    return true;
  }

  clients(): ClientRow[] {
    return [...this.received.keys()]
      .filter((slot) => !this.closed.has(slot))
      .map((slot) => this.clientRow(0, slot));
  }

  holders(): number {
    return 0;
  }

  clientRow(lane: number, slot: number): ClientRow {
    return {
      id: slot + 1,
      lane,
      slot,
      generation: GENERATION,
      fd: slot + 10,
      addr: `127.0.0.1:${40000 + slot}`,
      laddr: '127.0.0.1:6379',
      ageSec: 0,
      idleSec: 0,
      lastCommand: -1,
      queryBytes: 0,
      queryFreeBytes: 0,
      outBytes: 0,
      outBlocks: 0,
      unix: false,
      database: 0,
      trusted: true,
      known: true,
      closed: this.closed.has(slot),
    };
  }

  takeBuffer(id: number): ArrayBuffer {
    const buffer = this.#big.get(id)!;
    this.#big.delete(id);
    return buffer;
  }

  freeBuffer(buffer: ArrayBuffer): void {
    structuredClone(buffer, { transfer: [buffer] });
  }

  configureTls(): string {
    return 'the fake reactor has no TLS';
  }

  takeFailedHandshakes(): FailedHandshakes {
    return { failed: [], more: 0 };
  }

  listenTcp(): number {
    throw new Error('the fake reactor has no sockets');
  }

  listenUnix(): void {
    throw new Error('the fake reactor has no sockets');
  }

  stopListening(): void {}
  start(): void {}
  async stop(): Promise<void> {}
  counters(into: Float64Array): void {
    into.fill(0);
  }
  ref(): void {}
  unref(): void {}

  get #mask(): number {
    return this.#desc.length - 1;
  }

  /** Where the next batch starts: at the ring's start again once half of it is used. */
  #wrapIfNeeded(): number {
    const tail = this.#ctl[DESC_TAIL]!;
    const at = tail & this.#mask;
    if (at < this.#desc.length / 2) return tail;
    const words = this.#desc.length - at;
    this.#desc[at] = words;
    return tail + words;
  }

  #record(slot: number, words: readonly Uint8Array[], head: number, kind: number, size: number): Int32Array {
    const at = head & this.#mask;
    if (at + size > this.#desc.length) throw new Error('fake reactor: the batch is too large');
    const record = this.#desc.subarray(at, at + size);
    const name = Buffer.from(words[0]!).toString('latin1').toLowerCase();
    const id = this.#names.get(name) ?? -1;
    const key = id < 0 ? 0 : this.#firstKeys[id]!;
    record[0] = (kind << 24) | size;
    record[1] = slot;
    record[2] = GENERATION;
    record[3] = id;
    record[4] = words.length;
    record[5] = key > 0 && key < words.length ? this.#hash.hash(words[key]!, 0, words[key]!.length) : 0;
    record[6] = 0;
    record[7] = 0;
    return record;
  }

  #putClosed(slot: number, head: number): number {
    const at = head & this.#mask;
    this.#desc.fill(0, at, at + RECORD_HEADER_WORDS);
    this.#desc[at] = (RECORD_CLOSED << 24) | RECORD_HEADER_WORDS;
    this.#desc[at + 1] = slot;
    this.#desc[at + 2] = GENERATION;
    return head + RECORD_HEADER_WORDS;
  }

  #putSmall(
    slot: number,
    words: readonly Uint8Array[],
    head: number,
    request: Buffer,
    start: number,
  ): number {
    const record = this.#record(slot, words, head, RECORD_COMMAND, RECORD_HEADER_WORDS + 2 * words.length);
    this.#req.set(request, start);
    let at = start + request.indexOf('$');
    words.forEach((word, i) => {
      at += `$${word.length}\r\n`.length;
      record[RECORD_HEADER_WORDS + 2 * i] = at;
      record[RECORD_HEADER_WORDS + 2 * i + 1] = word.length;
      at += word.length + '\r\n'.length;
    });
    return head + record.length;
  }

  #putBig(slot: number, words: readonly Uint8Array[], head: number): number {
    const bytes = words.reduce((sum, word) => sum + word.length, 0);
    const pairsAt = (bytes + 3) & ~3;
    const buffer = new ArrayBuffer(pairsAt + words.length * 8);
    const pairs = new Int32Array(buffer, pairsAt);
    let at = 0;
    words.forEach((word, i) => {
      new Uint8Array(buffer).set(word, at);
      pairs[2 * i] = at;
      pairs[2 * i + 1] = word.length;
      at += word.length;
    });
    const record = this.#record(slot, words, head, RECORD_BIG_COMMAND, RECORD_HEADER_WORDS + 2);
    record[7] = this.#nextBig;
    record[8] = pairsAt;
    record[9] = buffer.byteLength;
    this.#big.set(this.#nextBig++, buffer);
    return head + record.length;
  }

  #drainOut(): void {
    let tail = this.#ctl[OUT_TAIL]!;
    const head = this.#ctl[OUT_HEAD]!;
    while (tail !== head) {
      const at = tail & (this.#out.length - 1);
      const [kind, length, slot] = this.#out32.subarray(at >> 2, (at >> 2) + 3);
      if (kind === FRAME_WRAP) {
        tail = (tail + this.#out.length - at) | 0;
        continue;
      }
      const carries = CARRYING.includes(kind!);
      const bytes = carries ? length! : 0;
      const start = at + FRAME_HEADER_BYTES;
      const content = Buffer.from(this.#out.slice(start, start + bytes));
      const padded = (bytes + 7) & ~7;
      tail = (tail + FRAME_HEADER_BYTES + padded) | 0;
      if (kind === FRAME_MESSAGE) {
        for (let i = 0; i < slot!; i++) {
          this.#take(FRAME_DATA, this.#out32[(start + padded + 8 * i) >> 2]!, bytes, content);
        }
        tail = (tail + 8 * slot!) | 0;
      } else {
        this.#take(kind!, slot!, length!, content);
      }
    }
    this.#ctl[OUT_TAIL] = tail;
  }

  #take(kind: number, slot: number, value: number, bytes: Buffer): void {
    if (!this.received.has(slot)) this.received.set(slot, []);
    if (bytes.length > 0 && !this.closed.has(slot)) this.received.get(slot)!.push(bytes);
    if (kind === FRAME_CLOSE_AFTER || kind === FRAME_CLOSE_NOW) this.closed.add(slot);
    if (kind !== FRAME_DATA && kind !== FRAME_PART) this.onControl?.(kind, slot, value);
  }
}
