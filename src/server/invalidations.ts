// CLIENT TRACKING: clients keep copies of values and hear when they are no longer true.
//
// A client that tracks the keys it reads is remembered with each of them in a table (session/tracking_table.ts) until the
// key changes, once. With BCAST nothing is remembered: changed keys are collected until the end of the batch, and one message
// for each prefix names them all. Either way a change arrives through the keyspace's door; while nobody tracks,
// nobody listens there.
//
// A client hears of its own changes after the reply of the command that made them, after EXEC as a whole; of those of others
// at once.
import { fromLatin1, toLatin1 } from '../base/bytes.ts';
import { mayReadKey } from '../commands/acl_check.ts';
import { findKeys, hasKeys, wordsOf } from '../commands/find_keys.ts';
import type { Words } from '../commands/key_specs.ts';
import type { TrackingOptions, TrackingPort } from '../commands/server_port.ts';
import { type CommandSpec, READONLY } from '../commands/spec.ts';
import type { Database } from '../keyspace/database.ts';
import {
  EVENT_EVICTED,
  EVENT_EXPIRED,
  EVENT_NEW,
  EVENT_STREAM,
  type KeyspaceListener,
} from '../keyspace/keyspace.ts';
import { Broadcasts, type Prefix } from '../session/broadcasts.ts';
import type { Client } from '../session/client.ts';
import { Tracking } from '../session/tracking.ts';
import { TrackingTable } from '../session/tracking_table.ts';
import type { ServerCore } from './server.ts';

/** In place of keys: all of them. In the protocol of the client that tracks, whoever receives it. */
const NULL2 = fromLatin1('$-1\r\n');
const NULL3 = fromLatin1('_\r\n');
const PUSH_HEAD = fromLatin1('>2\r\n$10\r\ninvalidate\r\n');
const MESSAGE_HEAD = fromLatin1('*3\r\n$7\r\nmessage\r\n$20\r\n__redis__:invalidate\r\n');
/** How many keys too many are dropped at once: some, and a share of what is too much. */
const DROPPED_AT_ONCE = 1000;
const DROPPED_SHARE = 16;

export class Invalidations implements KeyspaceListener, TrackingPort {
  readonly table: TrackingTable;
  readonly broadcasts = new Broadcasts();
  readonly #server: ServerCore;
  /** Clients that track, by their tickets. */
  readonly #clients = new Map<number, Client>();
  #lastTicket = 0;
  /** Who hears of the next invalidation by a push, and who by a message of the channel. */
  readonly #pushed: Client[] = [];
  readonly #messaged: Client[] = [];
  /** How the keys of commands that read are found, by id; null for the others. */
  readonly #finders: readonly (KeyFinder | null)[];
  readonly #words: Words;
  /** Positions of the keys of the command that is looked at. */
  readonly #found: number[] = [];
  readonly #note: (i: number) => void;

  constructor(server: ServerCore) {
    this.#server = server;
    this.table = new TrackingTable(server.arena, server.keyspace.hash);
    this.#finders = server.table.specs.map(finderOf);
    this.#words = wordsOf(server.context.args);
    this.#note = (i) => this.#found.push(i);
  }

  get clientCount(): number {
    return this.#clients.size;
  }

