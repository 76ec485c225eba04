// A node of a stream: some entries in one listpack, written as Redis does, so that a dump can take it as it is.
//
//   listpack elements, first the master entry:   count | deleted | fields | field 1 … field n | 0
//   then each entry:   flags | ms | sequence | [fields] | (field, value) … | elements
//   or with SAME_FIELDS:                   flags | ms | sequence | value … | elements
//
// The first entry's id is the master id, under which the stream's tree keeps the node; `ms` and `sequence` of all entries are
// differences from it. The field names of the first entry are the master's; entries with the very same names do not repeat
// them. `elements` counts those of the entry before it, so that entries can be walked backwards. A deleted entry is only
// flagged; `count` and `deleted` say how many entries are live and how many are not.
//
// A block has room to grow, since nearly all writes append:
//
//   capacity:32 | listpack of at most that many bytes
//
// StreamNodes writes nodes; stream_entry.ts reads them. Field names and values come as pairs (offset, length) over the bytes
// of the request, which do not lie in the arena.
import type { Arena, Ref } from '../arena/arena.ts';
import { copyBytes, equalBytes } from '../base/bytes.ts';
import { WideInt } from '../base/wide_int.ts';
import {
  bodyBytes,
  closingBytes,
  END,
  elementBytes,
  INT_64_BODY_BYTES,
  integerBodyBytes,
  isString,
  read32,
  readInteger,
  stringHeadBytes,
  stringHeadBytesFor,
  write32,
  writeClosing,
  writeInteger,
  writeStringHead,
  writeWords,
} from '../structs/listpack_codec.ts';
import type { Id } from '../structs/stream_id.ts';

const CHUNK_SHIFT = 23;
const UNIT_MASK = 0x7fffff;
/** Bytes before the listpack. */
export const NODE_HEAD_BYTES = 4;
/** Bytes from the listpack's start to its first element. */
export const LISTPACK_HEAD_BYTES = 6;
const COUNT_UNKNOWN = 0xffff;
/** Where the master entry is from there on, as long as its numbers take a byte each. */
const LIVE_AT = LISTPACK_HEAD_BYTES;
const DELETED_AT = LIVE_AT + 2;
const FIELDS_AT = DELETED_AT + 2;
const NAMES_AT = FIELDS_AT + 2;

export const DELETED = 1;
export const SAME_FIELDS = 2;

/** What an element takes at most besides its text. */
const ELEMENT_EXTRA_BYTES = 10;
/** What the numbers around an entry's or the master's fields take at most, with the end of the listpack. */
const ENTRY_EXTRA_BYTES = 64;
const NAMES = 0;
const VALUES = 1;
const MINUS = 45;
const ZERO = 48;
const NINE = 57;
const INT_TEXT_BYTES_MAX = 20;

/** Fields and values of an entry: `count` pairs of words from `first` on, name and value in turn. */
export interface Fields {
  bytes: Uint8Array;
  pairs: Int32Array;
  first: number;
  /** Number of fields. */
  count: number;
}

export class StreamNodes {
  readonly arena: Arena;
  /** Changes whenever entries that were written move: places in nodes are good as long as this stays. */
  epoch = 0;
  readonly #u8: Uint8Array[];
  readonly #u32: Uint32Array[];
  readonly #wide = new WideInt();
  readonly #scratch = new Uint8Array(INT_TEXT_BYTES_MAX);
  /** Where the next element is written, and the chunk that this is in. */
  #to: Uint8Array;
  #at = 0;
  #chunk = 0;

  constructor(arena: Arena) {
    this.arena = arena;
    this.#u8 = arena.u8;
    this.#u32 = arena.u32;
    this.#to = this.#scratch;
  }

  /** Where a node's listpack starts in the view of its chunk. */
  startOf(node: Ref): number {
    return ((node & UNIT_MASK) << 3) + NODE_HEAD_BYTES;
  }

