// Sets: which structure holds the members, and when it becomes another one.
//
//   intset      only integers, at most `set-max-intset-entries` of them
//   listpack    at most `set-max-listpack-entries` members of at most `set-max-listpack-value` bytes
//   hashtable   everything else, and whatever was that once
//
// The entry's low value word refers to the structure (structs/intset.ts, listpack.ts, element_table.ts). The rules, and the
// operations at which they are looked at, are those of Redis 7.2.
import type { Ref } from '../arena/arena.ts';
import { isInt64 } from '../base/int64.ts';
import type { KeyHash } from '../base/keyhash.ts';
import type { Random } from '../base/random.ts';
import { WideInt } from '../base/wide_int.ts';
import type { Elements } from '../structs/element.ts';
import { ElementTable } from '../structs/element_table.ts';
import {
  ENC_HASHTABLE,
  ENC_INTSET,
  ENC_LISTPACK,
  type Entries,
  HAS_WORDS,
  TYPE_SET,
} from '../structs/entry.ts';
import { Intsets } from '../structs/intset.ts';
import { Listpacks } from '../structs/listpack.ts';
import { type ElementSink, emit } from '../structs/listpack_parts.ts';
import type { Limits } from './limits.ts';
import { SetCursor } from './set_cursor.ts';
import type { ValueType } from './value.ts';

/** Whatever the settings say, no intset has more members and no listpack grows beyond so many bytes. */
const INTSET_MEMBERS_MAX = 2 ** 30;
const LISTPACK_BYTES_MAX = 2 ** 30;
/** No text of an integer is longer, nor its element in a listpack. */
const INTEGER_BYTES_MAX = 20;

export class Sets implements ValueType {
  readonly entries: Entries;
  readonly intsets: Intsets;
  readonly listpacks: Listpacks;
  readonly table: ElementTable;
  readonly #elements: Elements;
  readonly #limits: Limits;
  readonly #wide = new WideInt();
  readonly #cursor: SetCursor;
  /** Text of the member that `pick` chose: `length` bytes of `bytes` from `at` on, good until the set changes. */
  bytes: Uint8Array = new Uint8Array(0);
  at = 0;
  length = 0;
  /** Where that member is, a number of its own: its index in the intset, its position in the listpack, or its element. */
  picked = 0;

  constructor(entries: Entries, hash: KeyHash, limits: Limits) {
    const { arena } = entries;
    this.entries = entries;
    this.intsets = new Intsets(arena);
    this.listpacks = new Listpacks(arena);
    this.table = new ElementTable(arena, hash);
    this.#elements = this.table.elements;
    this.#limits = limits;
    this.#cursor = new SetCursor(entries, hash);
  }

  /** A new entry without expiry that holds an empty set with this encoding. */
  create(key: Uint8Array, keyAt: number, keyBytes: number, clock: number, encoding: number): Ref {
    const structure = this.#newStructure(encoding);
    const kind = (TYPE_SET << 4) | encoding;
    const ref = this.entries.create(key, keyAt, keyBytes, kind, clock, HAS_WORDS, 0);
    this.entries.writeWords(ref, structure, 0);
    return ref;
  }

