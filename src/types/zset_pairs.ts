// A compact sorted set: a listpack of member, score, member, score … in order. Whole scores are kept as integers, others as
// the text that replies print.
import type { Arena, Ref } from '../arena/arena.ts';
import { compareBytes } from '../base/bytes.ts';
import { doubleCharsMax, parseDoubleLoosely, writeDouble } from '../base/double.ts';
import { writeBigInt, writeInt } from '../base/int64.ts';
import { Listpacks } from '../structs/listpack.ts';

/** Half of what 64 bits hold: where the reference stops keeping whole scores as integers. */
const INTEGER_MAX = 2 ** 62;

export class ZsetPairs extends Listpacks {
  /** Reads scores, so that what `locate` found stays in place. */
  readonly #scores: Listpacks;
  readonly #text = new Uint8Array(doubleCharsMax);

  constructor(arena: Arena) {
    super(arena);
    this.#scores = new Listpacks(arena);
  }

  /** Position of a member, 0 if it is not there. */
  findMember(pack: Ref, bytes: Uint8Array, at: number, length: number): number {
    return this.find(pack, this.first(pack), bytes, at, length, 1);
  }

  /** Score of the member at a position. */
  scoreOf(pack: Ref, p: number): number {
    const scores = this.#scores;
    const scoreAt = scores.next(pack, p);
    const integer = scores.integer(pack, scoreAt);
    if (!Number.isNaN(integer)) return integer;
    scores.locate(pack, scoreAt);
    return parseDoubleLoosely(scores.bytes, scores.at, scores.length);
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
    const text = this.#text;
    let p = this.first(pack);
    while (p !== 0 && this.#precedes(pack, p, bytes, at, length, score)) p = this.nextMember(pack, p);
    const next =
      p === 0 ? this.append(pack, bytes, at, length) : this.insertBefore(pack, p, bytes, at, length);
    return this.insertAfter(next, this.position, text, 0, writeScore(text, score));
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

  #precedes(pack: Ref, p: number, bytes: Uint8Array, at: number, length: number, score: number): boolean {
    const other = this.scoreOf(pack, p);
    if (other !== score) return other < score;
    this.locate(pack, p);
    return compareBytes(this.bytes, this.at, this.length, bytes, at, length) < 0;
  }
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