  start(client: Client, options: TrackingOptions): void {
    if (this.#clients.size === 0) this.#server.keyspace.subscribe(this);
    client.tracking ??= this.#admit(client);
    const { tracking } = client;
    tracking.broken = false;
    tracking.bcast = options.bcast;
    tracking.optin = options.optin;
    tracking.optout = options.optout;
    tracking.noloop = options.noloop;
    tracking.redirectId = options.redirectId;
    tracking.target = null;
    if (options.redirectId !== 0) this.#findTarget(tracking);
    if (options.bcast) this.#join(client, tracking, options.prefixes);
    this.#server.clientChanged(client);
  }

  stop(client: Client): void {
    const { tracking } = client;
    if (tracking === null) return;
    for (const prefix of tracking.prefixes) this.broadcasts.leave(client, prefix);
    client.tracking = null;
    this.#clients.delete(tracking.ticket);
    if (!client.closing) this.#server.clientChanged(client);
    if (this.#clients.size > 0) return;
    this.#server.keyspace.unsubscribe(this);
    this.table.clear();
  }

  flushed(): void {
    for (const resp3 of [true, false]) {
      const body = resp3 ? NULL3 : NULL2;
      for (const client of this.#clients.values()) if (client.resp3 === resp3) this.#tell(client, body);
      this.#post(body);
    }
    this.table.clear();
  }

  /** Remembers that a client has read the keys of the command in the context. */
  remember(client: Client, id: number): void {
    const finder = this.#finders[id]!;
    if (finder === null) return;
    const { args } = this.#server.context;
    const { ticket } = client.tracking!;
    if (finder.step > 0) {
      const last = finder.last < 0 ? args.count + finder.last : finder.last;
      for (let i = finder.first; i <= last; i += finder.step) this.#rememberKey(i, ticket);
      return;
    }
    this.#found.length = 0;
    if (!findKeys(finder.spec, this.#words, this.#note)) return;
    for (const i of this.#found) this.#rememberKey(i, ticket);
  }

  changed(_: Database, key: Uint8Array, at: number, bytes: number, eventClass: string, event: string): void {
    // Who adds a key says afterwards what it did; consumer groups are no part of a stream's entries.
    if (eventClass === EVENT_NEW || (eventClass === EVENT_STREAM && event.startsWith('xgroup-'))) return;
    if (this.broadcasts.size > 0) {
      // Time and want of memory end keys, whoever notices.
      const isOwn = eventClass !== EVENT_EXPIRED && eventClass !== EVENT_EVICTED;
      const by = isOwn ? (this.#server.actingClient() ?? null) : null;
      this.broadcasts.changed(key, at, bytes, by);
    }
    if (this.table.size > 0) this.#invalidate(key, at, bytes, true);
  }

  /** Commands that empty databases say so themselves, once for all databases. */
  replacing(): void {}

  /** Does what is left for the end of a batch: tells changed keys by their prefixes, and forgets keys that are too many. */
  settle(): void {
    if (this.broadcasts.pending) {
      for (const prefix of this.broadcasts.takePending()) this.#broadcast(prefix);
    }
    const keysMax = this.#server.config.number('tracking-table-max-keys');
    const excess = keysMax === 0 ? 0 : this.table.size - keysMax;
    if (excess > 0) this.#forget(Math.min(excess, DROPPED_AT_ONCE + Math.floor(excess / DROPPED_SHARE)));
  }

  /** Frees for at most `budgetMs` what tables have held; whether something is left. */
  freeSlice(budgetMs: number): boolean {
    const { clock } = this.#server;
    const endMs = clock.monotonicMs() + budgetMs;
    while (this.table.freeSome()) if (clock.monotonicMs() > endMs) return true;
    return false;
  }

  /** Forgets keys chosen at random; who has read them hears of it as of a change. */
  #forget(count: number): void {
    for (let i = 0; i < count; i++) {
      const key = this.table.randomKey(this.#server.random);
      this.#invalidate(key, 0, key.length, false);
    }
  }

  #rememberKey(i: number, ticket: number): void {
    const { context } = this.#server;
    const { args } = context;
    this.table.add(args.bytes, args.at(i), args.length(i), context.hashOf(i), ticket);
  }

  /** Tells everybody who has read a key, and forgets that they have. `isChange`: not so if there is just no room for it. */
  #invalidate(key: Uint8Array, at: number, bytes: number, isChange: boolean): void {
    const { table } = this;
    const count = table.take(key, at, bytes, this.#server.keyspace.hash.hash(key, at, bytes));
    if (count === 0) return;
    const current = this.#server.actingClient();
    const body = fromLatin1(`*1\r\n$${bytes}\r\n${toLatin1(key, at, bytes)}\r\n`);
    for (let i = 0; i < count; i++) {
      const client = this.#clients.get(table.tickets[i]!);
      if (client === undefined || client.tracking!.bcast) continue;
      if (!(isChange && client === current && client.tracking!.noloop)) this.#tell(client, body);
    }
    this.#post(body);
  }

  #broadcast({ clients, keys }: Prefix): void {
    const body = listOf([...keys.keys()]);
    const culprits = new Set(keys.values());
    const apart: Client[] = [];
    for (const client of clients) {
      if (client.user.isRestricted || (client.tracking!.noloop && culprits.has(client))) apart.push(client);
      else this.#tell(client, body);
    }
    this.#post(body);
    for (const client of apart) this.#broadcastSome(client, keys);
    keys.clear();
  }

  /** Tells a client of the keys that it may read and, with NOLOOP, has not changed itself. */
  #broadcastSome(client: Client, keys: Prefix['keys']): void {
    const { user } = client;
    const { noloop } = client.tracking!;
    const some = [...keys].filter(
      ([key, by]) => !(noloop && by === client) && mayReadKey(user, fromLatin1(key)),
    );
    if (some.length === 0) return;
    const body = listOf(some.map(([key]) => key));
    this.#tell(client, body);
    this.#post(body);
  }

  /** Lets a client hear of an invalidation, or the one that hears in its place. `#post` sends what does not have to wait. */
  #tell(client: Client, body: Uint8Array): void {
    const { publisher } = this.#server;
    const tracking = client.tracking!;
    const waits = client === this.#server.actingClient();
    if (tracking.redirectId !== 0 && !this.#findTarget(tracking)) {
      tracking.broken = true;
      const told = fromLatin1(`>2\r\n$21\r\ntracking-redir-broken\r\n:${tracking.redirectId}\r\n`);
      if (client.resp3 && waits) publisher.keep(client, told);
      else if (client.resp3) publisher.send(told, [client]);
      return;
    }
    const target = tracking.redirectId === 0 ? client : tracking.target;
    if (target === null || target.closing) return;
    const isPush = target.resp3;
    if (!isPush && (target === client || target.subscriptions === null)) return;
    if (waits) {
      publisher.keep(target, Buffer.concat([isPush ? PUSH_HEAD : MESSAGE_HEAD, body]));
    } else if (isPush) {
      this.#pushed.push(target);
    } else {
      this.#messaged.push(target);
    }
  }

  /** Sends an invalidation to those who hear of it now. */
  #post(body: Uint8Array): void {
    const { publisher } = this.#server;
    if (this.#pushed.length > 0) publisher.send(Buffer.concat([PUSH_HEAD, body]), this.#pushed);
    if (this.#messaged.length > 0) publisher.send(Buffer.concat([MESSAGE_HEAD, body]), this.#messaged);
    this.#pushed.length = 0;
    this.#messaged.length = 0;
  }

  /**
   * Whether the connection exists that a client redirects to. It has an object, which then is in `tracking.target`, unless it
   * has never sent a command: it cannot receive anything as yet.
   */
  #findTarget(tracking: Tracking): boolean {
    const { clients } = this.#server;
    if (tracking.target !== null) return !tracking.target.closing;
    const row = clients.rowOf(tracking.redirectId);
    if (row === undefined) return false;
    if (!row.known) return true;
    tracking.target = clients.get(row.lane, row.slot, row.generation);
    tracking.target.isTarget = true;
    this.#server.clientChanged(tracking.target);
    return true;
  }

  /** Adds prefixes to those of a client; without any it hears of all keys. */
  #join(client: Client, tracking: Tracking, prefixes: readonly string[]): void {
    for (const prefix of prefixes.length === 0 ? [''] : prefixes) {
      if (tracking.prefixes.has(prefix)) continue;
      tracking.prefixes.add(prefix);
      this.broadcasts.join(client, prefix);
    }
  }

  /** Gives a client a ticket that no other has. Keys may still know it from one that is gone: then this client may hear of
   *  a key too many. */
  #admit(client: Client): Tracking {
    do this.#lastTicket = (this.#lastTicket + 1) >>> 0;
    while (this.#clients.has(this.#lastTicket));
    this.#clients.set(this.#lastTicket, client);
    return new Tracking(this.#lastTicket);
  }
}

/** How the keys of a command are found: from argument `first` to `last` (negative: from the end) or, with step 0, by rules. */
interface KeyFinder {
  readonly spec: CommandSpec;
  readonly first: number;
  readonly last: number;
  readonly step: number;
}

function finderOf(spec: CommandSpec): KeyFinder | null {
  if ((spec.flags & READONLY) === 0 || !hasKeys(spec)) return null;
  const { begin, find } = spec.keys[0]!;
  const isRange =
    spec.keys.length === 1 && begin.type === 'index' && find.type === 'range' && find.limit === 0;
  return { spec, ...(isRange ? spec.range : { first: 0, last: 0, step: 0 }) };
}

/** An array of keys, which are put into order. */
function listOf(keys: string[]): Uint8Array {
  const texts = keys.sort().map((key) => `$${key.length}\r\n${key}\r\n`);
  return fromLatin1(`*${keys.length}\r\n${texts.join('')}`);
}