  /** The encoding in which a set begins that is to have `count` members, of which this is the first. */
  firstEncoding(bytes: Uint8Array, at: number, length: number, count: number): number {
    if (count <= this.#limits.setMaxIntsetEntries && this.#wide.parse(bytes, at, length)) return ENC_INTSET;
    return count <= this.#limits.setMaxListpackEntries ? ENC_LISTPACK : ENC_HASHTABLE;
  }

  /** Number of members. */
  size(ref: Ref): number {
    const structure = this.entries.wordLow(ref);
    const encoding = this.entries.encoding(ref);
    if (encoding === ENC_INTSET) return this.intsets.count(structure);
    if (encoding === ENC_LISTPACK) return this.listpacks.count(structure);
    this.table.open(structure);
    return this.table.size;
  }

  has(ref: Ref, bytes: Uint8Array, at: number, length: number): boolean {
    const structure = this.entries.wordLow(ref);
    const encoding = this.entries.encoding(ref);
    if (encoding === ENC_HASHTABLE) {
      const { table } = this;
      table.open(structure);
      return table.find(bytes, at, length, table.hash(bytes, at, length)) !== 0;
    }
    if (encoding === ENC_LISTPACK) {
      const { listpacks } = this;
      return listpacks.find(structure, listpacks.first(structure), bytes, at, length, 0) !== 0;
    }
    const wide = this.#wide;
    return wide.parse(bytes, at, length) && this.intsets.find(structure, wide.low, wide.high);
  }

  /** Adds a member; false if it was there. */
  add(ref: Ref, bytes: Uint8Array, at: number, length: number): boolean {
    const encoding = this.entries.encoding(ref);
    if (encoding === ENC_HASHTABLE) return this.#addToTable(ref, bytes, at, length);
    if (encoding === ENC_LISTPACK) return this.#addToListpack(ref, bytes, at, length);
    return this.#addToIntset(ref, bytes, at, length);
  }

  /** Removes a member; false if it was not there. */
  remove(ref: Ref, bytes: Uint8Array, at: number, length: number): boolean {
    const structure = this.entries.wordLow(ref);
    const encoding = this.entries.encoding(ref);
    if (encoding === ENC_HASHTABLE) {
      const { table } = this;
      table.open(structure);
      const element = table.find(bytes, at, length, table.hash(bytes, at, length));
      if (element === 0) return false;
      table.removeHit();
      this.#elements.free(element);
      return true;
    }
    if (encoding === ENC_LISTPACK) {
      const { listpacks } = this;
      const p = listpacks.find(structure, listpacks.first(structure), bytes, at, length, 0);
      if (p === 0) return false;
      this.#setStructure(ref, listpacks.remove(structure, p, 1));
      return true;
    }
    const wide = this.#wide;
    if (!wide.parse(bytes, at, length) || !this.intsets.find(structure, wide.low, wide.high)) return false;
    this.#setStructure(ref, this.intsets.removeAt(structure, this.intsets.index));
    return true;
  }

  /** Chooses a member, all with the same chance: `bytes`, `at` and `length` are its text. */
  pick(ref: Ref, random: Random): void {
    const structure = this.entries.wordLow(ref);
    const encoding = this.entries.encoding(ref);
    if (encoding === ENC_HASHTABLE) {
      this.table.open(structure);
      const element = this.table.randomRef(random);
      this.picked = element;
      this.bytes = this.#elements.view(element);
      this.at = this.#elements.memberAt(element);
      this.length = this.#elements.memberBytes(element);
    } else if (encoding === ENC_LISTPACK) {
      const { listpacks } = this;
      this.picked = listpacks.seek(structure, random.below(listpacks.count(structure)));
      listpacks.locate(structure, this.picked);
      this.bytes = listpacks.bytes;
      this.at = listpacks.at;
      this.length = listpacks.length;
    } else {
      this.picked = random.below(this.intsets.count(structure));
      this.intsets.locate(structure, this.picked);
      this.bytes = this.intsets.bytes;
      this.at = 0;
      this.length = this.intsets.length;
    }
  }

  /** Removes the member that was just picked. */
  removePicked(ref: Ref): void {
    const structure = this.entries.wordLow(ref);
    const encoding = this.entries.encoding(ref);
    if (encoding === ENC_HASHTABLE) {
      this.table.hitRandom(this.picked);
      this.table.removeHit();
      this.#elements.free(this.picked);
    } else if (encoding === ENC_LISTPACK) {
      this.#setStructure(ref, this.listpacks.remove(structure, this.picked, 1));
    } else {
      this.#setStructure(ref, this.intsets.removeAt(structure, this.picked));
    }
  }

  /** Hands every member to `sink`. */
  emit(ref: Ref, sink: ElementSink): void {
    const structure = this.entries.wordLow(ref);
    if (this.entries.encoding(ref) === ENC_LISTPACK) {
      const { listpacks } = this;
      emit(listpacks, structure, listpacks.first(structure), listpacks.count(structure), sink);
      return;
    }
    const cursor = this.#cursor;
    cursor.start(ref);
    while (cursor.next()) sink.bulk(cursor.bytes, cursor.at, cursor.length);
  }

  /** Makes the set a hash table if `count` members are about to be added that the compact encodings cannot take. */
  expect(ref: Ref, count: number): void {
    const encoding = this.entries.encoding(ref);
    const { setMaxIntsetEntries, setMaxListpackEntries } = this.#limits;
    if (
      (encoding === ENC_LISTPACK && count > setMaxListpackEntries) ||
      (encoding === ENC_INTSET && count > setMaxIntsetEntries)
    ) {
      this.convert(ref, ENC_HASHTABLE);
    }
  }

  /** Makes the set an intset if its members are integers, and not too many. */
  compactIntegers(ref: Ref): void {
    if (this.entries.encoding(ref) === ENC_INTSET || this.size(ref) > this.#intsetMembersMax()) return;
    const cursor = this.#cursor;
    cursor.start(ref);
    while (cursor.next()) if (!isInt64(cursor.bytes, cursor.at, cursor.length)) return;
    this.convert(ref, ENC_INTSET);
  }

  /** Gives the set another encoding, which must be able to hold its members. */
  convert(ref: Ref, encoding: number): void {
    const old = this.entries.wordLow(ref);
    const oldEncoding = this.entries.encoding(ref);
    const structure = this.#copyAs(ref, encoding);
    this.entries.setKind(ref, TYPE_SET, encoding);
    this.#setStructure(ref, structure);
    this.#freeStructure(old, oldEncoding);
  }

  /** Lets two entries trade their sets. */
  exchange(a: Ref, b: Ref): void {
    const { entries } = this;
    const structure = entries.wordLow(a);
    const encoding = entries.encoding(a);
    this.#setStructure(a, entries.wordLow(b));
    entries.setKind(a, TYPE_SET, entries.encoding(b));
    this.#setStructure(b, structure);
    entries.setKind(b, TYPE_SET, encoding);
  }

  effort(ref: Ref): number {
    return this.entries.encoding(ref) === ENC_HASHTABLE ? this.table.effort(this.entries.wordLow(ref)) : 1;
  }

  freeSome(ref: Ref, blocks: number): boolean {
    const structure = this.entries.wordLow(ref);
    const encoding = this.entries.encoding(ref);
    if (encoding === ENC_HASHTABLE) return this.table.freeSome(structure, blocks);
    this.#freeStructure(structure, encoding);
    return true;
  }

  copyValue(from: Ref, to: Ref): void {
    const structure = this.entries.wordLow(from);
    const encoding = this.entries.encoding(from);
    if (encoding === ENC_INTSET) this.#setStructure(to, this.intsets.copy(structure));
    else if (encoding === ENC_LISTPACK) this.#setStructure(to, this.listpacks.copy(structure));
    else this.#setStructure(to, this.table.copy(structure));
  }

  outsideBytes(ref: Ref, samples: number): number {
    const structure = this.entries.wordLow(ref);
    const encoding = this.entries.encoding(ref);
    const { arena } = this.entries;
    if (encoding === ENC_INTSET) return arena.usableBytes(this.intsets.totalBytes(structure));
    if (encoding === ENC_LISTPACK) return arena.usableBytes(this.listpacks.totalBytes(structure));
    return this.table.bytesWithElements(structure, samples);
  }

  moveBlocks(ref: Ref, cursor: number): number {
    const { entries, table } = this;
    const structure = entries.wordLow(ref);
    const encoding = entries.encoding(ref);
    if (encoding === ENC_INTSET) {
      const bytes = this.intsets.totalBytes(structure);
      const { arena } = entries;
      if (arena.isSparse(structure, bytes)) entries.writeWords(ref, arena.move(structure, bytes), 0);
      return 0;
    }
    if (encoding === ENC_LISTPACK) {
      entries.writeWords(ref, this.listpacks.moved(structure), 0);
      return 0;
    }
    table.open(structure);
    if (cursor === 0) entries.writeWords(ref, table.moveHeader(), 0);
    return table.moveElementsAt(cursor);
  }

  /** Walks the set and throws on any broken invariant. */
  check(ref: Ref): void {
    const structure = this.entries.wordLow(ref);
    const encoding = this.entries.encoding(ref);
    if (encoding === ENC_INTSET) {
      this.intsets.check(structure);
    } else if (encoding === ENC_LISTPACK) {
      this.listpacks.check(structure);
    } else {
      this.table.open(structure);
      this.table.check();
    }
  }

  #addToTable(ref: Ref, bytes: Uint8Array, at: number, length: number): boolean {
    const { table } = this;
    table.open(this.entries.wordLow(ref));
    const hash = table.hash(bytes, at, length);
    if (table.find(bytes, at, length, hash) !== 0) return false;
    table.add(hash, this.#elements.create(bytes, at, length, 0, 0));
    return true;
  }

  #addToListpack(ref: Ref, bytes: Uint8Array, at: number, length: number): boolean {
    const { listpacks } = this;
    const structure = this.entries.wordLow(ref);
    if (listpacks.find(structure, listpacks.first(structure), bytes, at, length, 0) !== 0) return false;
    if (
      listpacks.count(structure) < this.#limits.setMaxListpackEntries &&
      length <= this.#limits.setMaxListpackValue &&
      listpacks.totalBytes(structure) + length <= LISTPACK_BYTES_MAX
    ) {
      this.#setStructure(ref, listpacks.append(structure, bytes, at, length));
      return true;
    }
    this.convert(ref, ENC_HASHTABLE);
    return this.#addToTable(ref, bytes, at, length);
  }

  #addToIntset(ref: Ref, bytes: Uint8Array, at: number, length: number): boolean {
    const { intsets } = this;
    const structure = this.entries.wordLow(ref);
    const wide = this.#wide;
    if (!wide.parse(bytes, at, length)) {
      this.convert(ref, this.#encodingBeside(structure, length));
      return this.add(ref, bytes, at, length);
    }
    if (intsets.find(structure, wide.low, wide.high)) return false;
    const next = intsets.insert(structure, wide.low, wide.high);
    this.#setStructure(ref, next);
    if (intsets.count(next) > this.#intsetMembersMax()) this.convert(ref, ENC_HASHTABLE);
    return true;
  }

  /** What an intset becomes that gets a member of `length` bytes which is no integer. */
  #encodingBeside(intset: Ref, length: number): number {
    const { setMaxListpackEntries, setMaxListpackValue } = this.#limits;
    const count = this.intsets.count(intset);
    let longest = length;
    if (count > 0) {
      this.intsets.locate(intset, 0);
      longest = Math.max(longest, this.intsets.length);
      this.intsets.locate(intset, count - 1);
      longest = Math.max(longest, this.intsets.length);
    }
    const fits = count < setMaxListpackEntries && longest <= setMaxListpackValue;
    return fits && count * INTEGER_BYTES_MAX + length <= LISTPACK_BYTES_MAX ? ENC_LISTPACK : ENC_HASHTABLE;
  }

  #intsetMembersMax(): number {
    return Math.min(this.#limits.setMaxIntsetEntries, INTSET_MEMBERS_MAX);
  }

  #setStructure(ref: Ref, structure: Ref): void {
    this.entries.writeWords(ref, structure, 0);
  }

