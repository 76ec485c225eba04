// All databases of a server, and what they share: memory, hash, clock, random numbers, statistics, and the port through
// which changes are announced.
import type { Arena, Ref } from '../arena/arena.ts';
import type { Clock } from '../base/clock.ts';
import { Crc64, type SumUp } from '../base/crc64.ts';
import type { KeyHash } from '../base/keyhash.ts';
import type { Random } from '../base/random.ts';
import { ElementTable } from '../structs/element_table.ts';
import {
  Entries,
  TYPE_HASH,
  TYPE_LIST,
  TYPE_SET,
  TYPE_STREAM,
  TYPE_STRING,
  TYPE_ZSET,
} from '../structs/entry.ts';
import { Hashes } from '../types/hash.ts';
import { HashWalk } from '../types/hash_walk.ts';
import { HyperLogLogs } from '../types/hyperloglog.ts';
import { defaultLimits, type Limits } from '../types/limits.ts';
import { Lists } from '../types/list.ts';
import { Sets } from '../types/set.ts';
import { SetAlgebra } from '../types/set_algebra.ts';
import { SetSampler } from '../types/set_sampler.ts';
import { Streams } from '../types/stream.ts';
import { Strings } from '../types/string.ts';
import type { ValueType } from '../types/value.ts';
import { SortedSets } from '../types/zset.ts';
import { ZsetAlgebra } from '../types/zset_algebra.ts';
import { initialClock, touchedClock } from './access_clock.ts';
import { Database } from './database.ts';
import { Eviction } from './eviction.ts';
import type { ValueGuards } from './guard.ts';
import { Lazyfree } from './lazyfree.ts';
import { STAT_COUNT, STAT_EVICTED, STAT_EXPIRED } from './stats.ts';

/** Event classes of keyspace notifications, as their letters in `notify-keyspace-events`. */
export const EVENT_GENERIC = 'g';
export const EVENT_STRING = '$';
export const EVENT_LIST = 'l';
export const EVENT_SET = 's';
export const EVENT_HASH = 'h';
export const EVENT_ZSET = 'z';
export const EVENT_STREAM = 't';
export const EVENT_EXPIRED = 'x';
export const EVENT_EVICTED = 'e';
export const EVENT_NEW = 'n';
/** Of a change that concerns WATCH but is announced to nobody. */
export const EVENT_SILENT = '';

/** What freeing one value may take at once, in blocks: well below a millisecond. */
const AT_ONCE_BLOCKS = 1024;
/** What UNLINK frees at once; the reference has the same bound. */
const LAZY_BLOCKS = 64;

/** Who is told of changes, while subscribed. */
export interface KeyspaceListener {
  /** One key changed; called after the change. The bytes of its name are valid during the call only. */
  changed(db: Database, key: Uint8Array, at: number, bytes: number, eventClass: string, event: string): void;
  /**
   * A database is about to lose all its keys, or to have those of `replacement` in their place (SWAPDB, which calls
   * this for both). Called before it happens.
   */
  replacing(db: Database, replacement: Database | null): void;
}

/** Who is told of keys that were looked up for reading and are not there. */
export interface MissListener {
  /** The bytes of the key's name are valid during the call only. */
  missed(db: Database, key: Uint8Array, at: number, bytes: number): void;
}

/** Who is told when a value was replaced as a whole, besides being told of the change. */
export interface OverwriteListener {
  overwritten(db: Database, key: Uint8Array, at: number, bytes: number, changedType: boolean): void;
}

/** Who is told of data that go without a command that deletes them: they expired, or were evicted. */
export interface DropListener {
  /** A key is about to go; `lazily`: its value may be freed later. The bytes of its name are valid during the call only. */
  dropped(db: Database, key: Uint8Array, at: number, bytes: number, lazily: boolean): void;
  /** Fields of a hash go. */
  droppedFields(db: Database, key: Uint8Array, fields: readonly Uint8Array[]): void;
}

export interface KeyspaceOptions {
  arena: Arena;
  hash: KeyHash;
  clock: Clock;
  random: Random;
  databases: number;
  /** The prefetcher's rows (native/abi.h), or none. */
  hints?: Uint32Array;
  /** How the addon sums up bytes, where it is at hand. */
  sumUp?: SumUp;
}

