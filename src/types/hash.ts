// Hashes: which structure holds the fields, and when it becomes another one.
//
//   listpack     field, value, field, value …            at most `hash-max-listpack-entries` fields, none of them and
//   listpackex   field, value, expiry, field …           no value longer than `hash-max-listpack-value`; the second
//                                                        form from the first command on that sets expiries of fields
//   hashtable    elements with value, and expiry if any   everything else, and whatever was that once
//
// The entry's low value word refers to the structure (structs/listpack.ts, element_table.ts). In a listpackex an expiry is
// an integer of milliseconds since 1970, 0 for none, and fields stand in the order of their expiries, those without one
// last. In a table, elements with an expiry are marked, and the table's own word DUE is a second before which none of them
// expires. Rules, and the operations at which they are looked at, are those of Redis 7.4.
//
// `find` leaves behind where a field is; what is called "found" acts there, and is good until anything else changes.
import type { Ref } from '../arena/arena.ts';
import { OutOfMemoryError } from '../arena/granules.ts';
import { int64CharsMax, parseInt53, writeInt } from '../base/int64.ts';
import type { KeyHash } from '../base/keyhash.ts';
import type { Random } from '../base/random.ts';
import { type Elements, HAS_EXPIRY, HAS_VALUE } from '../structs/element.ts';
import { ElementTable } from '../structs/element_table.ts';
import {
  ENC_HASHTABLE,
  ENC_LISTPACK,
  ENC_LISTPACK_EX,
  type Entries,
  HAS_WORDS,
  TYPE_HASH,
} from '../structs/entry.ts';
import { Listpacks } from '../structs/listpack.ts';
import { noteDue, tableDueMs } from './hash_due.ts';
import { changeTriple, checkTriples, expiryAt, triplesOf } from './hash_triples.ts';
import type { Limits } from './limits.ts';
import type { ValueType } from './value.ts';

/** What `find` answers. An expired field is still there; whoever meets it treats it as absent, and may remove it. */
export const ABSENT = 0;
export const FOUND = 1;
export const EXPIRED = 2;

/** Whatever the settings say, no listpack grows beyond so many bytes. */
const LISTPACK_BYTES_MAX = 2 ** 30;
/** What a field in a listpack takes to say that it has no expiry. */
const NO_EXPIRY_BYTES = 2;

export class Hashes implements ValueType {
  readonly entries: Entries;
  readonly lists: Listpacks;
  readonly table: ElementTable;
  readonly elements: Elements;
  readonly #limits: Limits;
  /** Text that the last call of a locate function found: `length` bytes of `bytes` from `at` on. */
  bytes: Uint8Array = new Uint8Array(0);
  at = 0;
  length = 0;
  /** Position of the found field in its listpack, or its element. */
  #found = 0;
  /** Hash of the field that was looked for in a table. */
  #hash = 0;
  readonly #digits = new Uint8Array(int64CharsMax);

  constructor(entries: Entries, hash: KeyHash, limits: Limits) {
    this.entries = entries;
    this.lists = new Listpacks(entries.arena);
    this.table = new ElementTable(entries.arena, hash);
    this.elements = this.table.elements;
    this.#limits = limits;
  }

  /** A new entry without expiry that holds an empty hash. */
  create(key: Uint8Array, keyAt: number, keyBytes: number, clock: number): Ref {
    const structure = this.lists.create();
    const kind = (TYPE_HASH << 4) | ENC_LISTPACK;
    const ref = this.entries.create(key, keyAt, keyBytes, kind, clock, HAS_WORDS, 0);
    this.entries.writeWords(ref, structure, 0);
    return ref;
  }

  /** Number of fields, expired ones that are still there included. */
  size(ref: Ref): number {
    const structure = this.entries.wordLow(ref);
    const encoding = this.entries.encoding(ref);
    if (encoding !== ENC_HASHTABLE) return this.lists.count(structure) / strideOf(encoding);
    this.table.open(structure);
    return this.table.size;
  }

