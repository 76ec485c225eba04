// Keys under WATCH: who loses a transaction when one of them changes.
//
// A key that was past its expiry when it was watched counts as absent. Its removal is then no change; anything else that
// happens to it is. While nobody watches, the keyspace does not call here.
import { toLatin1 } from '../base/bytes.ts';
import type { Database } from '../keyspace/database.ts';
import { EVENT_STREAM, type Keyspace, type KeyspaceListener } from '../keyspace/keyspace.ts';
import type { Client, WatchedKey } from './client.ts';

export class Watches implements KeyspaceListener {
  readonly #keyspace: Keyspace;
  /** Who watches a key, by database and key. */
  readonly #watchers = new Map<number, Map<string, Map<Client, WatchedKey>>>();
  readonly #clients = new Set<Client>();

  constructor(keyspace: Keyspace) {
    this.#keyspace = keyspace;
  }

  /** Clients that watch anything. */
  get clientCount(): number {
    return this.#clients.size;
  }

  /** Watched keys, each counted once however many watch it. */
  get keyCount(): number {
    let count = 0;
    for (const keys of this.#watchers.values()) count += keys.size;
    return count;
  }

  /** Lets a client watch a key of a database, given by its name. */
  watch(client: Client, db: Database, name: Uint8Array, at: number, bytes: number): void {
    const key = toLatin1(name, at, bytes);
    const keys = entryOf(this.#watchers, db.index, () => new Map<string, Map<Client, WatchedKey>>());
    const watchers = entryOf(keys, key, () => new Map<Client, WatchedKey>());
    if (watchers.has(client)) return;
    const watched: WatchedKey = { db: db.index, key, wasExpired: this.#isExpired(db, key) };
    watchers.set(client, watched);
    client.watched.push(watched);
    if (this.#clients.size === 0) this.#keyspace.subscribe(this);
    this.#clients.add(client);
  }

  /** Lets a client forget all its watched keys. */
  unwatch(client: Client): void {
    if (client.watched.length === 0) return;
    for (const { db, key } of client.watched) {
      const keys = this.#watchers.get(db)!;
      const watchers = keys.get(key)!;
      watchers.delete(client);
      if (watchers.size > 0) continue;
      keys.delete(key);
      if (keys.size === 0) this.#watchers.delete(db);
    }
    client.watched = [];
    this.#clients.delete(client);
    if (this.#clients.size === 0) this.#keyspace.unsubscribe(this);
  }

  /** Whether a key expired since the client watched it, though nobody has removed it yet. */
  hasExpired(client: Client): boolean {
    return client.watched.some(({ db, key, wasExpired }) => {
      return !wasExpired && this.#isExpired(this.#keyspace.db(db), key);
    });
  }

  changed(db: Database, key: Uint8Array, at: number, bytes: number, eventClass: string, event: string): void {
    // Nothing that happens to consumer groups counts as a change of the stream.
    if (eventClass === EVENT_STREAM && event.startsWith('xgroup-')) return;
    const watchers = this.#watchers.get(db.index)?.get(toLatin1(key, at, bytes));
    if (watchers === undefined) return;
    for (const [client, watched] of watchers) {
      if (watched.wasExpired && this.#find(db, watched.key) === 0) watched.wasExpired = false;
      else this.#fail(client);
    }
  }

  replacing(db: Database, replacement: Database | null): void {
    for (const [key, watchers] of this.#watchers.get(db.index) ?? []) {
      const isHere = this.#find(db, key) !== 0;
      const comes = replacement !== null && this.#find(replacement, key) !== 0;
      if (!isHere && !comes) continue;
      const comesExpired = comes && this.#isExpired(replacement, key);
      for (const [client, watched] of watchers) {
        if (watched.wasExpired && (!comes || comesExpired)) watched.wasExpired = comes;
        else if (!isHere && comesExpired) watched.wasExpired = true;
        else this.#fail(client);
      }
    }
  }

  /** EXEC of this client will answer null: nothing that happens to its keys matters any more. */
  #fail(client: Client): void {
    client.watchFailed = true;
    this.unwatch(client);
  }

  #isExpired(db: Database, key: string): boolean {
    const ref = this.#find(db, key);
    return ref !== 0 && db.isGone(ref);
  }

  #find(db: Database, key: string): number {
    const bytes = Buffer.from(key, 'latin1');
    return db.find(bytes, 0, bytes.length, this.#keyspace.hash.hash(bytes, 0, bytes.length));
  }
}

function entryOf<K, V>(map: Map<K, V>, key: K, make: () => V): V {
  let value = map.get(key);
  if (value === undefined) {
    value = make();
    map.set(key, value);
  }
  return value;
}