  /** Bytes of the listpack. */
  listpackBytes(node: Ref): number {
    return read32(this.#u8[node >>> CHUNK_SHIFT]!, this.startOf(node));
  }

  /** Bytes that the block was asked for. */
  blockBytes(node: Ref): number {
    return NODE_HEAD_BYTES + this.#capacity(node);
  }

  free(node: Ref): void {
    this.epoch++;
    this.arena.free(node, this.blockBytes(node));
  }

  /** A copy without spare room. */
  copy(node: Ref): Ref {
    const bytes = this.listpackBytes(node);
    const next = this.#alloc(bytes);
    copyBytes(
      this.#u8[node >>> CHUNK_SHIFT]!,
      this.startOf(node),
      this.#u8[next >>> CHUNK_SHIFT]!,
      this.startOf(next),
      bytes,
    );
    return next;
  }

  /** Live entries. */
  liveEntries(node: Ref): number {
    return readInteger(this.#u8[node >>> CHUNK_SHIFT]!, this.startOf(node) + LISTPACK_HEAD_BYTES);
  }

  deletedEntries(node: Ref): number {
    const u8 = this.#u8[node >>> CHUNK_SHIFT]!;
    const at = this.startOf(node) + LISTPACK_HEAD_BYTES;
    return readInteger(u8, at + elementBytes(u8, at));
  }

  /** A node without entries whose master entry has the names of these fields. */
  create(fields: Fields): Ref {
    // Room for the first entry too.
    const extra = LISTPACK_HEAD_BYTES + 2 * ENTRY_EXTRA_BYTES;
    const node = this.#alloc(extra + textBytes(fields, NAMES) + textBytes(fields, VALUES));
    const start = this.startOf(node);
    this.#writeAt(node, start + LISTPACK_HEAD_BYTES);
    this.#writeSmall(0);
    this.#writeSmall(0);
    this.#writeSafe(fields.count);
    for (let i = 0; i < fields.count; i++) this.#writeText(fields, 2 * i);
    this.#writeSmall(0);
    this.#to[start + 4] = 0;
    this.#to[start + 5] = 0;
    this.#close(start, fields.count + 4);
    return node;
  }

  /**
   * Appends an entry like `append` if nothing about it is special: its fields have the names of the master entry, none of
   * which is an integer, the counts fit a byte, and there is room, in the block and up to the two limits (of entries, 0: none).
   * False: nothing was done. Most entries end here, so words are read once and hardly anything is called.
   */
  appendInRoom(node: Ref, master: Id, id: Id, fields: Fields, bytesMax: number, entriesMax: number): boolean {
    const chunk = node >>> CHUNK_SHIFT;
    const u8 = this.#u8[chunk]!;
    const words = this.#u32[chunk]!;
    const wordAt = (node & UNIT_MASK) << 1;
    const start = (wordAt << 2) + NODE_HEAD_BYTES;
    const total = words[wordAt + 1]!;
    const live = u8[start + LIVE_AT]!;
    const deleted = u8[start + DELETED_AT]!;
    const { bytes, pairs, first, count } = fields;
    if (live >= 127 || deleted > 127 || count > 120 || u8[start + FIELDS_AT] !== count) return false;
    if (entriesMax > 0 && live + deleted >= entriesMax) return false;
    const end = first + 4 * count;
    let element = start + NAMES_AT;
    let nameBytes = 0;
    let valueBytes = 0;
    for (let i = first; i < end; i += 4) {
      const length = pairs[i + 1]!;
      if (length > 63 || u8[element] !== (0x80 | length)) return false;
      if (!equalBytes(u8, element + 1, bytes, pairs[i]!, length)) return false;
      element += length + 2;
      nameBytes += length;
      valueBytes += pairs[i + 3]!;
    }
    if (total + nameBytes + valueBytes >= bytesMax) return false;
    if (total + ENTRY_EXTRA_BYTES + valueBytes + count * ELEMENT_EXTRA_BYTES > words[wordAt]!) return false;
    this.#to = u8;
    this.#chunk = chunk;
    this.#at = start + total - 1;
    this.#writeSmall(SAME_FIELDS);
    this.#writeDifference(id[0]!, id[1]!, master[0]!, master[1]!);
    this.#writeDifference(id[2]!, id[3]!, master[2]!, master[3]!);
    for (let i = 0; i < count; i++) this.#writeText(fields, 2 * i + 1);
    this.#writeSmall(count + 3);
    u8[this.#at] = END;
    words[wordAt + 1] = this.#at + 1 - start;
    const elements = Math.min(COUNT_UNKNOWN, (u8[start + 4]! | (u8[start + 5]! << 8)) + count + 4);
    u8[start + 4] = elements;
    u8[start + 5] = elements >>> 8;
    u8[start + LIVE_AT] = live + 1;
    return true;
  }

  /**
   * Appends an entry whose id comes after all others of the node, whose master id is given; the node's new reference. A
   * node that must grow doubles, but not beyond `capacityMax` for that alone.
   */
  append(node: Ref, master: Id, id: Id, fields: Fields, capacityMax: number): Ref {
    const same = this.#hasFields(node, fields);
    const need = ENTRY_EXTRA_BYTES + textBytes(fields, VALUES) + (same ? 0 : textBytes(fields, NAMES));
    const next = this.#reserve(node, need, capacityMax);
    const start = this.startOf(next);
    this.#writeAt(next, start + this.listpackBytes(next) - 1);
    this.#writeSmall(same ? SAME_FIELDS : 0);
    this.#writeDifference(id[0]!, id[1]!, master[0]!, master[1]!);
    this.#writeDifference(id[2]!, id[3]!, master[2]!, master[3]!);
    let elements = 3;
    if (same) {
      for (let i = 0; i < fields.count; i++) this.#writeText(fields, 2 * i + 1);
      elements += fields.count;
    } else {
      this.#writeSafe(fields.count);
      for (let i = 0; i < 2 * fields.count; i++) this.#writeText(fields, i);
      elements += 1 + 2 * fields.count;
    }
    this.#writeSafe(elements);
    this.#close(start, elements + 1);
    return this.#addEntries(next, 1, 0);
  }

  /** Flags the entry at byte `at` of the node's view (its flags element) as deleted; to be counted by `countDeleted`. */
  flagDeleted(node: Ref, at: number): void {
    const u8 = this.#u8[node >>> CHUNK_SHIFT]!;
    u8[at] = u8[at]! | DELETED;
  }

  /** Counts entries that were flagged as deleted; the node's new reference. */
  countDeleted(node: Ref, entries: number): Ref {
    return this.#addEntries(node, -entries, entries);
  }

  /** Gives back room that a node which no longer grows does not need; its new reference. */
  trim(node: Ref): Ref {
    const bytes = this.listpackBytes(node);
    return bytes === this.#capacity(node) ? node : this.#resize(node, bytes);
  }

  /** Walks the listpack and throws on a broken invariant. */
  check(node: Ref): void {
    const u8 = this.#u8[node >>> CHUNK_SHIFT]!;
    const start = this.startOf(node);
    const end = start + this.listpackBytes(node) - 1;
    if (end - start >= this.#capacity(node)) throw new Error('stream node: longer than its block');
    let elements = 0;
    let at = start + LISTPACK_HEAD_BYTES;
    for (; at < end; elements++) at += elementBytes(u8, at);
    if (at !== end || u8[end] !== END) throw new Error('stream node: the listpack has no end');
    const counted = u8[start + 4]! | (u8[start + 5]! << 8);
    if (counted !== Math.min(elements, COUNT_UNKNOWN))
      throw new Error(`stream node: ${elements} elements stand, ${counted} are counted`);
  }

  #alloc(capacity: number): Ref {
    const room = this.arena.usableBytes(NODE_HEAD_BYTES + capacity) - NODE_HEAD_BYTES;
    const node = this.arena.alloc(NODE_HEAD_BYTES + room);
    write32(this.#u8[node >>> CHUNK_SHIFT]!, (node & UNIT_MASK) << 3, room);
    return node;
  }

  #capacity(node: Ref): number {
    return read32(this.#u8[node >>> CHUNK_SHIFT]!, (node & UNIT_MASK) << 3);
  }

  #resize(node: Ref, capacity: number): Ref {
    this.epoch++;
    const room = this.arena.usableBytes(NODE_HEAD_BYTES + capacity) - NODE_HEAD_BYTES;
    const next = this.arena.resize(node, this.blockBytes(node), NODE_HEAD_BYTES + room);
    write32(this.#u8[next >>> CHUNK_SHIFT]!, (next & UNIT_MASK) << 3, room);
    return next;
  }

  /** Makes sure that `bytes` more fit. */
  #reserve(node: Ref, bytes: number, capacityMax: number): Ref {
    const capacity = this.#capacity(node);
    const need = this.listpackBytes(node) + bytes;
    if (need <= capacity) return node;
    return this.#resize(node, Math.max(need, Math.min(2 * capacity, capacityMax)));
  }

  /** Whether the fields have just the names of the master entry. */
  #hasFields(node: Ref, fields: Fields): boolean {
    const u8 = this.#u8[node >>> CHUNK_SHIFT]!;
    let at = this.startOf(node) + LISTPACK_HEAD_BYTES;
    at += elementBytes(u8, at);
    at += elementBytes(u8, at);
    const { bytes, count, pairs, first } = fields;
    if (readInteger(u8, at) !== count) return false;
    at += elementBytes(u8, at);
    for (let i = first; i < first + 4 * count; i += 4) {
      if (!this.#isText(u8, at, bytes, pairs[i]!, pairs[i + 1]!)) return false;
      at += elementBytes(u8, at);
    }
    return true;
  }

  #isText(u8: Uint8Array, element: number, bytes: Uint8Array, at: number, length: number): boolean {
    const head = u8[element]!;
    if (head >= 0x80 && head < 0xc0) {
      return (head & 63) === length && equalBytes(u8, element + 1, bytes, at, length);
    }
    if (isString(head)) {
      const headBytes = stringHeadBytes(head);
      return (
        bodyBytes(u8, element) - headBytes === length &&
        equalBytes(u8, element + headBytes, bytes, at, length)
      );
    }
    const low = readInteger(u8, element);
    const body = bodyBytes(u8, element);
    const wide = body === INT_64_BODY_BYTES;
    const end = this.#wide.write(
      this.#scratch,
      0,
      wide ? read32(u8, element + 1) | 0 : low,
      wide ? read32(u8, element + 5) | 0 : low >> 31,
    );
    return end === length && equalBytes(this.#scratch, 0, bytes, at, length);
  }

  /** Writes field or value `index` of an entry: as an integer if it is the decimal notation of one. */
  #writeText(fields: Fields, index: number): void {
    const { bytes, pairs } = fields;
    const at = pairs[fields.first + 2 * index]!;
    const length = pairs[fields.first + 2 * index + 1]!;
    const first = bytes[at]!;
    if (length > 0 && length <= INT_TEXT_BYTES_MAX && first <= NINE && (first >= ZERO || first === MINUS)) {
      if (this.#wide.parse(bytes, at, length)) {
        this.#writeWords(this.#wide.low, this.#wide.high);
        return;
      }
    }
    const headBytes = stringHeadBytesFor(length);
    writeStringHead(this.#to, this.#at, length);
    this.arena.put(bytes, at, length, this.#chunk, this.#at + headBytes);
    this.#finish(headBytes + length);
  }

  /** Writes the difference of two unsigned 64-bit numbers. */
  #writeDifference(high: number, low: number, masterHigh: number, masterLow: number): void {
    const borrow = low < masterLow ? 1 : 0;
    this.#writeWords((low - masterLow) | 0, (high - masterHigh - borrow) | 0);
  }

  #writeWords(low: number, high: number): void {
    if (high === low >> 31) {
      this.#writeSafe(low);
    } else {
      writeWords(this.#to, this.#at, low, high);
      this.#finish(INT_64_BODY_BYTES);
    }
  }

  #writeSafe(n: number): void {
    if (n >= 0 && n <= 127) {
      this.#writeSmall(n);
      return;
    }
    writeInteger(this.#to, this.#at, n);
    this.#finish(integerBodyBytes(n));
  }

  /** The next element of a node goes to byte `at` of its view. */
  #writeAt(node: Ref, at: number): void {
    this.#chunk = node >>> CHUNK_SHIFT;
    this.#to = this.#u8[this.#chunk]!;
    this.#at = at;
  }

  /** Writes an integer below 128. */
  #writeSmall(n: number): void {
    this.#to[this.#at] = n;
    this.#to[this.#at + 1] = 1;
    this.#at += 2;
  }

