// Who waits for which key: a hash table of queues, one for each (database, key) that somebody is blocked on.
//
//   filter   counters by a cheap hash of the key's end: zero says at once that nobody waits for a key, without hashing it
//   buckets  chains of KeyQueue by the keyed hash of the name; as many as there are queues, or more
//   queue    a doubly linked list of places, oldest first; a client that waits for several keys has a place in each
//
// A write by somebody else costs a look at the filter and makes no string.
import { copyBytes, equalBytes } from '../base/bytes.ts';
import type { Deadline } from '../base/deadlines.ts';
import type { KeyHash } from '../base/keyhash.ts';
import type { Client, QueuedCommand } from '../session/client.ts';

const FILTER_SLOTS = 1 << 14;
/** So many bytes from the end of a key, and its length, choose its slot of the filter. */
const FILTER_BYTES = 12;
const FILTER_PRIME = 0x01000193;
const BUCKETS_MIN = 64;

/** A client that is blocked on keys. */
export interface Waiter {
  readonly client: Client;
  /** What runs again when one of the keys may serve it. */
  readonly command: QueuedCommand;
  /** Type that a key must have to serve it; -1: any. */
  readonly type: number;
  /** Whether it also wants to hear of keys that are gone or have another type. */
  readonly always: boolean;
  /** Waiters of one team find the same at a key: where one found nothing, the others would not either. '' for none. */
  readonly team: string;
  readonly places: Place[];
  /** When it is to run again whatever happens to its keys. */
  alarm: Deadline | null;
}

export interface Place {
  readonly waiter: Waiter;
  readonly queue: KeyQueue;
  previous: Place | null;
  next: Place | null;
}

export class KeyQueue {
  /** Number of the database: SWAPDB puts other keys under those who wait. */
  readonly db: number;
  readonly hash: number;
  readonly name: Uint8Array;
  first: Place | null = null;
  last: Place | null = null;
  length = 0;
  /** How many of the waiters want to hear of the key whatever happens to it. */
  always = 0;
  /** How many waiters there are of each team. */
  readonly teams = new Map<string, number>();
  /** Something happened to the key that nobody has looked at yet. */
  ready = false;
  /** Next in the bucket. */
  chained: KeyQueue | null = null;

  constructor(db: number, hash: number, name: Uint8Array) {
    this.db = db;
    this.hash = hash;
    this.name = name;
  }
}

export class KeyQueues {
  /** Keys that somebody waits for. */
  size = 0;
  /** Those of them with a waiter that wants to hear of everything. */
  alwaysCount = 0;
  readonly #hash: KeyHash;
  readonly #filter = new Uint32Array(FILTER_SLOTS);
  #buckets: (KeyQueue | null)[] = new Array(BUCKETS_MIN).fill(null);

  constructor(hash: KeyHash) {
    this.#hash = hash;
  }

  /** The queue of a key, if anybody waits for it. */
  find(db: number, key: Uint8Array, at: number, bytes: number): KeyQueue | null {
    if (this.#filter[filterSlot(db, key, at, bytes)] === 0) return null;
    return this.#find(db, this.#hash.hash(key, at, bytes), key, at, bytes);
  }

  /** Puts a waiter at the end of the queue of a key, unless it stands there already. */
  join(waiter: Waiter, db: number, key: Uint8Array, at: number, bytes: number): void {
    const hash = this.#hash.hash(key, at, bytes);
    const queue = this.#find(db, hash, key, at, bytes) ?? this.#add(db, hash, key, at, bytes);
    const { last } = queue;
    if (last !== null && last.waiter === waiter) return;
    const place: Place = { waiter, queue, previous: last, next: null };
    if (last === null) queue.first = place;
    else last.next = place;
    queue.last = place;
    queue.length++;
    waiter.places.push(place);
    if (waiter.always && queue.always++ === 0) this.alwaysCount++;
    if (waiter.team !== '') queue.teams.set(waiter.team, (queue.teams.get(waiter.team) ?? 0) + 1);
  }

  /** Takes a waiter out of all queues. */
  leave(waiter: Waiter): void {
    for (const place of waiter.places) {
      const { queue, previous, next } = place;
      if (previous === null) queue.first = next;
      else previous.next = next;
      if (next === null) queue.last = previous;
      else next.previous = previous;
      queue.length--;
      if (waiter.always && --queue.always === 0) this.alwaysCount--;
      if (waiter.team !== '') this.#leaveTeam(queue, waiter.team);
      if (queue.length === 0) this.#remove(queue);
    }
    waiter.places.length = 0;
  }

  /** The queues of one database. O(N) in all queues. */
  *of(db: number): Iterable<KeyQueue> {
    for (const head of this.#buckets) {
      for (let queue = head; queue !== null; queue = queue.chained) if (queue.db === db) yield queue;
    }
  }

  #find(db: number, hash: number, key: Uint8Array, at: number, bytes: number): KeyQueue | null {
    let queue: KeyQueue | null = this.#buckets[hash & (this.#buckets.length - 1)]!;
    while (queue !== null) {
      const { name } = queue;
      const isHere = queue.hash === hash && queue.db === db && name.length === bytes;
      if (isHere && equalBytes(name, 0, key, at, bytes)) return queue;
      queue = queue.chained;
    }
    return null;
  }

  #add(db: number, hash: number, key: Uint8Array, at: number, bytes: number): KeyQueue {
    const name = new Uint8Array(bytes);
    copyBytes(key, at, name, 0, bytes);
    const queue = new KeyQueue(db, hash, name);
    this.#filter[filterSlot(db, name, 0, bytes)]!++;
    if (++this.size > this.#buckets.length) this.#grow();
    this.#chain(queue);
    return queue;
  }

  #remove(queue: KeyQueue): void {
    const { db, name } = queue;
    this.#filter[filterSlot(db, name, 0, name.length)]!--;
    this.size--;
    const bucket = queue.hash & (this.#buckets.length - 1);
    let before = this.#buckets[bucket]!;
    if (before === queue) {
      this.#buckets[bucket] = queue.chained;
      return;
    }
    while (before.chained !== queue) before = before.chained!;
    before.chained = queue.chained;
  }

  #chain(queue: KeyQueue): void {
    const bucket = queue.hash & (this.#buckets.length - 1);
    queue.chained = this.#buckets[bucket]!;
    this.#buckets[bucket] = queue;
  }

  #grow(): void {
    const old = this.#buckets;
    this.#buckets = new Array(old.length * 2).fill(null);
    for (const head of old) {
      let queue = head;
      while (queue !== null) {
        const { chained } = queue;
        this.#chain(queue);
        queue = chained;
      }
    }
  }

  #leaveTeam({ teams }: KeyQueue, team: string): void {
    const left = teams.get(team)! - 1;
    if (left === 0) teams.delete(team);
    else teams.set(team, left);
  }
}

function filterSlot(db: number, key: Uint8Array, at: number, bytes: number): number {
  let mixed = (db << 16) ^ bytes;
  const end = at + bytes;
  for (let i = bytes > FILTER_BYTES ? end - FILTER_BYTES : at; i < end; i++) {
    mixed = Math.imul(mixed ^ key[i]!, FILTER_PRIME);
  }
  return (mixed ^ (mixed >>> 15)) & (FILTER_SLOTS - 1);
}
