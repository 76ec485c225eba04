// A walk over the members of a sorted set in order, whatever its encoding. The set must not change meanwhile; others may.
import type { Ref } from '../arena/arena.ts';
import type { Elements } from '../structs/element.ts';
import { ENC_LISTPACK, type Entries } from '../structs/entry.ts';
import { RankedTree } from '../structs/ranked_tree.ts';
import { ZsetPairs } from './zset_pairs.ts';

export class ZsetCursor {
  readonly #entries: Entries;
  readonly #elements: Elements;
  readonly #pairs: ZsetPairs;
  readonly #tree: RankedTree;
  /** Text of the member at hand: `length` bytes of `bytes` from `at` on, good until the next step. */
  bytes: Uint8Array = new Uint8Array(0);
  at = 0;
  length = 0;
  #pack: Ref = 0;
  /** Position in the listpack; 0 while the set is in a tree. */
  #position = 0;

  constructor(entries: Entries, elements: Elements) {
    this.#entries = entries;
    this.#elements = elements;
    this.#pairs = new ZsetPairs(entries.arena);
    this.#tree = new RankedTree(entries.arena, elements);
  }

  /** Goes to the member of a rank, which there must be. */
  start(ref: Ref, rank: number): void {
    if (this.#entries.encoding(ref) === ENC_LISTPACK) {
      this.#pack = this.#entries.wordLow(ref);
      this.#position = this.#pairs.seek(this.#pack, rank * 2);
      this.#locatePair();
    } else {
      this.#position = 0;
      this.#tree.seek(this.#entries.wordHigh(ref), rank);
      this.#locateElement();
    }
  }

  /** Goes one member on; false at the end. */
  next(): boolean {
    if (this.#position === 0) {
      if (!this.#tree.next()) return false;
      this.#locateElement();
      return true;
    }
    const p = this.#pairs.nextMember(this.#pack, this.#position);
    if (p === 0) return false;
    this.#position = p;
    this.#locatePair();
    return true;
  }

  /** Goes one member back; false at the beginning. */
  previous(): boolean {
    if (this.#position === 0) {
      if (!this.#tree.previous()) return false;
      this.#locateElement();
      return true;
    }
    const p = this.#pairs.previousMember(this.#pack, this.#position);
    if (p === 0) return false;
    this.#position = p;
    this.#locatePair();
    return true;
  }

  /** Score of the member at hand. */
  get score(): number {
    return this.#position === 0 ? this.#tree.score : this.#pairs.scoreOf(this.#pack, this.#position);
  }

  /** Element of the member at hand, of a set that is no listpack. */
  get element(): Ref {
    return this.#tree.element;
  }

  #locatePair(): void {
    const pairs = this.#pairs;
    pairs.locate(this.#pack, this.#position);
    this.bytes = pairs.bytes;
    this.at = pairs.at;
    this.length = pairs.length;
  }

  #locateElement(): void {
    const element = this.#tree.element;
    const elements = this.#elements;
    this.bytes = elements.view(element);
    this.at = elements.memberAt(element);
    this.length = elements.memberBytes(element);
  }
}
