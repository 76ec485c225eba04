// The execution thread's end of a lane: the shared buffers as views, and the positions it alone moves (native/abi.h).
import {
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
  REQ_TAIL,
} from './abi.ts';

export interface LaneBuffers {
  ctl: ArrayBuffer;
  req: ArrayBuffer;
  desc: ArrayBuffer;
  out: ArrayBuffer;
}

const NO_FRAME = -1;
/** Slot and generation of a connection that a message is for. */
const TARGET_BYTES = 8;
/** A frame with a message has at most so many bytes of it, and of names of connections. */
const MESSAGE_PART_BYTES_MAX = 1 << 15;

/** What a lane asks of the native side: room in `out`, or that published frames be sent. */
export interface LaneOwner {
  reserve(lane: number, bytes: number): void;
  flush(lane: number): void;
}

export class Lane {
  readonly index: number;
  readonly ctl: Int32Array;
  readonly req: Uint8Array;
  readonly desc: Int32Array;
  readonly out: Uint8Array;
  readonly outView: DataView;
  readonly #out32: Int32Array;
  readonly #owner: LaneOwner;
  readonly #mayPublish: () => boolean;
  /** Words of desc done; bytes of req done; both monotonic modulo 2^32. */
  descTail: number;
  reqTail: number;
  /** Bytes of out written, and of them published. */
  #outHead: number;
  /** out_tail as last read. */
  #outTail: number;
  /** Start of the open frame in `out`, or NO_FRAME. */
  #frame = NO_FRAME;
  #published: number;

  /**
   * `mayPublish` is asked before frames are published: what commands did may have to be on disk before. If not, replies are
   * dropped and their connections closed.
   */
  constructor(index: number, buffers: LaneBuffers, owner: LaneOwner, mayPublish = () => true) {
    this.index = index;
    this.#owner = owner;
    this.#mayPublish = mayPublish;
    this.ctl = new Int32Array(buffers.ctl);
    this.req = new Uint8Array(buffers.req);
    this.desc = new Int32Array(buffers.desc);
    this.out = new Uint8Array(buffers.out);
    this.outView = new DataView(buffers.out);
    this.#out32 = new Int32Array(buffers.out);
    this.descTail = Atomics.load(this.ctl, DESC_TAIL);
    this.reqTail = Atomics.load(this.ctl, REQ_TAIL);
    this.#outHead = Atomics.load(this.ctl, OUT_HEAD);
    this.#outTail = Atomics.load(this.ctl, OUT_TAIL);
    this.#published = this.#outHead;
  }

  /** Position up to which records are published. */
  descHead(): number {
    return Atomics.load(this.ctl, DESC_HEAD);
  }

  /** Publishes what was written and consumed: first the replies, then the tails. */
  publish(): void {
    if (this.#published !== this.#outHead) {
      this.#publishFrames();
    }
    Atomics.store(this.ctl, REQ_TAIL, this.reqTail);
    Atomics.store(this.ctl, DESC_TAIL, this.descTail);
  }

  /** Whether frames were written since the last publish. */
  get hasUnpublished(): boolean {
    return this.#published !== this.#outHead;
  }