export class Keyspace {
  readonly arena: Arena;
  readonly entries: Entries;
  readonly strings: Strings;
  readonly hyperLogLogs: HyperLogLogs;
  readonly hashes: Hashes;
  readonly hashWalk: HashWalk;
  /** Table of names of any database's hashes whose fields expire (volatile_hashes.ts). */
  readonly volatileNames: ElementTable;
  readonly lists: Lists;
  readonly sets: Sets;
  readonly streams: Streams;
  readonly zsets: SortedSets;
  readonly zsetAlgebra: ZsetAlgebra;
  readonly setAlgebra: SetAlgebra;
  readonly setSampler: SetSampler;
  /** By the type's number (structs/entry.ts). */
  readonly types: readonly ValueType[];
  /** Where values change their encoding. */
  readonly limits: Limits = defaultLimits();
  readonly hash: KeyHash;
  readonly clock: Clock;
  readonly random: Random;
  readonly lazyfree: Lazyfree;
  readonly eviction: Eviction;
  readonly stats = new Float64Array(STAT_COUNT);
  readonly #databases: Database[] = [];
  readonly #hints: Uint32Array | undefined;
  /** Wall clock in ms, read once a batch (`tick`), so that all commands of a batch see one time. */
  nowMs: number;
  /** What was to live until before this time has expired: `nowMs`, but while a log is loaded nothing expires. */
  pastMs: number;
  /** Nothing expires while a log is loaded. */
  expiresNothing = false;
  /** Changes since the start (`rdb_changes_since_last_save` counts from the last save). */
  dirty = 0;
  /** True while anybody wants to hear of changes. */
  listening = false;
  #listeners: readonly KeyspaceListener[] = [];
  /** Told of misses; null while nobody wants to know. */
  missListener: MissListener | null = null;
  /** Told of values replaced as a whole; null while nobody wants to know. */
  overwriteListener: OverwriteListener | null = null;
  /** Told of data that go without a command; null while nobody wants to know. */
  dropListener: DropListener | null = null;
  #valueGuards: ValueGuards | null = null;
  /** Access clock for LRU, 24 bits of seconds. */
  lruClock: number;
  /** True under an LFU policy: the access clock then holds frequencies. */
  lfu = false;
  lfuLogFactor = 10;
  lfuDecayMinutes = 1;
  /** False while the current client asked not to touch keys (CLIENT NO-TOUCH, some commands). */
  touching = true;
  /** CLIENT PAUSE is in force. */
  isPaused = false;
  /** Data are being imported (import-mode): their source says what has expired. */
  importing = false;
  /** The settings lazyfree-lazy-expire, -server-del and -user-del. */
  lazyExpire = false;
  lazyServerDel = false;
  lazyUserDel = false;
  /** Whether the change that is being told of put a result in the place of another value: who waits for the key waits on. */
  isOverwriting = false;
  readonly databaseCount: number;
  readonly #sumUp: SumUp | undefined;

  constructor(options: KeyspaceOptions) {
    this.arena = options.arena;
    this.hash = options.hash;
    this.clock = options.clock;
    this.random = options.random;
    this.entries = new Entries(options.arena);
    this.strings = new Strings(this.entries);
    this.hyperLogLogs = new HyperLogLogs(this.strings, this.limits);
    this.lists = new Lists(this.entries, this.limits);
    this.hashes = new Hashes(this.entries, this.hash, this.limits);
    this.hashWalk = new HashWalk(this.hashes);
    this.volatileNames = new ElementTable(this.arena, this.hash);
    this.sets = new Sets(this.entries, this.hash, this.limits);
    this.setAlgebra = new SetAlgebra(this.sets, this.hash);
    this.setSampler = new SetSampler(this.sets, this.hash, this.random);
    this.streams = new Streams(this.entries, this.limits);
    this.zsets = new SortedSets(this.entries, this.hash, this.limits);
    this.zsetAlgebra = new ZsetAlgebra(this.zsets, this.sets, this.hash);
    this.types = this.#makeTypes();
    this.lazyfree = new Lazyfree(this);
    this.eviction = new Eviction(this);
    this.#hints = options.hints;
    this.#sumUp = options.sumUp;
    this.databaseCount = options.databases;
    this.nowMs = options.clock.nowMs();
    this.pastMs = this.nowMs;
    this.lruClock = Math.floor(this.nowMs / 1000) & 0xffffff;
    for (let index = 0; index < options.databases; index++) this.#databases.push(new Database(this, index));
  }