  #newStructure(encoding: number): Ref {
    if (encoding === ENC_INTSET) return this.intsets.create();
    return encoding === ENC_LISTPACK ? this.listpacks.create() : this.table.create();
  }

  #freeStructure(structure: Ref, encoding: number): void {
    if (encoding === ENC_INTSET) this.intsets.free(structure);
    else if (encoding === ENC_LISTPACK) this.listpacks.free(structure);
    else this.table.drop(structure);
  }

  /** A structure of its own with the members of a set, in an encoding that can hold them. */
  #copyAs(ref: Ref, encoding: number): Ref {
    const cursor = this.#cursor;
    const wide = this.#wide;
    let structure = this.#newStructure(encoding);
    cursor.start(ref);
    while (cursor.next()) {
      const { bytes, at, length } = cursor;
      if (encoding === ENC_HASHTABLE) {
        this.table.add(this.table.hash(bytes, at, length), this.#elements.create(bytes, at, length, 0, 0));
      } else if (encoding === ENC_LISTPACK) {
        structure = this.listpacks.append(structure, bytes, at, length);
      } else if (wide.parse(bytes, at, length) && !this.intsets.find(structure, wide.low, wide.high)) {
        structure = this.intsets.insert(structure, wide.low, wide.high);
      }
    }
    return structure;
  }
}
