// Connects the reply writer with the reply rings: opens a frame when a connection's turn begins, closes it when the turn
// ends or the ring's contiguous room does, and lets a message go to another connection in between.
import { FRAME_DATA } from '../bridge/abi.ts';
import type { Lane } from '../bridge/lane.ts';
import { Reply, type ReplySink, ROOM_BYTES_MAX } from '../resp/reply.ts';

/** Room asked for when a connection's turn begins. */
const FIRST_ROOM_BYTES = 512;

export class Outbox implements ReplySink {
  readonly reply: Reply;
  #lane: Lane | null = null;
  #slot = 0;
  #generation = 0;
  #start = 0;
  #frame = 0;
  /** While set, what the reply writer produces is dropped (CLIENT REPLY OFF). */
  #muted = false;
  /** The turn that was put aside. */
  #aside: Lane | null = null;
  #asideMuted = false;

  /** Told how long a reply has got that does not fit one frame. */
  readonly #onLong: (bytes: number) => void;
  /** Bytes of closed frames in this turn. */
  #turnBytes = 0;
  /** What added to a place in a frame that was closed as a part gives the bytes of this turn before that place. */
  readonly #bytesBefore = new Map<number, number>();
  /** The last frame of this turn was closed as a part: another one must follow. */
  #isPart = false;

  constructor(onLong: (bytes: number) => void) {
    this.#onLong = onLong;
    this.reply = new Reply(this);
  }

  /** From now on replies go to this connection. */
  enter(lane: Lane, slot: number, generation: number): void {
    this.#lane = lane;
    this.#slot = slot;
    this.#generation = generation;
    this.#turnBytes = 0;
    if (this.#bytesBefore.size > 0) this.#bytesBefore.clear();
    this.#open(FIRST_ROOM_BYTES);
  }

  /** Ends the connection's turn: its frame is complete. */
  leave(): void {
    if (this.#lane === null) return;
    this.#close();
    this.#muted = false;
    this.#lane = null;
  }

  more(bytes: number): void {
    if (this.#muted) {
      this.reply.at = this.#start;
      return;
    }
    this.#bytesBefore.set(this.#frame, this.#turnBytes - this.#start);
    this.#turnBytes += this.reply.at - this.#start;
    this.#closePart();
    const room = Math.max(bytes, ROOM_BYTES_MAX);
    this.#open(room);
    this.#onLong(this.#turnBytes);
    if (this.reply.limit - this.reply.at >= room) return;
    // Others were closed, and the turn put aside for that.
    this.#close();
    this.#open(room);
  }

  /** Drops what is written until `unmute`. */
  mute(): void {
    this.#close();
    this.#muted = true;
    this.#open(FIRST_ROOM_BYTES);
  }

  /** Writes again; whether anything was dropped. */
  unmute(): boolean {
    if (!this.#muted) return false;
    this.#muted = false;
    this.reply.at = this.#start;
    return true;
  }

  /** Forgets what the current command has written, if it has not left yet; false if some of it has. */
  rewind(mark: number, markFrame: number): boolean {
    if (markFrame !== this.#frame) return false;
    this.reply.at = mark;
    return true;
  }

  /** Bytes written in this turn since `mark`, which was a place in frame `markFrame`. */
  bytesSince(mark: number, markFrame: number): number {
    if (this.#muted) return 0;
    if (markFrame === this.#frame) return this.reply.at - mark;
    const before = this.#bytesBefore.get(markFrame);
    const skipped = before === undefined ? 0 : before + mark;
    return this.#turnBytes + this.reply.at - this.#start - skipped;
  }

  /** Number of the open frame: grows when a frame was closed. */
  get frame(): number {
    return this.#frame;
  }

  /** A frame of another kind after what has been written so far, for the connection whose turn it is. */
  control(kind: number, value: number): void {
    this.#close();
    this.#lane!.control(kind, this.#slot, this.#generation, value);
    this.#open(FIRST_ROOM_BYTES);
  }

  /** Sends a control frame to any connection. */
  controlTo(lane: Lane, slot: number, generation: number, kind: number, value: number): void {
    this.suspend();
    lane.control(kind, slot, generation, value);
    this.resume();
  }

  /** Writes a message to any connection, between or during turns; the writer must set nothing else. */
  sendTo(lane: Lane, slot: number, generation: number, resp3: boolean, write: (reply: Reply) => void): void {
    const { reply } = this;
    const wasResp3 = reply.resp3;
    const turnSlot = this.#slot;
    const turnGeneration = this.#generation;
    this.suspend();
    reply.resp3 = resp3;
    this.enter(lane, slot, generation);
    write(reply);
    this.leave();
    reply.resp3 = wasResp3;
    this.#slot = turnSlot;
    this.#generation = turnGeneration;
    this.resume();
  }

  /** Puts the turn in progress aside, if there is one, so that frames may go to any connection until `resume`. */
  suspend(): void {
    this.#aside = this.#lane;
    this.#asideMuted = this.#muted;
    if (this.#lane !== null) this.#close();
    this.#muted = false;
    this.#lane = null;
  }

  /** Goes on with the turn that was put aside. */
  resume(): void {
    const lane = this.#aside;
    if (lane === null) return;
    this.#aside = null;
    this.#muted = this.#asideMuted;
    this.enter(lane, this.#slot, this.#generation);
  }

  #open(bytes: number): void {
    const lane = this.#lane!;
    // A frame that is dropped is written over and over from its start, so it must take the largest request at once.
    const room = this.#muted ? ROOM_BYTES_MAX + FIRST_ROOM_BYTES : bytes;
    this.#frame++;
    this.#start = lane.openFrame(FRAME_DATA, this.#slot, this.#generation, room);
    this.reply.out = lane.out;
    this.reply.outView = lane.outView;
    this.reply.at = this.#start;
    this.reply.limit = lane.frameLimit();
  }

  #close(): void {
    const lane = this.#lane!;
    if (this.#muted) this.reply.at = this.#start;
    if (this.reply.at === this.#start && !this.#isPart) lane.cancelFrame();
    else lane.closeFrame(this.reply.at);
    this.#isPart = false;
  }

  #closePart(): void {
    const lane = this.#lane!;
    if (this.reply.at === this.#start) {
      lane.cancelFrame();
      return;
    }
    lane.closePart(this.reply.at);
    this.#isPart = true;
  }
}
