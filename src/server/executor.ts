// Runs batches of parsed commands: the hot loop of the server.
//
// For each record: which connection (looked up only when it changes), may the command run at once (one mask test
// and its number of words), the handler. Everything else (unknown commands, containers, MULTI, clients that are not in
// the default state, commands whose time is worth measuring alone) takes the careful path in gate.ts.
//
// Time: the clock is read at both ends of a batch, not around each command. Commands of constant cost share the batch's
// time evenly; those whose cost depends on data are measured alone (they carry ALWAYS_CAREFUL and go through the gate).
import {
  FRAME_ACK_CLOSED,
  RECORD_BIG_COMMAND,
  RECORD_CLOSED,
  RECORD_COMMAND,
  RECORD_HEADER_WORDS,
  RECORD_PROTOCOL_ERROR,
  RECORD_WRAP,
} from '../bridge/abi.ts';
import type { Lane } from '../bridge/lane.ts';
import type { Args } from '../commands/args.ts';
import type { Context } from '../commands/context.ts';
import type { Handler } from '../commands/spec.ts';
import { type Client, type QueuedCommand, REPLY_ON } from '../session/client.ts';
import type { LaneClients } from '../session/lane_clients.ts';
import { ATTENTION, DB_SHIFT, RESP3 } from '../session/state.ts';
import type { BlockedKeys } from './blocked_keys.ts';
import { type Gate, KEPT_PROTOCOL_ERROR } from './gate.ts';
import type { Outbox } from './outbox.ts';
import type { ServerCore } from './server.ts';

const NO_SLOT = -1;
/** More than what stands around a word of a request. */
const WORD_BYTES = 16;

export class Executor {
  readonly #server: ServerCore;
  readonly #gate: Gate;
  readonly #context: Context;
  readonly #args: Args;
  readonly #outbox: Outbox;
  readonly #blocking: BlockedKeys;
  readonly #handlers: readonly Handler[];
  readonly #minimum: Int32Array;
  readonly #maximum: Int32Array;
  readonly #calls: Float64Array;
  /** Fast calls in this batch by id, and which ids those are. */
  readonly #batchCalls: Int32Array;
  readonly #batchIds: Int32Array;
  #batchIdCount = 0;
  #lane: Lane | null = null;
  #clients: LaneClients | null = null;
  #slot = NO_SLOT;
  #generation = 0;
  /** Commands whose words or reply have so many bytes (a power of two, or 0) are looked at, whether they are large. */
  largeBytesMin = 2 ** 32;
  /** Time that batches have taken. */
  batchesMs = 0;
  /** Packed state of the connection whose turn it is. */
  #state = 0;
  /** What of a command's gate bits makes it take the careful path: the server's mask and the client's. */
  #mask = 0;
  /** Where the current command's reply started. */
  #mark = 0;
  #markFrame = 0;
  /** Nothing of the reply had been written when the turn was put aside. */
  #wasFresh = false;

  constructor(server: ServerCore, gate: Gate, context: Context, outbox: Outbox) {
    this.#server = server;
    this.#gate = gate;
    this.#context = context;
    this.#args = context.args;
    this.#outbox = outbox;
    this.#blocking = server.blocking;
    this.#handlers = context.table.handlers;
    this.#minimum = gate.minimumWords;
    this.#maximum = gate.plainWordsMax;
    this.#calls = server.stats.calls;
    this.#batchCalls = new Int32Array(context.table.specs.length);
    this.#batchIds = new Int32Array(context.table.specs.length);
  }

  /** Bytes of the running command's reply so far. */
  get replyBytes(): number {
    return this.#outbox.bytesSince(this.#mark, this.#markFrame);
  }

  /** Whether the request or the reply of the running command may have `largeBytesMin` bytes: close enough to look. */
  get mayBeLarge(): boolean {
    const { args } = this.#context;
    const textBytes = args.count * WORD_BYTES + args.totalBytes;
    return textBytes >= this.largeBytesMin || this.replyBytes >= this.largeBytesMin;
  }

