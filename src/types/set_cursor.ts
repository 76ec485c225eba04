// A walk over the members of a set, whatever its encoding. The set must not change meanwhile; other sets may, as the walk
// has readers of its own. Nothing is allocated for a member.
import type { Ref } from '../arena/arena.ts';
import type { KeyHash } from '../base/keyhash.ts';
import { ElementTable } from '../structs/element_table.ts';
import { ENC_INTSET, ENC_LISTPACK, type Entries } from '../structs/entry.ts';
import { Intsets } from '../structs/intset.ts';
import { Listpacks } from '../structs/listpack.ts';

const CHUNK_SHIFT = 23;
const UNIT_MASK = 0x7fffff;

export class SetCursor {
  readonly #u8: Uint8Array[];
  readonly #u32: Uint32Array[];
  readonly #entries: Entries;
  readonly #intsets: Intsets;
  readonly #listpacks: Listpacks;
  readonly #table: ElementTable;
  /** Text of the member at hand: `length` bytes of `bytes` from `at` on, good until the next step. */
  bytes: Uint8Array = new Uint8Array(0);
  at = 0;
  length = 0;
  /** Whether the set is an intset: `low` and `high` are then the words of the member. */
  isInteger = false;
  low = 0;
  high = 0;
  #encoding = 0;
  #structure: Ref = 0;
  /** Index in the intset, or position in the listpack (0: at the end), of the member to come. */
  #next = 0;
  #count = 0;

  constructor(entries: Entries, hash: KeyHash) {
    this.#u8 = entries.arena.u8;
    this.#u32 = entries.arena.u32;
    this.#entries = entries;
    this.#intsets = new Intsets(entries.arena);
    this.#listpacks = new Listpacks(entries.arena);
    this.#table = new ElementTable(entries.arena, hash);
  }

  /** Begins a walk over the set of an entry. */
  start(ref: Ref): void {
    this.#encoding = this.#entries.encoding(ref);
    this.#structure = this.#entries.wordLow(ref);
    this.isInteger = this.#encoding === ENC_INTSET;
    if (this.isInteger) {
      this.#next = 0;
      this.#count = this.#intsets.count(this.#structure);
    } else if (this.#encoding === ENC_LISTPACK) {
      this.#next = this.#listpacks.first(this.#structure);
    } else {
      this.#table.open(this.#structure);
      this.#table.startWalk();
    }
  }

  /** Goes on to the next member; false at the end. */
  next(): boolean {
    if (this.isInteger) return this.#nextInteger();
    if (this.#encoding === ENC_LISTPACK) return this.#nextInListpack();
    const element = this.#table.nextRef();
    if (element === 0) return false;
    // A member has no other parts: the word before its bytes is its length.
    const chunk = element >>> CHUNK_SHIFT;
    const word = (element & UNIT_MASK) << 1;
    this.bytes = this.#u8[chunk]!;
    this.at = (word + 1) << 2;
    this.length = this.#u32[chunk]![word]!;
    return true;
  }

  #nextInteger(): boolean {
    const intsets = this.#intsets;
    if (this.#next === this.#count) return false;
    intsets.locate(this.#structure, this.#next++);
    this.low = intsets.low;
    this.high = intsets.high;
    this.bytes = intsets.bytes;
    this.at = 0;
    this.length = intsets.length;
    return true;
  }

  #nextInListpack(): boolean {
    const listpacks = this.#listpacks;
    const p = this.#next;
    if (p === 0) return false;
    listpacks.locate(this.#structure, p);
    this.bytes = listpacks.bytes;
    this.at = listpacks.at;
    this.length = listpacks.length;
    this.#next = listpacks.next(this.#structure, p);
    return true;
  }
}
