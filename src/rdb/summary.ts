// What an RDB file holds, counted key by key.
import type { Ref } from '../arena/arena.ts';
import { toLatin1 } from '../base/bytes.ts';
import type { Keyspace } from '../keyspace/keyspace.ts';
import { TYPE_HASH, TYPE_LIST, TYPE_SET, TYPE_STREAM, TYPE_STRING, TYPE_ZSET } from '../structs/entry.ts';
import { ENCODING_NAMES, TYPE_NAMES } from '../types/names.ts';

/** Prefixes are counted one by one up to so many; all further ones are one. */
const PREFIXES_MAX = 100_000;
const OTHER_PREFIXES = '(others)';
const NO_PREFIX = '(none)';

export interface Count {
  keys: number;
  /** What the keys take in a server's memory. */
  bytes: number;
}

export interface KindCount extends Count {
  readonly type: string;
  readonly encoding: string;
  /** Elements of collections, bytes of strings. */
  elements: number;
}

export interface DatabaseCount extends Count {
  readonly database: number;
  volatileKeys: number;
}

export interface BigKey {
  readonly database: number;
  /** One character for each byte. */
  readonly key: string;
  readonly type: string;
  readonly encoding: string;
  readonly elements: number;
  readonly bytes: number;
}

export interface SummaryOptions {
  /** How many of the biggest keys are kept. */
  readonly biggest: number;
  /** What separates the parts of a key's name, and how many parts make a prefix. */
  readonly separator: string;
  readonly depth: number;
}

export class Summary {
  readonly total: Count = { keys: 0, bytes: 0 };
  volatileKeys = 0;
  /** The biggest keys, the biggest first. */
  readonly biggest: BigKey[] = [];
  readonly #options: SummaryOptions;
  readonly #kinds = new Map<number, KindCount>();
  readonly #prefixes = new Map<string, Count>();
  readonly #databases = new Map<number, DatabaseCount>();

  constructor(options: SummaryOptions) {
    this.#options = options;
  }

  /** Types and encodings, databases, and prefixes, those that take most first. */
  get kinds(): KindCount[] {
    return [...this.#kinds.values()].sort(byBytes);
  }

  get databases(): DatabaseCount[] {
    return [...this.#databases.values()].sort((a, b) => a.database - b.database);
  }

  get prefixes(): ({ prefix: string } & Count)[] {
    return [...this.#prefixes].map(([prefix, count]) => ({ prefix, ...count })).sort(byBytes);
  }

  /** Counts an entry of a database. */
  add(keyspace: Keyspace, database: number, ref: Ref): void {
    const { entries, arena, types } = keyspace;
    const type = entries.type(ref);
    const bytes = arena.usableBytes(entries.blockBytes(ref)) + types[type]!.outsideBytes(ref, 0);
    const elements = elementsOf(keyspace, ref);
    const key = toLatin1(entries.view(ref), entries.keyAt(ref), entries.keyBytes(ref));
    const expires = entries.hasExpiry(ref);
    count(this.total, bytes);
    if (expires) this.volatileKeys++;
    const row = entryOf(this.#databases, database, () => ({ database, keys: 0, bytes: 0, volatileKeys: 0 }));
    count(row, bytes);
    if (expires) row.volatileKeys++;
    const names = { type: TYPE_NAMES[type]!, encoding: ENCODING_NAMES[entries.encoding(ref)]! };
    const kind = entryOf(this.#kinds, entries.kind(ref), () => ({
      ...names,
      keys: 0,
      bytes: 0,
      elements: 0,
    }));
    count(kind, bytes);
    kind.elements += elements;
    count(this.#prefix(key), bytes);
    this.#compare({ database, key, ...names, elements, bytes });
  }

  #prefix(key: string): Count {
    const { separator, depth } = this.#options;
    let end = -1;
    for (let part = 0; part < depth; part++) {
      const next = key.indexOf(separator, end + 1);
      if (next < 0) break;
      end = next;
    }
    let prefix = end < 0 ? NO_PREFIX : key.slice(0, end);
    if (!this.#prefixes.has(prefix) && this.#prefixes.size >= PREFIXES_MAX) prefix = OTHER_PREFIXES;
    return entryOf(this.#prefixes, prefix, () => ({ keys: 0, bytes: 0 }));
  }

  /** Keeps a key if it is one of the biggest so far. */
  #compare(key: BigKey): void {
    const { biggest } = this;
    const most = this.#options.biggest;
    if (biggest.length >= most && key.bytes <= (biggest.at(-1)?.bytes ?? Number.POSITIVE_INFINITY)) return;
    let place = biggest.length;
    while (place > 0 && biggest[place - 1]!.bytes < key.bytes) place--;
    biggest.splice(place, 0, key);
    if (biggest.length > most) biggest.pop();
  }
}

function byBytes(a: Count, b: Count): number {
  return b.bytes - a.bytes || b.keys - a.keys;
}

function count(into: Count, bytes: number): void {
  into.keys++;
  into.bytes += bytes;
}

function entryOf<K, V>(map: Map<K, V>, key: K, make: () => V): V {
  let value = map.get(key);
  if (value === undefined) {
    value = make();
    map.set(key, value);
  }
  return value;
}

function elementsOf(keyspace: Keyspace, ref: Ref): number {
  switch (keyspace.entries.type(ref)) {
    case TYPE_STRING:
      return keyspace.strings.byteLength(ref);
    case TYPE_LIST:
      return keyspace.lists.size(ref);
    case TYPE_SET:
      return keyspace.sets.size(ref);
    case TYPE_ZSET:
      return keyspace.zsets.size(ref);
    case TYPE_HASH:
      return keyspace.hashes.size(ref);
    case TYPE_STREAM:
      return keyspace.streams.length(keyspace.streams.of(ref));
    default:
      throw new Error(`type ${keyspace.entries.type(ref)} is not known`);
  }
}