  get lane(): Lane {
    return this.#lane!;
  }

  get slot(): number {
    return this.#slot;
  }

  get generation(): number {
    return this.#generation;
  }

  /** True while commands of a connection are being run. */
  get running(): boolean {
    return this.#slot !== NO_SLOT;
  }

  /** Runs everything that a lane has published; answers whether there was anything. */
  drain(lane: Lane): boolean {
    let head = lane.descHead();
    if (head === lane.descTail) return false;
    const startMs = this.#server.wake();
    this.#context.keyspace.tick();
    this.#lane = lane;
    this.#clients = this.#server.clients.lanes[lane.index]!;
    this.#gate.beginBatch();
    while (head !== lane.descTail) {
      try {
        this.#run(lane, head);
      } catch (error) {
        this.#recover(lane, error);
      }
      head = lane.descHead();
    }
    this.#leave();
    this.#lane = null;
    if (!this.#server.publishesLater) lane.publish();
    const elapsedMs = this.#server.clock.monotonicMs() - startMs;
    this.batchesMs += elapsedMs;
    this.#account(elapsedMs - this.#gate.batchMs);
    this.#server.afterBatch();
    return true;
  }

  /** Runs commands that a client had to keep for a while. Only between batches. */
  resume(client: Client, commands: readonly QueuedCommand[]): void {
    this.#context.keyspace.tick();
    this.#takeLane(client.lane);
    this.#gate.beginBatch();
    this.#enter(this.#lane!, client.slot, client.generation);
    for (const command of commands) this.#runKept(command);
    this.#leave();
    this.#lane = null;
  }

  /**
   * Runs a command again that was blocked on keys, its reply going to its client: between batches, or in the middle of one,
   * between two commands, whose connection then has its turn again.
   */
  runAgain(client: Client, command: QueuedCommand): void {
    const lane = this.#lane;
    const slot = this.#slot;
    const generation = this.#generation;
    this.#leave();
    this.#takeLane(client.lane);
    this.#enter(this.#lane!, client.slot, client.generation);
    this.#load(command);
    this.#runResumed(client, command.id);
    this.#leave();
    this.#lane = lane;
    if (lane === null) return;
    this.#takeLane(lane.index);
    if (slot !== NO_SLOT) this.#enter(lane, slot, generation);
  }

  #runResumed(client: Client, id: number): void {
    const context = this.#context;
    const isMuted = client.replyMode !== REPLY_ON;
    if (isMuted) this.#outbox.mute();
    context.resumed = true;
    try {
      this.#gate.runAgain(id);
    } catch (error) {
      if (isMuted) this.#server.logInternalError(error);
      else this.#answerThrown(error);
    }
    context.resumed = false;
    this.#outbox.unmute();
  }

