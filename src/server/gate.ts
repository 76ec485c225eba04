// The gate before every command: who may run what, now.
//
// The executor asks one question, `bits[id] & mask`. Zero means that nothing stands in the way and the command costs much the
// same whatever the data: it runs at once. Anything else comes here, to the ordered list of reasons to refuse, queue or
// hold it; what passes them is run with its time measured alone.
import { OutOfMemoryError } from '../arena/granules.ts';
import {
  FRAME_CLOSE_AFTER,
  PROTOCOL_BAD_BULK_LENGTH,
  PROTOCOL_BAD_MULTIBULK_LENGTH,
  PROTOCOL_CROSS_PROTOCOL,
  PROTOCOL_EXPECTED_DOLLAR,
  PROTOCOL_QUERY_BUFFER_LIMIT,
  PROTOCOL_TOO_BIG_BULK,
  PROTOCOL_TOO_BIG_INLINE,
  PROTOCOL_TOO_BIG_MULTIBULK,
  PROTOCOL_UNAUTH_BULK,
  PROTOCOL_UNAUTH_MULTIBULK,
  PROTOCOL_UNBALANCED_QUOTES,
} from '../bridge/abi.ts';
import type { Context } from '../commands/context.ts';
import { dropEmptyKeys } from '../commands/empty_keys.ts';
import {
  BLOCKING,
  CONTAINER,
  DENYOOM,
  FAST,
  LOADING,
  MAY_REPLICATE,
  NO_AUTH,
  NO_MULTI,
  PROTECTED,
  READONLY,
  WRITE,
} from '../commands/spec.ts';
import type { CommandTable } from '../commands/table.ts';
import {
  execAborted,
  INTERNAL,
  LOADING as LOADING_ERROR,
  MONITOR_TOUCHES_KEYS,
  NO_AUTH as NO_AUTH_ERROR,
  NOT_IN_TRANSACTION,
  OUT_OF_MEMORY,
  onlySubscriberCommands,
  protectedCommand,
  protocolError,
  unknownCommand,
  unknownSubcommand,
  wrongArity,
} from '../resp/errors.ts';
import { type Client, REPLY_ON, REPLY_SKIP, REPLY_SKIP_NEXT } from '../session/client.ts';
import type { Tracking } from '../session/tracking.ts';
import { discard, enqueue } from '../session/transaction.ts';
import { feedMonitors } from './monitor_feed.ts';
import type { Outbox } from './outbox.ts';
import { ReplyAbandoned } from './output_limit.ts';
import type { ServerCore } from './server.ts';

/** Set for every command. */
export const ALWAYS = 1;
/** Set for commands that always take the careful path: containers, and costs that depend on data. */
const CAREFUL = 2;
/** Set for commands that are refused while the disk does not do its part. */
export const DENY_WRITE = 4;
export const DENY_OOM = 8;
/** Set for commands that are not allowed while loading. */
export const DENY_LOADING = 16;
/** Set for commands that wait while CLIENT PAUSE holds writes back. */
export const PAUSES_WITH_WRITES = 32;

/** With more arguments than this a command is measured alone: it may take a while. */
const PLAIN_WORDS_MAX = 64;
/** What an element of a collection may take besides its bytes: its head, its place in tables, and tables that grow. */
const WORD_BYTES = 128;
const ARGUMENTS_SHOWN_CHARS = 128;
const SUBSCRIBING = [
  'subscribe',
  'unsubscribe',
  'psubscribe',
  'punsubscribe',
  'ssubscribe',
  'sunsubscribe',
] as const;
/** Id of a kept record that is no command: its pairs are the code of a protocol error and its detail. */
export const KEPT_PROTOCOL_ERROR = -2;
const PROTOCOL_TEXTS = new Map<number, string>([
  [PROTOCOL_BAD_MULTIBULK_LENGTH, 'invalid multibulk length'],
  [PROTOCOL_BAD_BULK_LENGTH, 'invalid bulk length'],
  [PROTOCOL_TOO_BIG_MULTIBULK, 'too big mbulk count string'],
  [PROTOCOL_TOO_BIG_BULK, 'too big bulk count string'],
  [PROTOCOL_TOO_BIG_INLINE, 'too big inline request'],
  [PROTOCOL_UNBALANCED_QUOTES, 'unbalanced quotes in request'],
  [PROTOCOL_UNAUTH_MULTIBULK, 'unauthenticated multibulk length'],
  [PROTOCOL_UNAUTH_BULK, 'unauthenticated bulk length'],
]);