  /** A checksum for dumps and files of what is in here. */
  checksum(): Crc64 {
    return new Crc64(this.#sumUp);
  }

  /** Whether expired keys are hidden from readers but stay. */
  get keepExpired(): boolean {
    return this.isPaused || this.importing;
  }

  /** Whether what is to expire at this time, in ms since 1970, is to go at once. */
  isPast(ms: number | bigint): boolean {
    return ms <= this.pastMs && !this.importing;
  }

  db(index: number): Database {
    return this.#databases[index]!;
  }

  /** Reads the clock for the commands to come. */
  tick(): void {
    this.nowMs = this.clock.nowMs();
    if (!this.expiresNothing) this.pastMs = this.nowMs;
    this.lruClock = Math.floor(this.nowMs / 1000) & 0xffffff;
  }

  /**
   * Lets nothing expire from now on, nor pass for expired when it gets an expiry in the past, or ends that: a log says
   * itself when things went.
   */
  stopExpiry(isStopped: boolean): void {
    this.expiresNothing = isStopped;
    this.pastMs = isStopped ? Number.NEGATIVE_INFINITY : this.nowMs;
  }

  /** Notes an access to an entry. */
  touch(ref: Ref): void {
    if (!this.touching) return;
    if (this.lfu) this.entries.setClock(ref, touchedClock(this, this.entries.clock(ref)));
    else if (this.entries.clock(ref) !== this.lruClock) this.entries.setClock(ref, this.lruClock);
  }

  /** Access clock of a new entry. */
  freshClock(): number {
    return this.lfu ? initialClock(this) : this.lruClock;
  }

  subscribe(listener: KeyspaceListener): void {
    this.#listeners = [...this.#listeners, listener];
    this.listening = true;
  }

  unsubscribe(listener: KeyspaceListener): void {
    this.#listeners = this.#listeners.filter((other) => other !== listener);
    this.listening = this.#listeners.length > 0;
  }

  /** Announces a change of one key: `at` and `bytes` say where the key's name is. Once for each change. */
  changed(db: Database, key: Uint8Array, at: number, bytes: number, eventClass: string, event: string): void {
    this.dirty++;
    if (this.listening) this.event(db, key, at, bytes, eventClass, event);
  }

  /** Announces an event that follows from a change already counted (such as `expire` after `set`). */
  event(db: Database, key: Uint8Array, at: number, bytes: number, eventClass: string, event: string): void {
    const listeners = this.#listeners;
    for (let i = 0; i < listeners.length; i++) listeners[i]!.changed(db, key, at, bytes, eventClass, event);
  }

  /** Drops the expired entry at the hit and announces it. */
  expire(db: Database, ref: Ref): void {
    this.stats[STAT_EXPIRED]!++;
    if (this.dropListener !== null) this.announceDrop(db, ref, this.lazyExpire);
    if (this.listening) {
      const key = this.#nameOf(ref);
      db.removeEntry(ref, this.lazyExpire);
      this.event(db, key, 0, key.length, EVENT_EXPIRED, 'expired');
    } else {
      db.removeEntry(ref, this.lazyExpire);
    }
  }

  /** Drops the entry at the hit because memory is short, and announces it. */
  evict(db: Database, ref: Ref, lazily: boolean): void {
    this.stats[STAT_EVICTED]!++;
    if (this.dropListener !== null) this.announceDrop(db, ref, lazily);
    if (this.listening) {
      const key = this.#nameOf(ref);
      db.removeEntry(ref, lazily);
      this.event(db, key, 0, key.length, EVENT_EVICTED, 'evicted');
    } else {
      db.removeEntry(ref, lazily);
    }
  }

  /** Announces an entry that was just added. */
  announceNew(db: Database, ref: Ref): void {
    const { entries } = this;
    this.event(db, entries.view(ref), entries.keyAt(ref), entries.keyBytes(ref), EVENT_NEW, 'new');
  }

  /** Announces that the value of this entry was put in the place of another, perhaps of another type. */
  announceOverwritten(db: Database, ref: Ref, changedType: boolean): void {
    if (this.overwriteListener === null) return;
    const { entries } = this;
    const at = entries.keyAt(ref);
    this.overwriteListener.overwritten(db, entries.view(ref), at, entries.keyBytes(ref), changedType);
  }

  /** Says that the key of this entry goes without a command that deletes it. */
  announceDrop(db: Database, ref: Ref, lazily: boolean): void {
    const { entries } = this;
    const at = entries.keyAt(ref);
    this.dropListener?.dropped(db, entries.view(ref), at, entries.keyBytes(ref), lazily);
  }

  /** A copy of an entry's key. */
  #nameOf(ref: Ref): Uint8Array {
    const at = this.entries.keyAt(ref);
    return this.entries.view(ref).slice(at, at + this.entries.keyBytes(ref));
  }