  /**
   * Opens a frame with room for `bytes` bytes at least; returns where its bytes start. `frameLimit` says where its room ends.
   */
  openFrame(kind: number, slot: number, generation: number, bytes: number): number {
    if (this.#frame !== NO_FRAME) throw new Error('lane: a frame is open already');
    const needed = FRAME_HEADER_BYTES + ((bytes + 7) & ~7);
    const mask = this.out.length - 1;
    let at: number;
    // To make room may take frames back that were written.
    for (;;) {
      this.#makeRoom(needed);
      at = this.#outHead & mask;
      if (this.out.length - at >= needed) break;
      this.#makeRoom(this.out.length - at);
      at = this.#outHead & mask;
      this.#out32[at >> 2] = FRAME_WRAP;
      this.#outHead = (this.#outHead + (this.out.length - at)) | 0;
    }
    this.#frame = at;
    const word = at >> 2;
    this.#out32[word] = kind;
    this.#out32[word + 2] = slot;
    this.#out32[word + 3] = generation;
    return at + FRAME_HEADER_BYTES;
  }

  /** End of the contiguous free room for the open frame. */
  frameLimit(): number {
    const free = this.out.length - ((this.#outHead - this.#outTail) >>> 0);
    return Math.min(this.out.length, this.#frame + free) & ~7;
  }

  /** Closes the open frame, whose bytes end at `end`. */
  closeFrame(end: number): void {
    const length = end - this.#frame - FRAME_HEADER_BYTES;
    this.#out32[(this.#frame >> 2) + 1] = length;
    this.#outHead = (this.#outHead + FRAME_HEADER_BYTES + ((length + 7) & ~7)) | 0;
    this.#frame = NO_FRAME;
  }

  /** Closes the open frame like `closeFrame`; another one with the same reply follows. */
  closePart(end: number): void {
    this.#out32[this.#frame >> 2] = FRAME_PART;
    this.closeFrame(end);
  }

  /** Drops the open frame. */
  cancelFrame(): void {
    this.#frame = NO_FRAME;
  }

  /** A frame without bytes; `value` stands in its length word. */
  control(kind: number, slot: number, generation: number, value: number): void {
    const at = this.openFrame(kind, slot, generation, 0) - FRAME_HEADER_BYTES;
    this.#out32[(at >> 2) + 1] = value;
    this.#outHead = (this.#outHead + FRAME_HEADER_BYTES) | 0;
    this.#frame = NO_FRAME;
  }

  /** Has a message sent to connections, pairs of slot and generation. No frame may be open. */
  message(bytes: Uint8Array, targets: Int32Array): void {
    const partMax = Math.min(this.out.length >> 4, MESSAGE_PART_BYTES_MAX);
    const wordsMax = partMax >> 2;
    for (let first = 0; first < targets.length; first += wordsMax) {
      const some = targets.length <= wordsMax ? targets : targets.subarray(first, first + wordsMax);
      for (let from = 0; from < bytes.length; from += partMax) {
        this.#message(bytes.length <= partMax ? bytes : bytes.subarray(from, from + partMax), some);
      }
    }
  }

  #message(bytes: Uint8Array, targets: Int32Array): void {
    const targetsAt = (bytes.length + 7) & ~7;
    const at = this.openFrame(FRAME_MESSAGE, targets.length >> 1, 0, targetsAt + targets.length * 4);
    this.out.set(bytes, at);
    this.#out32.set(targets, (at + targetsAt) >> 2);
    this.closeFrame(at + bytes.length);
    this.#outHead = (this.#outHead + targets.length * 4) | 0;
  }

  #publishFrames(): void {
    if (!this.#mayPublish()) this.#dropReplies();
    this.#published = this.#outHead;
    Atomics.store(this.ctl, OUT_HEAD, this.#outHead);
  }

  /** Puts an end of the connection in the place of each reply that is not published; other frames stay, closed up. */
  #dropReplies(): void {
    const frames = this.#out32;
    const { length } = this.out;
    const mask = length - 1;
    let to = this.#published;
    for (let from = to; from !== this.#outHead; ) {
      const at = (from & mask) >> 2;
      const toAt = (to & mask) >> 2;
      const kind = frames[at]!;
      if (kind === FRAME_WRAP) {
        frames[toAt] = FRAME_WRAP;
        from = (from + length - (from & mask)) | 0;
        to = (to + length - (to & mask)) | 0;
        continue;
      }
      const isReply = kind === FRAME_DATA || kind === FRAME_PART || kind === FRAME_CLOSE_AFTER;
      let bytes = FRAME_HEADER_BYTES;
      if (isReply || kind === FRAME_MESSAGE) bytes += (frames[at + 1]! + 7) & ~7;
      if (kind === FRAME_MESSAGE) bytes += frames[at + 2]! * TARGET_BYTES;
      if (isReply) {
        const slot = frames[at + 2]!;
        const generation = frames[at + 3]!;
        frames[toAt] = FRAME_CLOSE_NOW;
        frames[toAt + 1] = 0;
        frames[toAt + 2] = slot;
        frames[toAt + 3] = generation;
        to = (to + FRAME_HEADER_BYTES) | 0;
      } else {
        frames.copyWithin(toAt, at, at + (bytes >> 2));
        to = (to + bytes) | 0;
      }
      from = (from + bytes) | 0;
    }
    this.#outHead = to;
  }

  /** Waits, if need be, until `bytes` bytes of `out` behind the head are free. */
  #makeRoom(bytes: number): void {
    const { length } = this.out;
    if (length - ((this.#outHead - this.#outTail) >>> 0) >= bytes) return;
    this.#outTail = Atomics.load(this.ctl, OUT_TAIL);
    if (length - ((this.#outHead - this.#outTail) >>> 0) >= bytes) return;
    this.#publishFrames();
    this.#owner.reserve(this.index, bytes);
    this.#outTail = Atomics.load(this.ctl, OUT_TAIL);
  }
}