  #takeLane(index: number): void {
    this.#lane = this.#server.lanes[index]!;
    this.#clients = this.#server.clients.lanes[index]!;
  }

  /** Runs a command of a transaction, inside EXEC; if it throws, an error takes the place of its reply alone. */
  runQueued(command: QueuedCommand): void {
    const mark = this.#mark;
    const markFrame = this.#markFrame;
    this.#load(command);
    try {
      this.#gate.runQueued(command.id);
    } catch (error) {
      this.#answerThrown(error);
    }
    this.#mark = mark;
    this.#markFrame = markFrame;
  }

  #load(command: QueuedCommand): void {
    this.#args.load(command);
    this.#mark = this.#context.reply.at;
    this.#markFrame = this.#outbox.frame;
  }

  #runKept(command: QueuedCommand): void {
    const { id, pairs } = command;
    this.#load(command);
    try {
      if (id === KEPT_PROTOCOL_ERROR) this.#gate.protocolError(pairs[0]!, pairs[1]!);
      else this.#gate.careful(id);
    } catch (error) {
      this.#answerThrown(error);
    }
    if (this.#blocking.pending) this.#blocking.serve();
  }

  /** Puts the turn aside so that messages may go to any connection; whether a reply has begun in it. */
  suspend(): boolean {
    const { inTransaction, reply } = this.#context;
    this.#wasFresh = reply.at === this.#mark && this.#outbox.frame === this.#markFrame;
    this.#outbox.suspend();
    return this.running && (inTransaction || !this.#wasFresh);
  }

  /** Goes on with the turn. */
  takeUp(): void {
    this.#outbox.resume();
    if (!this.#wasFresh) return;
    this.#mark = this.#context.reply.at;
    this.#markFrame = this.#outbox.frame;
  }

  /** Makes the next command look at the current connection's state again. */
  refreshState(): void {
    if (this.#slot === NO_SLOT) return;
    this.#state = this.#clients!.state(this.#slot);
    this.#apply();
  }

  #run(lane: Lane, head: number): void {
    const { desc } = lane;
    const descMask = desc.length - 1;
    const args = this.#args;
    const handlers = this.#handlers;
    const context = this.#context;
    const { effects, reply } = context;
    const { logged } = this.#gate;
    const gates = this.#gate.bits;
    const blocking = this.#blocking;
    args.pairs = desc;
    args.bytes = lane.req;
    let tail = lane.descTail;
    while (tail !== head) {
      const at = tail & descMask;
      const size = desc[at]! & 0xffffff;
      const kind = desc[at]! >>> 24;
      if (kind === RECORD_COMMAND) {
        const slot = desc[at + 1]!;
        if (slot !== this.#slot) this.#enter(lane, slot, desc[at + 2]!);
        const id = desc[at + 3]!;
        const count = desc[at + 4]!;
        args.first = at + RECORD_HEADER_WORDS;
        args.count = count;
        args.hash = desc[at + 5]!;
        const mark = reply.at;
        this.#mark = mark;
        this.#markFrame = this.#outbox.frame;
        if (
          id >= 0 &&
          (gates[id]! & this.#mask) === 0 &&
          count >= this.#minimum[id]! &&
          count <= this.#maximum[id]!
        ) {
          context.commandId = id;
          handlers[id]!(context);
          if (effects.active) effects.ran(context, logged[id] !== 0);
          if (reply.errorText !== '') this.#gate.noteError(id);
          const grown = (reply.at - mark) | (desc[at + 6]! - lane.reqTail);
          if (grown >>> 0 >= this.largeBytesMin || this.#outbox.frame !== this.#markFrame)
            this.#server.admin.large(context, id);
          if (this.#batchCalls[id]!++ === 0) this.#batchIds[this.#batchIdCount++] = id;
        } else {
          this.#gate.careful(id);
          args.pairs = desc;
          args.bytes = lane.req;
        }
        if (blocking.pending) this.#serveBlocked(lane);
        lane.reqTail = desc[at + 6]!;
      } else if (kind !== RECORD_WRAP) {
        this.#runOther(lane, at, kind);
        args.pairs = desc;
        args.bytes = lane.req;
        lane.reqTail = desc[at + 6]!;
      }
      tail = (tail + size) | 0;
      lane.descTail = tail;
    }
  }

  /** Records other than plain commands. */
  #runOther(lane: Lane, at: number, kind: number): void {
    const { desc } = lane;
    const slot = desc[at + 1]!;
    const generation = desc[at + 2]!;
    if (kind === RECORD_CLOSED) {
      if (slot === this.#slot) this.#leave();
      this.#server.connectionClosed(lane, slot, generation, desc[at + 3]!);
      this.#outbox.controlTo(lane, slot, generation, FRAME_ACK_CLOSED, 0);
      return;
    }
    if (slot !== this.#slot) this.#enter(lane, slot, generation);
    if (kind === RECORD_PROTOCOL_ERROR) this.#gate.protocolError(desc[at + 3]!, desc[at + 4]!);
    else if (kind === RECORD_BIG_COMMAND) this.#runBig(at, desc);
  }

  #runBig(at: number, desc: Int32Array): void {
    const args = this.#args;
    const buffer = this.#server.reactor.takeBuffer(desc[at + 7]!);
    args.bytes = new Uint8Array(buffer);
    args.pairs = new Int32Array(buffer, desc[at + 8]!, desc[at + 4]! * 2);
    args.first = 0;
    args.count = desc[at + 4]!;
    args.hash = desc[at + 5]!;
    this.#mark = this.#context.reply.at;
    this.#markFrame = this.#outbox.frame;
    try {
      this.#server.clientEviction.look(buffer.byteLength);
      this.#gate.careful(desc[at + 3]!);
    } catch (error) {
      this.#answerThrown(error);
    } finally {
      this.#server.reactor.freeBuffer(buffer);
    }
    if (this.#blocking.pending) this.#blocking.serve();
  }

  /** Serves those who are blocked on what the last command changed, and goes on with the lane's own commands. */
  #serveBlocked(lane: Lane): void {
    this.#blocking.serve();
    this.#args.pairs = lane.desc;
    this.#args.bytes = lane.req;
  }

  /** Begins a connection's turn. */
  #enter(lane: Lane, slot: number, generation: number): void {
    if (this.#slot !== NO_SLOT) this.#outbox.leave();
    this.#slot = slot;
    this.#generation = generation;
    let state = this.#clients!.state(slot);
    if (state === 0) {
      state = this.#server.clients.firstState;
      if (this.#server.clients.authRequired) this.#server.clients.get(lane.index, slot, generation);
      else this.#clients!.setState(slot, state);
      state = this.#clients!.state(slot);
    }
    this.#state = state;
    this.#outbox.enter(lane, slot, generation);
    this.#apply();
  }

  #apply(): void {
    const context = this.#context;
    const state = this.#state;
    context.db = context.keyspace.db(state >>> DB_SHIFT);
    context.reply.resp3 = (state & RESP3) !== 0;
    this.#mask = this.#gate.maskFor((state & ATTENTION) !== 0);
  }

  #leave(): void {
    if (this.#slot === NO_SLOT) return;
    this.#outbox.leave();
    this.#slot = NO_SLOT;
  }

  /** A handler threw: the record counts as done, and the batch goes on. */
  #recover(lane: Lane, error: unknown): void {
    const { desc } = lane;
    const at = lane.descTail & (desc.length - 1);
    lane.reqTail = desc[at + 6]!;
    lane.descTail = (lane.descTail + (desc[at]! & 0xffffff)) | 0;
    if (this.#slot === NO_SLOT) throw error;
    this.#answerThrown(error);
  }

  /** A handler threw: whoever sent the command gets an error in place of its reply. */
  #answerThrown(error: unknown): void {
    const whole = this.#outbox.rewind(this.#mark, this.#markFrame);
    this.#gate.handlerThrew(error, whole);
    this.refreshState();
  }

  /** Shares the batch's time among its commands of constant cost. */
  #account(elapsedMs: number): void {
    const ids = this.#batchIds;
    const count = this.#batchIdCount;
    if (count === 0) return;
    const { usec } = this.#server.stats;
    let total = 0;
    for (let i = 0; i < count; i++) total += this.#batchCalls[ids[i]!]!;
    const eachUs = (elapsedMs * 1000) / total;
    for (let i = 0; i < count; i++) {
      const id = ids[i]!;
      const calls = this.#batchCalls[id]!;
      this.#batchCalls[id] = 0;
      this.#calls[id]! += calls;
      usec[id]! += eachUs * calls;
      this.#server.latency.record(id, eachUs, calls);
    }
    this.#batchIdCount = 0;
    this.#server.commandsProcessed += total;
  }
}
