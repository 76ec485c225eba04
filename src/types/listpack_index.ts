// A hash index over the elements of one listpack, for when many texts are looked for in it: each would else be compared
// with every element. Open addressing in a scratch array, at most half full; nothing is allocated for small listpacks.
import type { Ref } from '../arena/arena.ts';
import type { KeyHash } from '../base/keyhash.ts';
import type { Listpacks } from '../structs/listpack.ts';

/** A scratch array up to this size is kept. */
const SLOTS_KEPT = 512;

export class ListpackIndex {
  readonly #listpacks: Listpacks;
  /** Positions of elements, 0 for none. */
  #slots = new Int32Array(SLOTS_KEPT);
  #mask = 0;
  #listpack: Ref = 0;

  constructor(listpacks: Listpacks) {
    this.#listpacks = listpacks;
  }

  /** Indexes a listpack, which must not change while the index is used, by the hashes of its elements. */
  build(listpack: Ref, hash: KeyHash): void {
    const listpacks = this.#listpacks;
    let size = SLOTS_KEPT;
    const count = listpacks.count(listpack);
    while (size < count * 2) size *= 2;
    if (this.#slots.length === size) this.#slots.fill(0);
    else this.#slots = new Int32Array(size);
    this.#mask = size - 1;
    this.#listpack = listpack;
    for (let p = listpacks.first(listpack); p !== 0; p = listpacks.next(listpack, p)) {
      listpacks.locate(listpack, p);
      let slot = hash.hash(listpacks.bytes, listpacks.at, listpacks.length) & this.#mask;
      while (this.#slots[slot] !== 0) slot = (slot + 1) & this.#mask;
      this.#slots[slot] = p;
    }
  }

  /** Whether the listpack has an element of this text, which has this hash. */
  has(bytes: Uint8Array, at: number, length: number, hash: number): boolean {
    const slots = this.#slots;
    let slot = hash & this.#mask;
    for (; slots[slot] !== 0; slot = (slot + 1) & this.#mask) {
      if (this.#listpacks.equals(this.#listpack, slots[slot]!, bytes, at, length)) return true;
    }
    return false;
  }
}
