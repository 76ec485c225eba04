// Runs the commands of a log: of an append-only file, or what a primary sends. They are taken at their word, nobody hears their
// replies, and nothing is logged again.
import { Context } from '../commands/context.ts';
import { Reply, type ReplySink, ROOM_BYTES_MAX } from '../resp/reply.ts';
import type { ServerCore } from './server.ts';

/** What a command of the log turned out to be. */
export const RAN = 0;
export const UNKNOWN = 1;
export const MALFORMED = 2;

const OUT_BYTES = 4 * ROOM_BYTES_MAX;

/** Drops what is written. */
class Nowhere implements ReplySink {
  readonly reply = new Reply(this);

  constructor() {
    const { reply } = this;
    reply.out = new Uint8Array(OUT_BYTES);
    reply.outView = new DataView(reply.out.buffer);
    reply.limit = OUT_BYTES;
  }

  more(): void {
    this.reply.at = 0;
  }
}

export class LogRunner {
  readonly #context: Context;
  readonly #server: ServerCore;
  readonly #select: number;

  constructor(server: ServerCore) {
    this.#server = server;
    const { config, keyspace, table } = server;
    this.#context = new Context(server, new Nowhere().reply, keyspace, config, table);
    this.#context.fromLog = true;
    // Nobody waits.
    this.#context.inTransaction = true;
    this.#select = table.lookup('select');
  }

  /** Id of the command of this name, -1 if there is none. */
  find(bytes: Uint8Array, pairs: Int32Array): number {
    return this.#server.table.find(bytes, pairs[0]!, pairs[1]!);
  }

  /** Runs a command, whose `count` words stand in `bytes`: RAN, UNKNOWN or MALFORMED. */
  run(bytes: Uint8Array, pairs: Int32Array, count: number): number {
    const { gate, table } = this.#server;
    const context = this.#context;
    const { args, keyspace } = context;
    args.bytes = bytes;
    args.pairs = pairs;
    args.first = 0;
    args.count = count;
    args.hash = 0;
    let id = table.find(bytes, args.at(0), args.length(0));
    if (id >= 0 && count > 1 && table.isContainer(id)) {
      id = table.findSubcommand(id, bytes, args.at(1), args.length(1));
    }
    if (id < 0) return UNKNOWN;
    if (count < gate.minimumWords[id]! || count > gate.maximumWords[id]!) return MALFORMED;
    if (id === this.#select) return this.#selects();
    // Others change nothing.
    if (gate.logged[id] === 0) return RAN;
    context.commandId = id;
    // A flush or exchange of databases by another way leaves a database that is none any more.
    context.db = keyspace.db(context.db.index);
    table.handlers[id]!(context);
    context.reply.at = 0;
    context.reply.errorText = '';
    return RAN;
  }

  #selects(): number {
    const context = this.#context;
    const index = context.args.int(1);
    if (!(index >= 0 && index < context.keyspace.databaseCount)) return MALFORMED;
    context.db = context.keyspace.db(index);
    return RAN;
  }

  /** Selects the first database. */
  reset(): void {
    this.#context.db = this.#context.keyspace.db(0);
  }
}