export class Gate {
  /** By command id. */
  readonly bits: Int32Array;
  readonly minimumWords: Int32Array;
  readonly maximumWords: Int32Array;
  /** 1 for those that are logged as they came when they changed something. */
  readonly logged: Uint8Array;
  /** Up to how many arguments a command may run without passing here. */
  readonly plainWordsMax: Int32Array;
  /** What the server refuses or wants looked at now: bits of this file. */
  denied = 0;
  /** ALWAYS while somebody wants to see every command, else 0. */
  #watched = 0;
  /** What has to wait for the end of CLIENT PAUSE: ALWAYS, PAUSES_WITH_WRITES or 0. */
  paused = 0;
  /** Time in ms that commands measured alone took in this batch. */
  batchMs = 0;
  readonly #server: ServerCore;
  readonly #context: Context;
  readonly #table: CommandTable;
  readonly #outbox: Outbox;
  /** Commands that are not queued inside MULTI. */
  readonly #unqueued: Set<number>;
  /** Commands that a subscriber may run who speaks RESP2. */
  readonly #subscribed: Set<number>;

  constructor(server: ServerCore, context: Context, outbox: Outbox) {
    this.#server = server;
    this.#context = context;
    this.#table = context.table;
    this.#outbox = outbox;
    const { specs } = context.table;
    this.bits = Int32Array.from(specs, gateBits);
    this.logged = Uint8Array.from(specs, ({ flags }) => ((flags & (WRITE | MAY_REPLICATE)) !== 0 ? 1 : 0));
    this.minimumWords = Int32Array.from(specs, (spec) => Math.abs(spec.arity));
    this.maximumWords = Int32Array.from(specs, (spec) => (spec.arity < 0 ? 0x7fffffff : spec.arity));
    this.plainWordsMax = this.maximumWords.map((words) => Math.min(words, PLAIN_WORDS_MAX));
    this.#unqueued = idsOf(context.table, 'exec', 'discard', 'multi', 'watch', 'quit', 'reset');
    this.#subscribed = idsOf(context.table, 'ping', 'quit', 'reset', ...SUBSCRIBING);
  }

  /** The mask for a client's next commands. */
  maskFor(attention: boolean): number {
    return CAREFUL | this.denied | this.paused | this.#watched | (attention ? ALWAYS : 0);
  }

  /** Has commands with a bit looked at from now on, or no longer. */
  deny(bit: number, isDenied: boolean): void {
    const denied = isDenied ? this.denied | bit : this.denied & ~bit;
    if (denied === this.denied) return;
    this.denied = denied;
    this.#server.refreshState();
  }

  /** Has all commands measured and shown one by one from now on, or no longer. */
  watch(isWatched: boolean): void {
    const watched = isWatched ? ALWAYS : 0;
    if (watched === this.#watched) return;
    this.#watched = watched;
    this.#server.refreshState();
  }

  beginBatch(): void {
    this.batchMs = 0;
    this.#server.memoryLimit.beginBatch();
    this.#server.clientEviction.look();
  }

  /** The current command had an error for its answer. */
  noteError(id: number): void {
    const { reply } = this.#context;
    if (id >= 0) this.#server.stats.failed[id]!++;
    this.#server.stats.countError(reply.errorText);
    reply.errorText = '';
  }

  /** Decides about the command in the context's arguments and runs it if it may. */
  careful(id: number): void {
    const server = this.#server;
    const client = this.#client();
    if (client?.closing) return;
    if (client !== undefined && client.held !== null) {
      server.waiting.keep(client, server.queueCurrent(id));
      return;
    }
    const command = this.#resolve(id);
    const refusal = this.#refusal(command, client);
    if (command !== id && command >= 0) server.noteSubcommand(command);
    if (refusal === '' && this.paused !== 0 && this.#mustPause(command, client)) {
      server.pause.hold(server.currentClient(), server.queueCurrent(id));
      return;
    }
    if (client === undefined || !this.#beginMuted(client)) this.#dispatch(command, refusal, client);
    else this.#dispatchMuted(command, refusal, client);
    if (client?.tracking?.caching) this.#endCaching(client, client.tracking, command);
    if (server.access.leaving !== null) server.access.closeLeaving(server.access.leaving);
    server.publisher.sendKept();
  }

  /** CLIENT CACHING is about one command, or one transaction; CLIENT in between does not count. */
  #endCaching(client: Client, tracking: Tracking, id: number): void {
    const isClient = id >= 0 && this.#table.specs[id]!.name.startsWith('client');
    if (client.queue === null && !isClient) tracking.caching = false;
  }

  #dispatchMuted(id: number, refusal: string, client: Client): void {
    try {
      this.#dispatch(id, refusal, client);
    } catch (error) {
      this.#server.logInternalError(error);
    } finally {
      this.#outbox.unmute();
    }
  }

