// Reads values in the RDB format, of all versions up to the newest one known.
//
// A listpack that could be our own and fits the settings is taken as it is (plain_listpack.ts). Any other value is put together
// element by element, as commands would do it, whatever form it comes in: so that no structure holds anything that was not
// checked, encodings follow the settings that are in force, and what is twice where it must not be, out of range or missing is
// an error. A value that turns out to be unsound is freed again.
import type { Ref } from '../arena/arena.ts';
import { parseDoubleLoosely } from '../base/double.ts';
import { parseInt53 } from '../base/int64.ts';
import type { Keyspace } from '../keyspace/keyspace.ts';
import { MEMBER_BYTES_MAX } from '../structs/element.ts';
import { ENC_HASHTABLE, ENC_LISTPACK, ENC_SKIPLIST, TYPE_STREAM, TYPE_ZSET } from '../structs/entry.ts';
import { replaced } from '../structs/listpack_parts.ts';
import { ABSENT } from '../types/hash.ts';
import { RIGHT } from '../types/list.ts';
import { type Packed, PackedIntegers, PackedList, Ziplist, Zipmap } from './packed.ts';
import { PlainListpack } from './plain_listpack.ts';
import {
  NODE_LISTPACK,
  NODE_PLAIN,
  RDB_HASH,
  RDB_HASH_EXPIRIES,
  RDB_HASH_EXPIRIES_OLD,
  RDB_HASH_EXPIRIES_VALKEY,
  RDB_HASH_LISTPACK,
  RDB_HASH_LISTPACK_EX,
  RDB_HASH_LISTPACK_EX_OLD,
  RDB_HASH_ZIPLIST,
  RDB_HASH_ZIPMAP,
  RDB_LIST,
  RDB_LIST_QUICKLIST,
  RDB_LIST_QUICKLIST_2,
  RDB_LIST_ZIPLIST,
  RDB_SET,
  RDB_SET_INTSET,
  RDB_SET_LISTPACK,
  RDB_STREAM,
  RDB_STREAM_2,
  RDB_STREAM_3,
  RDB_STREAM_4,
  RDB_STREAM_5,
  RDB_STRING,
  RDB_ZSET,
  RDB_ZSET_2,
  RDB_ZSET_LISTPACK,
  RDB_ZSET_ZIPLIST,
} from './rdb_format.ts';
import type { RdbInput } from './rdb_input.ts';
import { StreamReader } from './stream_reader.ts';

/** Expiries of fields are below. */
const EXPIRY_END_MS = 2 ** 48;
/** How scores that are no numbers are written as text. */
const SCORE_NAN = 253;
const SCORE_HIGHEST = 254;
const SCORE_LOWEST = 255;

/** The key that a value is to have; not in the arena. */
export interface KeyName {
  bytes: Uint8Array;
  at: number;
  length: number;
}

/** Text somewhere: of an input, or of an element of a packed value. */
interface Text {
  text: Uint8Array;
  textAt: number;
  textBytes: number;
}

export class ValueReader {
  readonly #keyspace: Keyspace;
  readonly #stream: StreamReader;
  readonly #plain = new PlainListpack();

  constructor(keyspace: Keyspace) {
    this.#keyspace = keyspace;
    this.#stream = new StreamReader(keyspace);
  }

  /**
   * Reads a value of this kind into a new entry without expiry that stands in no table; 0 if it is empty though none of its
   * kind may be. Throws RdbError.
   */
  read(input: RdbInput, kind: number, key: KeyName): Ref {
    if (kind === RDB_STRING) return this.#string(input, key);
    const ref = this.#create(input, kind, key);
    try {
      this.#fill(input, kind, ref);
    } catch (error) {
      this.#keyspace.dispose(ref);
      throw error;
    }
    if (!this.#isEmpty(ref)) return ref;
    this.#keyspace.dispose(ref);
    return 0;
  }

  #string(input: RdbInput, key: KeyName): Ref {
    const keyspace = this.#keyspace;
    input.string();
    const { text, textAt, textBytes } = input;
    const clock = keyspace.freshClock();
    return keyspace.strings.create(key.bytes, key.at, key.length, clock, 0, text, textAt, textBytes);
  }

