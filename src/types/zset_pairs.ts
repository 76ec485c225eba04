// A compact sorted set: a listpack of member, score, member, score … in order. Whole scores are kept as integers, others as
// the text that replies print.
import type { Ref } from '../arena/arena.ts';
import { compareBytes } from '../base/bytes.ts';
import { doubleCharsMax, parseDoubleLoosely, writeDouble } from '../base/double.ts';
import { writeBigInt, writeInt } from '../base/int64.ts';
import { Listpacks } from '../structs/listpack.ts';
import {
  bodyBytes,
  END,
  elementBytes,
  isString,
  readInteger,
  stringHeadBytes,
} from '../structs/listpack_codec.ts';
import { LISTPACK_HEAD_BYTES } from '../structs/listpack_parts.ts';

const CHUNK_SHIFT = 23;
const UNIT_MASK = 0x7fffff;
/** Half of what 64 bits hold: where the reference stops keeping whole scores as integers. */
const INTEGER_MAX = 2 ** 62;

export class ZsetPairs extends Listpacks {
  readonly #text = new Uint8Array(doubleCharsMax);

  /** Position of a member, 0 if it is not there. */
  findMember(pack: Ref, bytes: Uint8Array, at: number, length: number): number {
    return this.find(pack, this.first(pack), bytes, at, length, 1);
  }

  /** Score of the member at a position. */
  scoreOf(pack: Ref, p: number): number {
    const u8 = this.arena.u8[pack >>> CHUNK_SHIFT]!;
    const member = ((pack & UNIT_MASK) << 3) + p;
    return scoreAt(u8, member + elementBytes(u8, member));
  }

  /** Position of the member behind one, 0 at the end. */
  nextMember(pack: Ref, p: number): number {
    return this.next(pack, this.next(pack, p));
  }

  /** Position of the member before one, 0 at the beginning. */
  previousMember(pack: Ref, p: number): number {
    const scoreAt = this.previous(pack, p);
    return scoreAt === 0 ? 0 : this.previous(pack, scoreAt);
  }

  /** Puts a pair in its place; returns the listpack's new reference. */
  insertPair(pack: Ref, bytes: Uint8Array, at: number, length: number, score: number): Ref {
    const scoreLength = writeScore(this.#text, score);
    const held = this.begin(pack, this.#pairBytes(bytes, at, length, scoreLength));
    return this.done(this.#put(held, bytes, at, length, score, scoreLength));
  }

  /** Gives the member at `found`, whose text is given again, another score; returns the listpack's new reference. */
  changePair(pack: Ref, found: number, bytes: Uint8Array, at: number, length: number, score: number): Ref {
    const scoreLength = writeScore(this.#text, score);
    const more = this.#pairBytes(bytes, at, length, scoreLength) - this.bytesOf(pack, found, 2);
    const rest = this.remove(this.begin(pack, more), found, 2);
    return this.done(this.#put(rest, bytes, at, length, score, scoreLength));
  }

  /** Bytes of a member and the score in `#text`. */
  #pairBytes(bytes: Uint8Array, at: number, length: number, scoreLength: number): number {
    return this.encodedBytes(bytes, at, length) + this.encodedBytes(this.#text, 0, scoreLength);
  }

  /** Puts a member and the score in `#text` in their place. */
  #put(pack: Ref, bytes: Uint8Array, at: number, length: number, score: number, scoreLength: number): Ref {
    const u8 = this.arena.u8[pack >>> CHUNK_SHIFT]!;
    const base = (pack & UNIT_MASK) << 3;
    let member = base + LISTPACK_HEAD_BYTES;
    while (u8[member] !== END) {
      const behind = member + elementBytes(u8, member);
      const other = scoreAt(u8, behind);
      if (other > score) break;
      if (other === score && !this.#precedes(pack, member - base, bytes, at, length)) break;
      member = behind + elementBytes(u8, behind);
    }
    const next = this.insertBefore(pack, member - base, bytes, at, length);
    return this.insertAfter(next, this.position, this.#text, 0, scoreLength);
  }

  /** How many members have a lower score; with `inclusive` the same score counts too. */
  countBelow(pack: Ref, score: number, inclusive: boolean): number {
    let count = 0;
    for (let p = this.first(pack); p !== 0; p = this.nextMember(pack, p)) {
      const other = this.scoreOf(pack, p);
      if (!(other < score || (inclusive && other === score))) break;
      count++;
    }
    return count;
  }

  /** How many members are smaller, all scores being equal; with `inclusive` the same member counts too. */
  countBelowMember(pack: Ref, bytes: Uint8Array, at: number, length: number, inclusive: boolean): number {
    let count = 0;
    for (let p = this.first(pack); p !== 0; p = this.nextMember(pack, p)) {
      this.locate(pack, p);
      const order = compareBytes(this.bytes, this.at, this.length, bytes, at, length);
      if (!(order < 0 || (inclusive && order === 0))) break;
      count++;
    }
    return count;
  }

  /** How many members stand before a position. */
  rankOf(pack: Ref, position: number): number {
    let rank = 0;
    for (let p = this.first(pack); p !== position; p = this.nextMember(pack, p)) rank++;
    return rank;
  }

  #precedes(pack: Ref, p: number, bytes: Uint8Array, at: number, length: number): boolean {
    this.locate(pack, p);
    return compareBytes(this.bytes, this.at, this.length, bytes, at, length) < 0;
  }
}

/** The score at byte `at` of a view. */
function scoreAt(u8: Uint8Array, at: number): number {
  const head = u8[at]!;
  if (!isString(head)) return readInteger(u8, at);
  const headBytes = stringHeadBytes(head);
  return parseDoubleLoosely(u8, at + headBytes, bodyBytes(u8, at) - headBytes);
}

/** Writes a score as its pair keeps it; returns its length. A zero loses its sign here, as in the reference. */
function writeScore(text: Uint8Array, score: number): number {
  if (score === 0) return writeInt(text, 0, 0);
  const isLarge = !Number.isSafeInteger(score) && isKeptAsInteger(score);
  return isLarge ? writeBigInt(text, 0, BigInt(score)) : writeDouble(text, 0, score);
}

/** Whether a score stands in a pair as an integer; ZSCAN shows it as one. */
export function isKeptAsInteger(score: number): boolean {
  return Number.isInteger(score) && Math.abs(score) <= INTEGER_MAX;
}