  /** Refuses, queues or runs a command. */
  #dispatch(id: number, refusal: string, client: Client | undefined): void {
    if (refusal !== '') this.#reject(id, refusal, client);
    else if (client !== undefined && client.queue !== null && !this.#unqueued.has(id))
      this.#enqueue(id, client);
    else this.run(id);
  }

  /** Runs a command that may run, measured alone. */
  run(id: number): void {
    const server = this.#server;
    const elapsedMs = this.#runMeasured(id);
    server.stats.calls[id]!++;
    server.commandsProcessed++;
    if (server.blocking.justBlocked) server.blocking.justBlocked = false;
    else this.#account(id, elapsedMs);
    if (server.monitors.active) feedMonitors(server, this.#context, id);
  }

  /** Runs a command of a transaction, unless its client may not run it any more. */
  runQueued(id: number): void {
    const text = this.#server.access.queuedRefusal(id, this.#client());
    if (text === '') this.run(id);
    else this.#answer(text);
  }

  /**
   * Runs a command again that was blocked on keys: it was counted and shown when it came. What its client may not do any
   * more is an error that ends the wait.
   */
  runAgain(id: number): void {
    const text = this.#server.access.refusal(id, this.#client());
    if (text !== '') {
      this.#answer(text);
      return;
    }
    const elapsedMs = this.#runMeasured(id);
    if (!this.#server.blocking.stays) this.#account(id, elapsedMs);
    this.#server.publisher.sendKept();
  }

  /** Runs the handler; returns how many ms that took. */
  #runMeasured(id: number): number {
    const context = this.#context;
    const { clock } = this.#server;
    context.commandId = id;
    const { batchMs } = this;
    const startMs = clock.monotonicMs();
    const client = this.#client();
    if (client?.noTouch) context.keyspace.touching = false;
    if (client?.importSource) context.keyspace.stopExpiry(true);
    context.table.handlers[id]!(context);
    if (context.effects.active) context.effects.ran(context, this.logged[id] !== 0);
    context.keyspace.touching = true;
    if (client?.importSource) context.keyspace.stopExpiry(false);
    if (client?.tracking?.remembers) this.#server.tracking.remember(client, id);
    const elapsedMs = clock.monotonicMs() - startMs;
    // Commands that this one ran itself are part of its time.
    this.batchMs = batchMs + elapsedMs;
    if (context.reply.errorText !== '') this.noteError(id);
    return elapsedMs;
  }

  #account(id: number, elapsedMs: number): void {
    const { stats, latency, admin } = this.#server;
    stats.usec[id]! += elapsedMs * 1000;
    latency.record(id, elapsedMs * 1000, 1);
    admin.ran(this.#context, id, elapsedMs);
  }

  /** The native side could not parse what a client sent. */
  protocolError(code: number, detail: number): void {
    const { reply } = this.#context;
    const client = this.#client();
    if (client !== undefined && client.held !== null) {
      const pairs = Int32Array.of(code, detail);
      this.#server.waiting.keep(client, {
        id: KEPT_PROTOCOL_ERROR,
        bytes: new Uint8Array(0),
        pairs,
        hash: 0,
      });
      return;
    }
    if (code === PROTOCOL_CROSS_PROTOCOL || code === PROTOCOL_QUERY_BUFFER_LIMIT) {
      this.#server.logProtocolError(code);
    } else {
      const text =
        code === PROTOCOL_EXPECTED_DOLLAR
          ? `expected '$', got '${String.fromCharCode(detail)}'`
          : PROTOCOL_TEXTS.get(code)!;
      reply.error(protocolError(text));
      this.noteError(-1);
    }
    this.#outbox.control(FRAME_CLOSE_AFTER, 0);
  }

  /** A handler threw. `whole`: nothing of its reply has left, so an error can take the reply's place. */
  handlerThrew(error: unknown, whole: boolean): void {
    const context = this.#context;
    context.keyspace.touching = true;
    if (this.#client()?.importSource) context.keyspace.stopExpiry(false);
    const isMemory = error instanceof OutOfMemoryError;
    const isAbandoned = error instanceof ReplyAbandoned;
    if (isMemory) dropEmptyKeys(context);
    else if (!isAbandoned) this.#server.logInternalError(error);
    if (context.effects.active) context.effects.failed(context);
    if (!isAbandoned) this.#answerFailed(whole, isMemory ? OUT_OF_MEMORY : INTERNAL);
    if (!context.inTransaction) this.#server.publisher.sendKept();
  }

  #answerFailed(whole: boolean, text: string): void {
    if (whole) {
      this.#context.reply.error(text);
      this.noteError(-1);
    } else {
      this.#outbox.control(FRAME_CLOSE_AFTER, 0);
    }
  }

  /** The subcommand's id where there is one; -1 for an unknown command or subcommand. */
  #resolve(id: number): number {
    const { args } = this.#context;
    if (id < 0 || args.count < 2 || !this.#table.isContainer(id)) return id;
    return this.#table.findSubcommand(id, args.bytes, args.at(1), args.length(1));
  }

  /** Why the command may not run: an error text, or ''. */
  #refusal(id: number, client: Client | undefined): string {
    const { args } = this.#context;
    if (id < 0) return this.#unknown();
    const spec = this.#table.specs[id]!;
    if (args.count < this.minimumWords[id]! || args.count > this.maximumWords[id]!)
      return wrongArity(spec.name);
    if ((spec.flags & PROTECTED) !== 0 && !this.#server.allowsProtected(spec.name))
      return protectedCommand(spec.name);
    if (client !== undefined) {
      const mustAuthenticate = !client.authenticated && this.#server.clients.authRequired;
      if (mustAuthenticate && (spec.flags & NO_AUTH) === 0) return NO_AUTH_ERROR;
      if (client.queue !== null && (spec.flags & NO_MULTI) !== 0) return NOT_IN_TRANSACTION;
    }
    const forbidden = this.#server.access.refusal(id, client);
    if (forbidden !== '') return forbidden;
    if (this.#needsMemory(id, client) && !this.#server.memoryLimit.admits(this.#needs()))
      return OUT_OF_MEMORY;
    if (this.#mayWrite(id, client) && this.#server.diskRefusal !== '') return this.#server.diskRefusal;
    if (client !== undefined && client.subscriptions !== null && !client.resp3 && !this.#subscribed.has(id))
      return onlySubscriberCommands(spec.name);
    if ((this.denied & this.bits[id]! & DENY_LOADING) !== 0) return LOADING_ERROR;
    if (client?.monitor && (spec.flags & (READONLY | WRITE | MAY_REPLICATE)) !== 0)
      return MONITOR_TOUCHES_KEYS;
    return '';
  }

  /** About how much memory the elements that a command brings along may take. */
  #needs(): number {
    const { args } = this.#context;
    return args.count * WORD_BYTES + 2 * args.totalBytes;
  }

  /** Whether a command may need memory: by itself, by what it executes, or because it is queued. */
  #needsMemory(id: number, client: Client | undefined): boolean {
    if ((this.bits[id]! & DENY_OOM) !== 0) return true;
    if ((this.denied & DENY_OOM) === 0 || client === undefined || client.queue === null) return false;
    const { name } = this.#table.specs[id]!;
    if (name === 'exec') return (client.queuedFlags & DENYOOM) !== 0;
    return name !== 'discard' && name !== 'quit' && name !== 'reset';
  }

  /** Whether writes are refused and this is one, or an EXEC of one, or a PING: that is how clients look for trouble. */
  #mayWrite(id: number, client: Client | undefined): boolean {
    if ((this.denied & DENY_WRITE) === 0) return false;
    if ((this.bits[id]! & DENY_WRITE) !== 0) return true;
    return (
      client?.queue != null && (client.queuedFlags & WRITE) !== 0 && this.#table.specs[id]!.name === 'exec'
    );
  }

  #reject(id: number, text: string, client: Client | undefined): void {
    if (id >= 0) this.#server.stats.rejected[id]!++;
    if (id >= 0 && this.#table.specs[id]!.name === 'exec') {
      text = execAborted(text);
      // Also outside of MULTI: watched keys are forgotten.
      if (client !== undefined) {
        discard(client, this.#server.watches);
        this.#server.clientChanged(client);
      }
    } else if (client !== undefined && client.queue !== null) {
      client.queueFailed = true;
    }
    this.#answer(text);
  }

  /** Answers with an error that is nobody's failure but the client's. */
  #answer(text: string): void {
    const { reply } = this.#context;
    reply.error(text);
    this.#server.stats.countError(text);
    reply.errorText = '';
  }

  /** Adds a command to the transaction; whoever makes the queue too long is disconnected. */
  #enqueue(id: number, client: Client): void {
    const server = this.#server;
    enqueue(client, server.queueCurrent(id), this.#table.flags[id]!);
    if (client.queuedBytes > server.config.number('client-query-buffer-limit')) {
      server.logProtocolError(PROTOCOL_QUERY_BUFFER_LIMIT);
      server.closeClient(client, true);
      return;
    }
    this.#context.reply.status('QUEUED');
  }

  /** Whether CLIENT PAUSE makes the command wait. */
  #mustPause(id: number, client: Client | undefined): boolean {
    const { name, flags } = this.#table.specs[id]!;
    const { pause } = this.#server;
    return pause.concerns(name, flags, client) || pause.touchesCarried(id, client);
  }

  #unknown(): string {
    const { args } = this.#context;
    const id = this.#table.find(args.bytes, args.at(0), args.length(0));
    if (id >= 0) return unknownSubcommand(this.#start(1, ARGUMENTS_SHOWN_CHARS), this.#table.specs[id]!.name);
    let shown = '';
    for (let i = 1; i < args.count && shown.length < ARGUMENTS_SHOWN_CHARS; i++) {
      shown += `'${this.#start(i, ARGUMENTS_SHOWN_CHARS - shown.length)}' `;
    }
    return unknownCommand(this.#start(0, ARGUMENTS_SHOWN_CHARS), shown);
  }

  /** The start of argument `i` as C prints it: it ends at a zero byte. */
  #start(i: number, charsMax: number): string {
    const text = this.#context.args.text(i).slice(0, charsMax);
    const end = text.indexOf('\0');
    return end < 0 ? text : text.slice(0, end);
  }

  /** The Client object of the connection, if it has one. */
  #client(): Client | undefined {
    return this.#server.knownClient();
  }

  /** CLIENT REPLY OFF and SKIP: drops the reply of this command. */
  #beginMuted(client: Client): boolean {
    if (client.replyMode === REPLY_ON) return false;
    if (client.replyMode === REPLY_SKIP_NEXT) {
      client.replyMode = REPLY_SKIP;
    } else if (client.replyMode === REPLY_SKIP) {
      client.replyMode = REPLY_ON;
      this.#server.clientChanged(client);
      return false;
    }
    this.#outbox.mute();
    return true;
  }
}

function idsOf(table: CommandTable, ...names: readonly string[]): Set<number> {
  return new Set(names.map((name) => table.lookup(name)));
}

function gateBits(spec: { name: string; flags: number; complexity: string }): number {
  const quick = (spec.flags & FAST) !== 0 || spec.complexity.startsWith('O(1)');
  let bits = ALWAYS | (quick && (spec.flags & (BLOCKING | CONTAINER | PROTECTED)) === 0 ? 0 : CAREFUL);
  if ((spec.flags & WRITE) !== 0 || spec.name === 'ping') bits |= DENY_WRITE;
  if ((spec.flags & DENYOOM) !== 0) bits |= DENY_OOM;
  if ((spec.flags & LOADING) === 0) bits |= DENY_LOADING;
  if ((spec.flags & (WRITE | MAY_REPLICATE)) !== 0) bits |= PAUSES_WITH_WRITES;
  return bits;
}
