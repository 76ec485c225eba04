// What a handler sees of one command in progress. One object serves all commands of a server.
import type { Config } from '../config/config.ts';
import type { Database } from '../keyspace/database.ts';
import type { Keyspace } from '../keyspace/keyspace.ts';
import { Dumper } from '../persist/dumper.ts';
import type { Reply } from '../resp/reply.ts';
import type { Client } from '../session/client.ts';
import { Args } from './args.ts';
import type { Effects } from './effects.ts';
import type { ServerPort } from './server_port.ts';
import { MAY_REPLICATE, WRITE } from './spec.ts';
import type { CommandTable } from './table.ts';

export class Context {
  readonly args = new Args();
  readonly reply: Reply;
  readonly keyspace: Keyspace;
  readonly config: Config;
  readonly table: CommandTable;
  readonly server: ServerPort;
  /** The log of what commands did. */
  readonly effects: Effects;
  /** Turns values into bytes and back (DUMP, RESTORE). */
  readonly dumper: Dumper;
  /** The client's database. */
  db: Database;
  /** Id of the running command in the table (of the subcommand, where there is one). */
  commandId = 0;
  /** Set while EXEC runs a queue: blocking commands then answer at once. */
  inTransaction = false;
  /** Set while commands of a log run, which are taken at their word. */
  fromLog = false;
  /** Set while a command that was blocked on keys runs again because one of them has changed. */
  resumed = false;

  constructor(server: ServerPort, reply: Reply, keyspace: Keyspace, config: Config, table: CommandTable) {
    this.server = server;
    this.effects = server.effects;
    this.reply = reply;
    this.keyspace = keyspace;
    this.config = config;
    this.table = table;
    this.dumper = new Dumper(keyspace);
    this.db = keyspace.db(0);
  }

  /** Whether a command may make its client wait; otherwise it answers at once as if its time were up. */
  get mayBlock(): boolean {
    return !this.inTransaction;
  }

  /** The client whose command this is; its object is made on first use. Call `clientChanged` after changing it. */
  get client(): Client {
    return this.server.currentClient();
  }

  /** Puts changes of the client into force for its next command. */
  clientChanged(): void {
    this.server.clientChanged(this.client);
  }

  /** Announces that the command changed the key in argument `i` (once for each change). */
  changed(i: number, eventClass: string, event: string): void {
    const { args } = this;
    this.keyspace.changed(this.db, args.bytes, args.at(i), args.length(i), eventClass, event);
  }

  /** Announces an event of argument `i` that follows from a change already announced (such as `expire` after `set`). */
  event(i: number, eventClass: string, event: string): void {
    const { args } = this;
    this.keyspace.event(this.db, args.bytes, args.at(i), args.length(i), eventClass, event);
  }

  /** The hash of the key in argument `i`; that of a first key in argument 1 came with the command. */
  hashOf(i: number): number {
    const { args } = this;
    if (i === 1 && args.hash !== 0) return args.hash;
    return this.keyspace.hash.hash(args.bytes, args.at(i), args.length(i));
  }

  /** Live entry of the key in argument `i` for reading, or 0; leaves the hit on it. */
  lookup(i: number): number {
    const { args } = this;
    if (this.db.guard !== null) this.#claim(i);
    return this.db.lookup(args.bytes, args.at(i), args.length(i), this.hashOf(i));
  }

  /** A snapshot has to see the key in argument `i` if the command may change what it only reads at first. */
  #claim(i: number): void {
    const mayChange = (this.table.flags[this.commandId]! & (WRITE | MAY_REPLICATE)) !== 0;
    if (mayChange) this.db.guard!.before(this.hashOf(i));
  }

  /** Like `lookup`, but leaves the entry's access clock alone. */
  peek(i: number): number {
    const { args } = this;
    return this.db.peek(args.bytes, args.at(i), args.length(i), this.hashOf(i));
  }

  /** Live entry of the key in argument `i` for writing, or 0; leaves the hit on it. */
  lookupWrite(i: number): number {
    const { args } = this;
    return this.db.lookupWrite(args.bytes, args.at(i), args.length(i), this.hashOf(i));
  }
}