  /** An entry with an empty value of the type that this kind is of. */
  #create(input: RdbInput, kind: number, { bytes, at, length }: KeyName): Ref {
    const { hashes, lists, sets, streams, zsets } = this.#keyspace;
    const clock = this.#keyspace.freshClock();
    switch (kind) {
      case RDB_LIST:
      case RDB_LIST_ZIPLIST:
      case RDB_LIST_QUICKLIST:
      case RDB_LIST_QUICKLIST_2:
        return lists.create(bytes, at, length, clock);
      case RDB_SET:
      case RDB_SET_INTSET:
      case RDB_SET_LISTPACK:
        return sets.create(bytes, at, length, clock, ENC_LISTPACK);
      case RDB_ZSET:
      case RDB_ZSET_2:
      case RDB_ZSET_ZIPLIST:
      case RDB_ZSET_LISTPACK:
        return zsets.create(bytes, at, length, clock, this.#zsetEncoding());
      case RDB_HASH:
      case RDB_HASH_ZIPMAP:
      case RDB_HASH_ZIPLIST:
      case RDB_HASH_LISTPACK:
      case RDB_HASH_EXPIRIES_OLD:
      case RDB_HASH_LISTPACK_EX_OLD:
      case RDB_HASH_EXPIRIES:
      case RDB_HASH_EXPIRIES_VALKEY:
      case RDB_HASH_LISTPACK_EX:
        return hashes.create(bytes, at, length, clock);
      case RDB_STREAM:
      case RDB_STREAM_2:
      case RDB_STREAM_3:
      case RDB_STREAM_4:
      case RDB_STREAM_5:
        return streams.createEntry(bytes, at, length, clock);
      default:
        return input.fail(`unknown kind ${kind} of a value`);
    }
  }

