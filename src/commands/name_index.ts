// Finds a name by its bytes, whatever their case, without making a string: open addressing over one block of
// bytes.

const FNV_OFFSET = 0x811c9dc5;
const FNV_PRIME = 0x01000193;
const EMPTY = -1;

/** The number of a name is its place in the list; an empty name is never found. Names are lower-case ASCII. */
export class NameIndex {
  readonly #bytes: Uint8Array;
  /** Where name i starts in #bytes; it ends where the next one starts. */
  readonly #starts: Int32Array;
  readonly #slots: Int32Array;
  readonly #mask: number;

  /** Throws if a name is there twice. */
  constructor(names: readonly string[]) {
    this.#bytes = Buffer.from(names.join(''), 'latin1');
    this.#starts = new Int32Array(names.length + 1);
    let capacity = 8;
    while (capacity < 2 * names.length) capacity *= 2;
    this.#mask = capacity - 1;
    this.#slots = new Int32Array(capacity).fill(EMPTY);
    for (let i = 0; i < names.length; i++) this.#add(i, names[i]!);
  }

  /** Number of the name in `bytes`; -1 if there is none. */
  find(bytes: Uint8Array, at: number, length: number): number {
    if (length === 0) return -1;
    let slot = hash(bytes, at, length) & this.#mask;
    for (;;) {
      const index = this.#slots[slot]!;
      if (index === EMPTY || this.#equals(index, bytes, at, length)) return index;
      slot = (slot + 1) & this.#mask;
    }
  }

  #add(index: number, name: string): void {
    const start = this.#starts[index]!;
    this.#starts[index + 1] = start + name.length;
    if (name.length === 0) return;
    if (this.find(this.#bytes, start, name.length) !== EMPTY) throw new Error(`name given twice: ${name}`);
    let slot = hash(this.#bytes, start, name.length) & this.#mask;
    while (this.#slots[slot] !== EMPTY) slot = (slot + 1) & this.#mask;
    this.#slots[slot] = index;
  }

  #equals(index: number, bytes: Uint8Array, at: number, length: number): boolean {
    const start = this.#starts[index]!;
    if (this.#starts[index + 1]! - start !== length) return false;
    for (let i = 0; i < length; i++) {
      const byte = bytes[at + i]!;
      const lower = byte >= 65 && byte <= 90 ? byte + 32 : byte;
      if (lower !== this.#bytes[start + i]) return false;
    }
    return true;
  }
}

/** FNV-1a over the bytes with the bit of letter case set. */
function hash(bytes: Uint8Array, at: number, length: number): number {
  let h = FNV_OFFSET;
  for (let i = 0; i < length; i++) h = Math.imul(h ^ (bytes[at + i]! | 32), FNV_PRIME);
  return (h ^ (h >>> 15)) >>> 0;
}
