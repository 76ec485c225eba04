// Clients blocked on keys (BLPOP and its like): who is served when a key changes.
//
// A change only marks the key's queue. After the command that made it (after EXEC as a whole) the marked queues are gone
// through in the order of marking: the command of each waiter runs again from the start, first come first served, as long
// as the key can serve anybody. One that blocks again keeps its place in every queue, and its deadline. What the commands
// that ran again change marks queues for the same round.
//
// While nobody is blocked on keys, nobody listens to the keyspace.
import type { BlockingPort, BlockOptions, KeyArguments } from '../commands/server_port.ts';
import type { Database } from '../keyspace/database.ts';
import { EVENT_NEW, EVENT_STRING, type KeyspaceListener } from '../keyspace/keyspace.ts';
import type { Reply } from '../resp/reply.ts';
import { type KeyQueue, KeyQueues, type Waiter } from './key_queues.ts';
import type { ServerCore } from './server.ts';

const ANY_TYPE = -1;
/** What `#typeAt` says of a key that is not there. */
const NO_KEY = -2;

export class BlockedKeys implements BlockingPort, KeyspaceListener {
  /** True while queues are marked that nobody has gone through yet. */
  pending = false;
  /** Set when the running command blocks; the gate takes it back. */
  justBlocked = false;
  /** Set when the command that runs again blocks again. */
  stays = false;
  readonly #server: ServerCore;
  readonly #queues: KeyQueues;
  /** Marked queues in the order of marking. */
  readonly #ready: KeyQueue[] = [];
  /** Marked queues whose waiters CLIENT PAUSE holds back. */
  #paused: KeyQueue[] = [];
  #serving = false;
  /** Whose command runs again. */
  #running: Waiter | null = null;

  constructor(server: ServerCore) {
    this.#server = server;
    this.#queues = new KeyQueues(server.keyspace.hash);
  }

  /** Keys that somebody is blocked on. */
  get keyCount(): number {
    return this.#queues.size;
  }

  /** Those of them with somebody who also waits for the key to be deleted. */
  get anyhowKeyCount(): number {
    return this.#queues.alwaysCount;
  }

  block(
    keys: KeyArguments,
    timeoutMs: number,
    timedOut: (reply: Reply) => void,
    { type = ANY_TYPE, always = false, team = '', args, againMs = Number.POSITIVE_INFINITY }: BlockOptions,
  ): void {
    const { context, keyspace, waiting } = this.#server;
    if (context.resumed) {
      this.stays = true;
      this.#setAlarm(this.#running!, againMs);
      return;
    }
    const { client, commandId } = context;
    const own = context.args;
    const command = args === undefined ? own.keep(commandId) : own.keepAs(commandId, args);
    const waiter: Waiter = { client, command, type, always, team, places: [], alarm: null };
    if (this.#queues.size === 0) keyspace.subscribe(this);
    const { first, count, step = 1 } = keys;
    for (let i = 0; i < count; i++) {
      const argument = first + i * step;
      this.#queues.join(waiter, context.db.index, own.bytes, own.at(argument), own.length(argument));
    }
    this.justBlocked = true;
    this.#setAlarm(waiter, againMs);
    waiting.block(client, timeoutMs, timedOut, () => this.#leave(waiter));
  }

  changed(db: Database, key: Uint8Array, at: number, bytes: number, eventClass: string): void {
    // Who adds a key says afterwards what it did. Strings serve nobody.
    if (eventClass === EVENT_NEW || (eventClass === EVENT_STRING && this.#queues.alwaysCount === 0)) return;
    const queue = this.#queues.find(db.index, key, at, bytes);
    if (queue === null || (db.keyspace.isOverwriting && queue.always === 0)) return;
    this.#mark(queue);
  }

  replacing(db: Database, replacement: Database | null): void {
    for (const queue of this.#queues.of(db.index)) {
      const { name, hash } = queue;
      const comes = replacement !== null && replacement.find(name, 0, name.length, hash) !== 0;
      if (comes || (queue.always > 0 && db.find(name, 0, name.length, hash) !== 0)) this.#mark(queue);
    }
  }

  /** CLIENT PAUSE is over: those whom it held back may be served after the current command. */
  resume(): void {
    for (const queue of this.#paused) this.#ready.push(queue);
    if (this.#paused.length > 0) this.pending = true;
    this.#paused = [];
  }

  /** Serves whom the changes so far can serve. Only between commands. */
  serve(): void {
    if (this.#serving || !this.pending) return;
    this.#serving = true;
    // The list grows while served commands change further keys.
    for (let i = 0; i < this.#ready.length; i++) this.#serveQueue(this.#ready[i]!);
    this.#ready.length = 0;
    this.pending = false;
    this.#serving = false;
  }

  #mark(queue: KeyQueue): void {
    if (queue.ready) return;
    queue.ready = true;
    this.#ready.push(queue);
    this.pending = true;
  }

  #setAlarm(waiter: Waiter, againMs: number): void {
    const { clock, deadlines } = this.#server;
    if (waiter.alarm !== null) deadlines.cancel(waiter.alarm);
    waiter.alarm = null;
    if (againMs === Number.POSITIVE_INFINITY) return;
    waiter.alarm = deadlines.set(clock.monotonicMs() + againMs, () => {
      this.#server.keyspace.tick();
      for (const { queue } of waiter.places) this.#mark(queue);
    });
  }

  #leave(waiter: Waiter): void {
    this.#setAlarm(waiter, Number.POSITIVE_INFINITY);
    this.#queues.leave(waiter);
    if (this.#queues.size === 0) this.#server.keyspace.unsubscribe(this);
  }

  #serveQueue(queue: KeyQueue): void {
    queue.ready = false;
    /** Teams whose members would find nothing, and how many waiters that leaves to be tried. */
    let idle: Set<string> | null = null;
    let open = queue.length;
    let place = queue.first;
    while (place !== null && open > 0) {
      const { next, waiter } = place;
      const type = this.#typeAt(queue);
      if (type === NO_KEY && queue.always === 0) return;
      if (canServe(waiter, type) && !idle?.has(waiter.team)) {
        if (this.#isPaused(waiter)) {
          queue.ready = true;
          this.#paused.push(queue);
          return;
        }
        if (this.#runAgain(waiter)) {
          open--;
        } else if (waiter.team !== '') {
          idle ??= new Set();
          idle.add(waiter.team);
          open -= queue.teams.get(waiter.team)!;
        }
      }
      place = next;
    }
  }

  /** Runs a waiter's command again; true if that has ended its wait. */
  #runAgain(waiter: Waiter): boolean {
    const { client, command } = waiter;
    if (client.closing) return false;
    this.stays = false;
    this.#running = waiter;
    this.#server.runAgain(client, command);
    this.#running = null;
    if (this.stays) return false;
    this.#server.waiting.end(client);
    return true;
  }

  /** Type of the key now; NO_KEY if there is none. */
  #typeAt({ db, name, hash }: KeyQueue): number {
    const { keyspace } = this.#server;
    const database = keyspace.db(db);
    const ref = database.find(name, 0, name.length, hash);
    return ref === 0 || database.isGone(ref) ? NO_KEY : keyspace.entries.type(ref);
  }

  #isPaused({ client, command }: Waiter): boolean {
    const { gate, pause, table } = this.#server;
    if (gate.paused === 0) return false;
    const { name, flags } = table.specs[command.id]!;
    return pause.concerns(name, flags, client) || pause.mayTouchCarried(flags);
  }
}

function canServe(waiter: Waiter, type: number): boolean {
  return waiter.always || (type !== NO_KEY && (waiter.type === ANY_TYPE || waiter.type === type));
}