  #fill(input: RdbInput, kind: number, ref: Ref): void {
    switch (kind) {
      case RDB_LIST:
        for (let left = input.count(1); left > 0; left--) this.#pushString(input, ref);
        break;
      case RDB_LIST_ZIPLIST:
        this.#pushAll(this.#ziplist(input), ref);
        break;
      case RDB_LIST_QUICKLIST:
        for (let left = input.count(1); left > 0; left--) this.#pushAll(this.#ziplist(input), ref);
        break;
      case RDB_LIST_QUICKLIST_2:
        for (let left = input.count(2); left > 0; left--) this.#pushNode(input, ref);
        break;
      case RDB_SET:
        this.#setOfStrings(input, ref);
        break;
      case RDB_SET_INTSET:
        this.#setOfIntegers(input, ref);
        break;
      case RDB_SET_LISTPACK:
        this.#setOfListpack(input, ref);
        break;
      case RDB_ZSET:
      case RDB_ZSET_2:
        this.#zsetOfStrings(input, ref, kind === RDB_ZSET_2);
        break;
      case RDB_ZSET_ZIPLIST:
        this.#scoreAll(this.#ziplist(input), ref);
        break;
      case RDB_ZSET_LISTPACK:
        this.#zsetOfListpack(input, ref);
        break;
      case RDB_HASH_ZIPMAP:
        input.string();
        this.#setAll(new Zipmap(input.text, input.textAt, input.textBytes), ref);
        break;
      case RDB_HASH_ZIPLIST:
        this.#setAll(this.#ziplist(input), ref);
        break;
      case RDB_HASH_LISTPACK:
        this.#hashOfListpack(input, ref);
        break;
      case RDB_HASH:
      case RDB_HASH_EXPIRIES_OLD:
      case RDB_HASH_EXPIRIES:
      case RDB_HASH_EXPIRIES_VALKEY:
        this.#hashOfStrings(input, kind, ref);
        break;
      case RDB_HASH_LISTPACK_EX_OLD:
      case RDB_HASH_LISTPACK_EX:
        this.#hashOfTriples(input, kind, ref);
        break;
      default:
        this.#stream.fill(input, kind, ref);
    }
  }

  /** Only a stream may have no elements. */
  #isEmpty(ref: Ref): boolean {
    const { entries, hashes, lists, sets, zsets } = this.#keyspace;
    if (entries.type(ref) === TYPE_STREAM) return false;
    const sizes = [undefined, lists, sets, zsets, hashes];
    return sizes[entries.type(ref)]!.size(ref) === 0;
  }

  #ziplist(input: RdbInput): Packed {
    input.string();
    return new Ziplist(input.text, input.textAt, input.textBytes);
  }

  /** Takes the listpack at hand as the value of an entry, which has an empty one, if it is plain and within the limits. */
  #isTaken(input: RdbInput, ref: Ref, stride: number, entriesMax: number, bytesMax: number): boolean {
    const { text, textAt, textBytes } = input;
    const { entries } = this.#keyspace;
    const plain = this.#plain;
    if (entries.encoding(ref) !== ENC_LISTPACK) return false;
    if (!plain.read(text, textAt, textBytes, stride, entriesMax * stride)) return false;
    if (plain.longestBytes > bytesMax) return false;
    if (entries.type(ref) === TYPE_ZSET && !plain.isOrdered(text, textAt)) return false;
    entries.writeWords(ref, replaced(entries.arena, entries.wordLow(ref), text, textAt, textBytes), 0);
    return true;
  }

  #setOfListpack(input: RdbInput, ref: Ref): void {
    const { setMaxListpackEntries, setMaxListpackValue } = this.#keyspace.limits;
    input.string();
    if (this.#isTaken(input, ref, 1, setMaxListpackEntries, setMaxListpackValue)) return;
    this.#addAll(packedList(input), ref);
  }

  #zsetOfListpack(input: RdbInput, ref: Ref): void {
    const { zsetMaxListpackEntries, zsetMaxListpackValue } = this.#keyspace.limits;
    input.string();
    if (this.#isTaken(input, ref, 2, zsetMaxListpackEntries, zsetMaxListpackValue)) return;
    this.#scoreAll(packedList(input), ref);
  }

  #hashOfListpack(input: RdbInput, ref: Ref): void {
    const { hashMaxListpackEntries, hashMaxListpackValue } = this.#keyspace.limits;
    input.string();
    if (this.#isTaken(input, ref, 2, hashMaxListpackEntries, hashMaxListpackValue)) return;
    this.#setAll(packedList(input), ref);
  }

  #listpack(input: RdbInput): Packed {
    input.string();
    return packedList(input);
  }

  #pushString(input: RdbInput, ref: Ref): void {
    input.string();
    this.#push(input, ref);
  }

  /** Only large elements have nodes of their own. */
  #pushPlain(input: RdbInput, ref: Ref): void {
    input.string();
    if (input.textBytes === 0) input.fail('an empty node');
    this.#push(input, ref);
  }

  #pushNode(input: RdbInput, ref: Ref): void {
    const kind = input.size();
    if (kind === NODE_PLAIN) this.#pushPlain(input, ref);
    else if (kind === NODE_LISTPACK) this.#pushAll(this.#listpack(input), ref);
    else input.fail('unknown kind of a node');
  }

  #pushAll(packed: Packed, ref: Ref): void {
    while (packed.next()) this.#push(packed, ref);
  }

  #push({ text, textAt, textBytes }: Text, ref: Ref): void {
    const { lists } = this.#keyspace;
    lists.grow(ref, textBytes, 1);
    lists.push(ref, RIGHT, text, textAt, textBytes);
  }

  #setOfStrings(input: RdbInput, ref: Ref): void {
    const { sets } = this.#keyspace;
    const count = input.count(1);
    for (let i = 0; i < count; i++) {
      input.string();
      if (i === 0) {
        const encoding = sets.firstEncoding(input.text, input.textAt, input.textBytes, count);
        if (encoding !== ENC_LISTPACK) sets.convert(ref, encoding);
      }
      this.#add(input, input, ref);
    }
  }

  #setOfIntegers(input: RdbInput, ref: Ref): void {
    const { sets } = this.#keyspace;
    input.string();
    const integers = new PackedIntegers(input.text, input.textAt, input.textBytes);
    for (let first = true; integers.next(); first = false) {
      if (first) {
        const { text, textAt, textBytes } = integers;
        const encoding = sets.firstEncoding(text, textAt, textBytes, integers.count);
        if (encoding !== ENC_LISTPACK) sets.convert(ref, encoding);
      }
      this.#add(input, integers, ref);
    }
  }

  #addAll(packed: Packed, ref: Ref): void {
    while (packed.next()) if (!this.#isNewMember(packed, ref)) packed.fail('a member twice');
  }

  #add(input: RdbInput, member: Text, ref: Ref): void {
    if (!this.#isNewMember(member, ref)) input.fail('a member twice');
  }

  #isNewMember({ text, textAt, textBytes }: Text, ref: Ref): boolean {
    return textBytes <= MEMBER_BYTES_MAX && this.#keyspace.sets.add(ref, text, textAt, textBytes);
  }

  #zsetEncoding(): number {
    return this.#keyspace.limits.zsetMaxListpackEntries === 0 ? ENC_SKIPLIST : ENC_LISTPACK;
  }

  #zsetOfStrings(input: RdbInput, ref: Ref, isBinary: boolean): void {
    const count = input.count(2);
    if (count > this.#keyspace.limits.zsetMaxListpackEntries) this.#spread(ref);
    for (let left = count; left > 0; left--) {
      input.string();
      const { text, textAt, textBytes } = input;
      const score = isBinary ? input.double() : this.#scoreText(input);
      if (!this.#isNewScore(ref, text, textAt, textBytes, score)) input.fail('a member twice, or its score');
    }
  }

  #spread(ref: Ref): void {
    const { entries, zsets } = this.#keyspace;
    if (entries.encoding(ref) === ENC_LISTPACK) zsets.spread(ref);
  }

  #scoreText(input: RdbInput): number {
    const length = input.byte();
    if (length === SCORE_NAN) return Number.NaN;
    if (length === SCORE_HIGHEST) return Number.POSITIVE_INFINITY;
    if (length === SCORE_LOWEST) return Number.NEGATIVE_INFINITY;
    const at = input.take(length);
    return parseDoubleLoosely(input.bytes, at, length);
  }

  #scoreAll(packed: Packed, ref: Ref): void {
    while (packed.next()) {
      const { text, textAt, textBytes } = packed;
      packed.need();
      const score = parseDoubleLoosely(packed.text, packed.textAt, packed.textBytes);
      if (!this.#isNewScore(ref, text, textAt, textBytes, score)) packed.fail('a member twice, or its score');
    }
  }

  #isNewScore(ref: Ref, text: Uint8Array, at: number, length: number, score: number): boolean {
    const { zsets } = this.#keyspace;
    if (length > MEMBER_BYTES_MAX || Number.isNaN(score) || zsets.find(ref, text, at, length)) return false;
    zsets.add(ref, text, at, length, score);
    return true;
  }

  #setAll(packed: Packed, ref: Ref): void {
    while (packed.next()) {
      const { text, textAt, textBytes } = packed;
      packed.need();
      if (!this.#isNewField(ref, text, textAt, textBytes, packed)) packed.fail('a field twice');
    }
  }

  #isNewField(ref: Ref, field: Uint8Array, at: number, length: number, value: Text): boolean {
    const { hashes } = this.#keyspace;
    if (length > MEMBER_BYTES_MAX) return false;
    hashes.expect(ref, length, value.textBytes);
    if (hashes.find(ref, field, at, length, Number.NEGATIVE_INFINITY) !== ABSENT) return false;
    hashes.addField(ref, field, at, length, value.text, value.textAt, value.textBytes);
    return true;
  }

  #hashOfStrings(input: RdbInput, kind: number, ref: Ref): void {
    const { entries, hashes, limits } = this.#keyspace;
    const isOfValkey = kind === RDB_HASH_EXPIRIES_VALKEY;
    const earliestMs = kind === RDB_HASH_EXPIRIES ? input.timeMs() : 1;
    const count = input.count(2);
    if (kind !== RDB_HASH) hashes.allowExpiries(ref);
    if (count > limits.hashMaxListpackEntries && entries.encoding(ref) !== ENC_HASHTABLE) hashes.convert(ref);
    for (let left = count; left > 0; left--) {
      const after = kind === RDB_HASH || isOfValkey ? 0 : input.size();
      input.string();
      const { text, textAt, textBytes } = input;
      input.string();
      if (!this.#isNewField(ref, text, textAt, textBytes, input)) input.fail('a field twice');
      const expiryMs = isOfValkey ? input.timeMs() : after === 0 ? -1 : earliestMs + after - 1;
      if (expiryMs === -1) continue;
      if (!this.#isExpirySet(ref, text, textAt, textBytes, expiryMs)) input.fail('expiry of a field');
    }
  }

  #hashOfTriples(input: RdbInput, kind: number, ref: Ref): void {
    if (kind === RDB_HASH_LISTPACK_EX) input.timeMs();
    this.#keyspace.hashes.allowExpiries(ref);
    const packed = this.#listpack(input);
    while (packed.next()) {
      const { text, textAt, textBytes } = packed;
      packed.need();
      if (!this.#isNewField(ref, text, textAt, textBytes, packed)) packed.fail('a field twice');
      packed.need();
      const expiryMs = parseInt53(packed.text, packed.textAt, packed.textBytes);
      if (expiryMs !== 0 && !this.#isExpirySet(ref, text, textAt, textBytes, expiryMs))
        packed.fail('expiry of a field');
    }
  }

  /** Gives the field that was just added an expiry, if that is one. */
  #isExpirySet(ref: Ref, field: Uint8Array, at: number, length: number, expiryMs: number): boolean {
    const { hashes } = this.#keyspace;
    if (!(expiryMs > 0 && expiryMs < EXPIRY_END_MS)) return false;
    hashes.find(ref, field, at, length, Number.NEGATIVE_INFINITY);
    hashes.setFoundExpiry(ref, expiryMs);
    return true;
  }
}

function packedList({ text, textAt, textBytes }: Text): Packed {
  return new PackedList(text, textAt, textBytes);
}