  #finish(body: number): void {
    const at = this.#at + body;
    if (body <= 127) {
      this.#to[at] = body;
      this.#at = at + 1;
    } else {
      writeClosing(this.#to, at, body);
      this.#at = at + closingBytes(body);
    }
  }

  /** Ends the listpack behind what was written, which were `elements` elements. */
  #close(start: number, elements: number): void {
    const u8 = this.#to;
    u8[this.#at] = END;
    write32(u8, start, this.#at + 1 - start);
    const count = Math.min(COUNT_UNKNOWN, (u8[start + 4]! | (u8[start + 5]! << 8)) + elements);
    u8[start + 4] = count;
    u8[start + 5] = count >>> 8;
  }

  /** Adds to the numbers of live and of deleted entries; the node's new reference. */
  #addEntries(node: Ref, live: number, deleted: number): Ref {
    const u8 = this.#u8[node >>> CHUNK_SHIFT]!;
    const at = this.startOf(node) + LISTPACK_HEAD_BYTES;
    const count = u8[at]! + live;
    if (deleted === 0 && u8[at]! < 128 && count < 128) {
      u8[at] = count;
      return node;
    }
    const next = this.#replaceInteger(node, LISTPACK_HEAD_BYTES, readInteger(u8, at) + live);
    const second = LISTPACK_HEAD_BYTES + integerElementBytes(this.liveEntries(next));
    return this.#replaceInteger(next, second, this.deletedEntries(next) + deleted);
  }