  /** Looks for a field: ABSENT, FOUND or EXPIRED. */
  find(ref: Ref, bytes: Uint8Array, at: number, length: number, nowMs: number): number {
    const structure = this.entries.wordLow(ref);
    const encoding = this.entries.encoding(ref);
    if (encoding === ENC_HASHTABLE) {
      const { table, elements } = this;
      table.open(structure);
      const hash = table.hash(bytes, at, length);
      const element = table.find(bytes, at, length, hash);
      this.#hash = hash;
      this.#found = element;
      if (element === 0) return ABSENT;
      return (elements.flags(element) & HAS_EXPIRY) !== 0 && elements.expiry(element) < nowMs
        ? EXPIRED
        : FOUND;
    }
    const { lists } = this;
    const p = lists.find(structure, lists.first(structure), bytes, at, length, strideOf(encoding) - 1);
    this.#found = p;
    if (p === 0) return ABSENT;
    if (encoding === ENC_LISTPACK) return FOUND;
    const expiryMs = expiryAt(lists, structure, p);
    return expiryMs !== 0 && expiryMs < nowMs ? EXPIRED : FOUND;
  }

  /** Points to the text of the found field's name. */
  locateField(ref: Ref): void {
    if (this.entries.encoding(ref) !== ENC_HASHTABLE) {
      this.#locate(this.entries.wordLow(ref), this.#found);
      return;
    }
    this.bytes = this.elements.view(this.#found);
    this.at = this.elements.memberAt(this.#found);
    this.length = this.elements.memberBytes(this.#found);
  }

  /** Points to the found field's value. */
  locateValue(ref: Ref): void {
    if (this.entries.encoding(ref) !== ENC_HASHTABLE) {
      const structure = this.entries.wordLow(ref);
      this.#locate(structure, this.lists.next(structure, this.#found));
      return;
    }
    this.bytes = this.elements.view(this.#found);
    this.at = this.elements.valueAt(this.#found);
    this.length = this.elements.valueBytes(this.#found);
  }

  /** The found field's value if it is a safe integer, else NaN. */
  integer(ref: Ref): number {
    if (this.entries.encoding(ref) !== ENC_HASHTABLE) {
      const structure = this.entries.wordLow(ref);
      return this.lists.integer(structure, this.lists.next(structure, this.#found));
    }
    this.locateValue(ref);
    return parseInt53(this.bytes, this.at, this.length);
  }

  /** Makes the hash a table if a field or a value of these lengths asks for it. Comes before `find` and `addField`. */
  expect(ref: Ref, fieldBytes: number, valueBytes: number): void {
    const encoding = this.entries.encoding(ref);
    if (encoding === ENC_HASHTABLE) return;
    const { hashMaxListpackValue } = this.#limits;
    const total = this.lists.totalBytes(this.entries.wordLow(ref)) + fieldBytes + valueBytes;
    if (
      fieldBytes > hashMaxListpackValue ||
      valueBytes > hashMaxListpackValue ||
      total > LISTPACK_BYTES_MAX
    ) {
      this.convert(ref);
    }
  }

  /** Adds a field that was just looked for in vain, without an expiry. `find` it again to go on with it. */
  addField(
    ref: Ref,
    field: Uint8Array,
    fieldAt: number,
    fieldBytes: number,
    value: Uint8Array,
    valueAt: number,
    valueBytes: number,
  ): void {
    const encoding = this.entries.encoding(ref);
    const structure = this.entries.wordLow(ref);
    if (encoding === ENC_HASHTABLE) {
      const { elements } = this;
      const element = elements.create(field, fieldAt, fieldBytes, HAS_VALUE, valueBytes);
      elements.putValue(element, value, valueAt, valueBytes);
      this.table.add(this.#hash, element);
      return;
    }
    const { lists } = this;
    const pairBytes =
      lists.encodedBytes(field, fieldAt, fieldBytes) + lists.encodedBytes(value, valueAt, valueBytes);
    let next = lists.begin(structure, pairBytes + (encoding === ENC_LISTPACK_EX ? NO_EXPIRY_BYTES : 0));
    next = lists.append(next, field, fieldAt, fieldBytes);
    next = lists.append(next, value, valueAt, valueBytes);
    if (encoding === ENC_LISTPACK_EX) next = lists.appendInteger(next, 0);
    this.#setStructure(ref, lists.done(next));
    this.limitFields(ref);
  }

  /** Makes the hash a table if it has too many fields: after each change, as the setting may have been lowered. */
  limitFields(ref: Ref): void {
    const encoding = this.entries.encoding(ref);
    if (encoding === ENC_HASHTABLE) return;
    const count = this.lists.count(this.entries.wordLow(ref));
    if (count > this.#limits.hashMaxListpackEntries * strideOf(encoding)) this.#convertIfPossible(ref);
  }

  /** The field is in already, so a lack of memory for the table is no failure: the next one tries again. */
  #convertIfPossible(ref: Ref): void {
    try {
      this.convert(ref);
    } catch (error) {
      if (!(error instanceof OutOfMemoryError)) throw error;
    }
  }

  /** Gives the found field another value; its expiry stays. `limitFields` when the field is done. */
  setFound(ref: Ref, value: Uint8Array, at: number, length: number): void {
    const structure = this.entries.wordLow(ref);
    if (this.entries.encoding(ref) === ENC_HASHTABLE) {
      const next = this.elements.setValue(this.#found, value, at, length);
      if (next !== this.#found) this.#moveFound(next);
      return;
    }
    const { lists } = this;
    this.#setStructure(ref, lists.replace(structure, lists.next(structure, this.#found), value, at, length));
  }

  /** Gives the found field a safe integer as its value; its expiry stays. */
  setFoundInteger(ref: Ref, value: number): void {
    if (this.entries.encoding(ref) === ENC_HASHTABLE) {
      this.setFound(ref, this.#digits, 0, writeInt(this.#digits, 0, value));
      return;
    }
    const { lists } = this;
    const structure = this.entries.wordLow(ref);
    this.#setStructure(ref, lists.replaceInteger(structure, lists.next(structure, this.#found), value));
  }

  /** Removes the found field. */
  removeFound(ref: Ref): void {
    const structure = this.entries.wordLow(ref);
    const encoding = this.entries.encoding(ref);
    if (encoding === ENC_HASHTABLE) {
      this.table.removeHit();
      this.elements.free(this.#found);
    } else {
      this.#setStructure(ref, this.lists.remove(structure, this.#found, strideOf(encoding)));
    }
  }

  /** Expiry of the found field in ms since 1970, 0 if it has none. */
  foundExpiryMs(ref: Ref): number {
    const encoding = this.entries.encoding(ref);
    if (encoding === ENC_LISTPACK) return 0;
    if (encoding === ENC_LISTPACK_EX) return expiryAt(this.lists, this.entries.wordLow(ref), this.#found);
    return (this.elements.flags(this.#found) & HAS_EXPIRY) === 0 ? 0 : this.elements.expiry(this.#found);
  }

  /** Makes a listpack one with expiries. Comes before `find` and `setFoundExpiry`. */
  allowExpiries(ref: Ref): void {
    if (this.entries.encoding(ref) !== ENC_LISTPACK) return;
    const old = this.entries.wordLow(ref);
    this.#setStructure(ref, triplesOf(this.lists, old));
    this.lists.free(old);
    this.entries.setKind(ref, TYPE_HASH, ENC_LISTPACK_EX);
  }

  /** Gives the found field an expiry in ms since 1970, 0 for none. */
  setFoundExpiry(ref: Ref, expiryMs: number): void {
    const structure = this.entries.wordLow(ref);
    const encoding = this.entries.encoding(ref);
    if (encoding === ENC_LISTPACK_EX) {
      const { lists } = this;
      this.locateField(ref);
      const field = this.bytes.slice(this.at, this.at + this.length);
      this.locateValue(ref);
      const value = this.bytes.slice(this.at, this.at + this.length);
      this.#setStructure(ref, changeTriple(lists, structure, this.#found, field, value, expiryMs));
      this.#found = lists.position;
    } else if (encoding === ENC_HASHTABLE) {
      const { elements, table } = this;
      const flags = HAS_VALUE | (expiryMs === 0 ? 0 : HAS_EXPIRY);
      this.#moveFound(elements.reshape(this.#found, flags));
      table.markHit(expiryMs !== 0);
      if (expiryMs === 0) return;
      elements.writeExpiry(this.#found, expiryMs);
      noteDue(table, expiryMs);
    }
  }

  /** A time in ms before which no field expires, 0 if no field has an expiry. */
  dueMs(ref: Ref): number {
    const encoding = this.entries.encoding(ref);
    if (encoding === ENC_LISTPACK) return 0;
    const structure = this.entries.wordLow(ref);
    if (encoding === ENC_HASHTABLE) {
      this.table.open(structure);
      return tableDueMs(this.table);
    }
    return expiryAt(this.lists, structure, this.lists.first(structure));
  }

  /** Chooses a field of a hash that has some, expired or not, all with the same chance; it is found then. */
  choose(ref: Ref, random: Random): void {
    const structure = this.entries.wordLow(ref);
    const encoding = this.entries.encoding(ref);
    if (encoding === ENC_HASHTABLE) {
      this.table.open(structure);
      this.#found = this.table.randomRef(random);
    } else {
      const stride = strideOf(encoding);
      const index = random.below(this.lists.count(structure) / stride);
      this.#found = this.lists.seek(structure, index * stride);
    }
  }

  /** Makes the field at `place` (of a walk: hash_walk.ts) the found one. */
  foundAt(place: number): void {
    this.#found = place;
  }

  /** Where the found field is, for `foundAt` while nothing changes. */
  get foundPlace(): number {
    return this.#found;
  }

  /** Makes a small hash a table. */
  convert(ref: Ref): void {
    const { entries, lists, table } = this;
    const old = entries.wordLow(ref);
    const structure = table.create();
    try {
      this.#fillTable(old, entries.encoding(ref));
    } catch (error) {
      table.drop(structure);
      throw error;
    }
    lists.free(old);
    entries.setKind(ref, TYPE_HASH, ENC_HASHTABLE);
    this.#setStructure(ref, structure);
  }

  /** Adds the fields of a listpack to the open table. */
  #fillTable(old: Ref, encoding: number): void {
    const { elements, lists, table } = this;
    for (let p = lists.first(old); p !== 0; ) {
      const value = lists.next(old, p);
      lists.locate(old, value);
      const valueBytes = lists.length;
      const expiryMs = encoding === ENC_LISTPACK ? 0 : expiryAt(lists, old, p);
      lists.locate(old, p);
      const flags = HAS_VALUE | (expiryMs === 0 ? 0 : HAS_EXPIRY);
      const hash = table.hash(lists.bytes, lists.at, lists.length);
      const element = elements.create(lists.bytes, lists.at, lists.length, flags, valueBytes);
      lists.locate(old, value);
      elements.putValue(element, lists.bytes, lists.at, valueBytes);
      table.add(hash, element);
      if (expiryMs !== 0) {
        elements.writeExpiry(element, expiryMs);
        table.markHit(true);
        noteDue(table, expiryMs);
      }
      p = lists.next(old, encoding === ENC_LISTPACK ? value : lists.next(old, value));
    }
  }

  effort(ref: Ref): number {
    return this.entries.encoding(ref) === ENC_HASHTABLE ? this.table.effort(this.entries.wordLow(ref)) : 1;
  }

  freeSome(ref: Ref, blocks: number): boolean {
    const structure = this.entries.wordLow(ref);
    if (this.entries.encoding(ref) === ENC_HASHTABLE) return this.table.freeSome(structure, blocks);
    this.lists.free(structure);
    return true;
  }

  copyValue(from: Ref, to: Ref): void {
    const source = this.entries.wordLow(from);
    if (this.entries.encoding(from) !== ENC_HASHTABLE) {
      this.#setStructure(to, this.lists.copy(source));
      return;
    }
    this.#setStructure(to, this.table.copy(source));
  }

  outsideBytes(ref: Ref, samples: number): number {
    const structure = this.entries.wordLow(ref);
    if (this.entries.encoding(ref) === ENC_HASHTABLE) return this.table.bytesWithElements(structure, samples);
    return this.entries.arena.usableBytes(this.lists.totalBytes(structure));
  }

  moveBlocks(ref: Ref, cursor: number): number {
    const { entries, table } = this;
    const structure = entries.wordLow(ref);
    const high = entries.wordHigh(ref);
    if (entries.encoding(ref) !== ENC_HASHTABLE) {
      entries.writeWords(ref, this.lists.moved(structure), high);
      return 0;
    }
    table.open(structure);
    if (cursor === 0) entries.writeWords(ref, table.moveHeader(), high);
    return table.moveElementsAt(cursor);
  }

  /** Walks the hash and throws on any broken invariant. */
  check(ref: Ref): void {
    const structure = this.entries.wordLow(ref);
    const encoding = this.entries.encoding(ref);
    if (encoding === ENC_HASHTABLE) {
      this.table.open(structure);
      this.table.check();
      return;
    }
    this.lists.check(structure);
    if (encoding === ENC_LISTPACK_EX) checkTriples(this.lists, structure);
  }

  #moveFound(next: Ref): void {
    this.#found = next;
    this.table.replaceHit(next);
  }

  #locate(list: Ref, p: number): void {
    const { lists } = this;
    lists.locate(list, p);
    this.bytes = lists.bytes;
    this.at = lists.at;
    this.length = lists.length;
  }

  #setStructure(ref: Ref, structure: Ref): void {
    this.entries.writeWords(ref, structure, 0);
  }
}

/** Listpack elements of one field. */
export function strideOf(encoding: number): number {
  return encoding === ENC_LISTPACK ? 2 : 3;
}
