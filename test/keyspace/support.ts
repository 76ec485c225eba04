// A keyspace without a server: virtual time, a checked arena unless said otherwise, keys given as texts.
import type { Ref } from '../../src/arena/arena.ts';
import { toLatin1 } from '../../src/base/bytes.ts';
import { VirtualClock } from '../../src/base/clock.ts';
import { highWord, lowWord } from '../../src/base/int64.ts';
import { KeyHash } from '../../src/base/keyhash.ts';
import { Random } from '../../src/base/random.ts';
import type { Database } from '../../src/keyspace/database.ts';
import { Keyspace } from '../../src/keyspace/keyspace.ts';
import { makeArena } from '../support/arena.ts';

export class TestKeyspace extends Keyspace {
  override readonly clock: VirtualClock;

  constructor(seed = 1, clock = new VirtualClock(), checked = true) {
    super({
      arena: makeArena(checked),
      hash: new KeyHash(1, 2),
      clock,
      random: new Random(seed),
      databases: 4,
    });
    this.clock = clock;
  }

  /** Adds or replaces a string; `ttlMs` from now on. */
  put(index: number, key: string, value: string, ttlMs?: number): void {
    const db = this.db(index);
    const name = Buffer.from(key);
    const bytes = Buffer.from(value);
    const old = this.find(db, key);
    const ref = this.strings.create(name, 0, name.length, 0, 0, bytes, 0, bytes.length);
    if (old === 0) db.add(this.hashOf(key), ref);
    else db.replace(old, ref);
    if (ttlMs === undefined) return;
    const atMs = this.clock.nowMs() + ttlMs;
    db.setExpiry(this.find(db, key), lowWord(atMs), highWord(atMs));
  }

  /** The entry of a key, expired or not, as the hit; 0 if there is none. */
  find(db: Database, key: string): Ref {
    const name = Buffer.from(key);
    return db.find(name, 0, name.length, this.hashOf(key));
  }

  get(index: number, key: string): string | null {
    const ref = this.find(this.db(index), key);
    if (ref === 0) return null;
    this.strings.locate(ref);
    return toLatin1(this.strings.bytes, this.strings.at, this.strings.length);
  }

  remove(index: number, key: string): void {
    const db = this.db(index);
    db.removeEntry(this.find(db, key));
  }

  hashOf(key: string): number {
    const name = Buffer.from(key);
    return this.hash.hash(name, 0, name.length);
  }

  /** Names of all keys of a database, sorted. */
  names(index: number): string[] {
    const db = this.db(index);
    const names: string[] = [];
    let cursor = 0;
    do {
      cursor = db.walk(cursor, (ref) => {
        names.push(toLatin1(this.entries.view(ref), this.entries.keyAt(ref), this.entries.keyBytes(ref)));
      });
    } while (cursor !== 0);
    return names.sort();
  }

  /** Checks the arena and all tables. */
  verify(): void {
    this.arena.verify();
    for (let index = 0; index < this.databaseCount; index++) this.db(index).check();
  }
}