  /** Writes an integer in the place of the one at `offset` of the listpack; the node's new reference. */
  #replaceInteger(node: Ref, offset: number, value: number): Ref {
    const oldBytes = elementBytes(this.#u8[node >>> CHUNK_SHIFT]!, this.startOf(node) + offset);
    const newBytes = integerElementBytes(value);
    const next = newBytes > oldBytes ? this.#reserve(node, newBytes - oldBytes, 0) : node;
    const u8 = this.#u8[next >>> CHUNK_SHIFT]!;
    const start = this.startOf(next);
    if (oldBytes !== newBytes) {
      this.epoch++;
      const bytes = read32(u8, start);
      u8.copyWithin(start + offset + newBytes, start + offset + oldBytes, start + bytes);
      write32(u8, start, bytes + newBytes - oldBytes);
    }
    this.#writeAt(next, start + offset);
    this.#writeSafe(value);
    return next;
  }
}

/** What the names or the values take at most. */
function textBytes(fields: Fields, which: number): number {
  const { pairs, first, count } = fields;
  const at = first + 2 * which + 1;
  let bytes = count * ELEMENT_EXTRA_BYTES;
  for (let i = 0; i < count; i++) bytes += pairs[at + 4 * i]!;
  return bytes;
}

function integerElementBytes(n: number): number {
  return integerBodyBytes(n) + 1;
}