  /** Whether a value is too large to be freed at once. */
  isLarge(ref: Ref): boolean {
    return this.types[this.entries.type(ref)]!.effort(ref) > AT_ONCE_BLOCKS;
  }

  /** Frees an entry that stands in no table, and its value; a large value goes in slices, `lazily` also a smaller one. */
  dispose(ref: Ref, lazily = false): void {
    if (this.#valueGuards !== null && this.#isInherited(ref)) return;
    const type = this.types[this.entries.type(ref)]!;
    if (type.effort(ref) > (lazily ? LAZY_BLOCKS : AT_ONCE_BLOCKS)) {
      this.lazyfree.addEntry(ref);
      return;
    }
    type.freeSome(ref, Number.POSITIVE_INFINITY);
    this.entries.free(ref);
  }

  /** Large values that a snapshot is in the middle of; null when there are none any more. */
  guardValues(guards: ValueGuards | null): void {
    this.#valueGuards = guards;
    for (const { table } of [this.sets, this.zsets, this.hashes]) table.guards = guards?.tables ?? null;
    this.lists.quicklists.guards = guards?.lists ?? null;
    this.streams.guards = guards?.streams ?? null;
    this.strings.guards = guards?.strings ?? null;
  }

  /** Whether a snapshot still needs the value of an entry, which is disposed of afterwards then. Strings see to that alone. */
  #isInherited(ref: Ref): boolean {
    const { entries } = this;
    const type = entries.type(ref);
    if (type === TYPE_STRING || !entries.hasWords(ref)) return false;
    const { lists, streams, tables } = this.#valueGuards!;
    const guards = type === TYPE_LIST ? lists : type === TYPE_STREAM ? streams : tables;
    const guard = guards.get(entries.wordLow(ref));
    if (guard === undefined) return false;
    guard.inherit(() => this.dispose(ref, true));
    return true;
  }

  #makeTypes(): ValueType[] {
    const types: ValueType[] = [];
    types[TYPE_STRING] = this.strings;
    types[TYPE_STREAM] = this.streams;
    types[TYPE_LIST] = this.lists;
    types[TYPE_SET] = this.sets;
    types[TYPE_ZSET] = this.zsets;
    types[TYPE_HASH] = this.hashes;
    return types;
  }

  /** Empties a database; a large one is freed in slices. Returns how many keys it had. */
  flush(index: number, inSlices: boolean): number {
    const old = this.#databases[index]!;
    const keys = old.size;
    if (keys > 0) {
      for (const listener of this.#listeners) listener.replacing(old, null);
      const fresh = new Database(this, index);
      this.#databases[index] = fresh;
      old.index = -1;
      fresh.publishDirectory();
      if (old.guard === null) this.lazyfree.addDatabase(old, inSlices);
      else old.guard.inherit(() => this.lazyfree.addDatabase(old, true));
    }
    return keys;
  }

  swap(a: number, b: number): void {
    const first = this.#databases[a]!;
    const second = this.#databases[b]!;
    for (const listener of this.#listeners) {
      listener.replacing(first, second);
      listener.replacing(second, first);
    }
    first.index = b;
    second.index = a;
    this.#databases[a] = second;
    this.#databases[b] = first;
    first.publishDirectory();
    second.publishDirectory();
  }

  /** Keeps the prefetcher's row of a database up to date. */
  directoryMoved(db: Database, directory: Ref, depth: number): void {
    if (this.#hints === undefined || db.index < 0) return;
    this.#hints[db.index * 2] = 0;
    this.#hints[db.index * 2 + 1] = depth;
    this.#hints[db.index * 2] = directory;
  }

  /** Keys in all databases. */
  get keyCount(): number {
    return this.#databases.reduce((sum, db) => sum + db.size, 0);
  }
}
