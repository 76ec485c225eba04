// The arena's checked mode. A typed array never crashes on a wrong offset, it corrupts silently; so tests run with
// redzones around each block, poison in freed ones, a quarantine that delays their reuse, and a full walk.
//
//   +----------------+--------------------------+-----------------+
//   | 64 bytes 0xfd  | the block, filled 0xa5   | 64 bytes 0xfd   |      64, so that blocks keep their alignment
//   +----------------+--------------------------+-----------------+
import type { Arena, Ref } from './arena.ts';

const ZONE_BYTES = 64;
const ZONE_UNITS = ZONE_BYTES / 8;
/** What the redzones add to a block. */
export const GUARD_BYTES = 2 * ZONE_BYTES;
const ZONE = 0xfd;
const FRESH = 0xa5;
const POISON = 0xdb;
const QUARANTINE_BLOCKS = 256;
/** Filling and checking is bounded, so that huge blocks stay affordable. */
const FILL_BYTES_MAX = 4096;

export class Guard {
  readonly #arena: Arena;
  readonly #live = new Map<Ref, { bytes: number; generation: number }>();
  readonly #quarantine: { ref: Ref; bytes: number }[] = [];
  /** Bytes of the blocks that were freed but are kept back. */
  quarantineBytes = 0;
  #generation = 0;

  constructor(arena: Arena) {
    this.#arena = arena;
  }

  get liveBlocks(): number {
    return this.#live.size;
  }

  alloc(bytes: number): Ref {
    const raw = this.#arena.allocRaw(bytes + 2 * ZONE_BYTES);
    const ref = raw + ZONE_UNITS;
    const u8 = this.#arena.u8[ref >>> 23]!;
    const at = (ref & 0x7fffff) << 3;
    u8.fill(ZONE, at - ZONE_BYTES, at);
    u8.fill(FRESH, at, at + Math.min(bytes, FILL_BYTES_MAX));
    u8.fill(ZONE, at + bytes, at + bytes + ZONE_BYTES);
    this.#live.set(ref, { bytes, generation: ++this.#generation });
    return ref;
  }

  free(ref: Ref, bytes: number): void {
    const block = this.#live.get(ref);
    if (block === undefined) throw new Error(`arena: free of ${ref}, which is not a live block`);
    if (block.bytes !== bytes) {
      throw new Error(`arena: block ${ref} has ${block.bytes} bytes, freed with ${bytes}`);
    }
    this.#checkZones(ref, bytes);
    this.#live.delete(ref);
    const at = (ref & 0x7fffff) << 3;
    this.#arena.u8[ref >>> 23]!.fill(POISON, at, at + Math.min(bytes, FILL_BYTES_MAX));
    this.#quarantine.push({ ref, bytes });
    this.quarantineBytes += this.#arena.usableBytes(bytes + 2 * ZONE_BYTES);
    if (this.#quarantine.length > QUARANTINE_BLOCKS) this.#release();
  }

  /** Checks every live block's redzones and every quarantined block's poison. */
  verify(): void {
    for (const [ref, { bytes }] of this.#live) this.#checkZones(ref, bytes);
    for (const { ref, bytes } of this.#quarantine) this.#checkPoison(ref, bytes);
  }

  #release(): void {
    const { ref, bytes } = this.#quarantine.shift()!;
    this.#checkPoison(ref, bytes);
    this.quarantineBytes -= this.#arena.usableBytes(bytes + 2 * ZONE_BYTES);
    this.#arena.freeRaw(ref - ZONE_UNITS, bytes + 2 * ZONE_BYTES);
  }

  #checkZones(ref: Ref, bytes: number): void {
    const u8 = this.#arena.u8[ref >>> 23]!;
    const at = (ref & 0x7fffff) << 3;
    for (let i = 0; i < ZONE_BYTES; i++) {
      if (u8[at - ZONE_BYTES + i] !== ZONE)
        throw new Error(`arena: underrun of block ${ref} (${bytes} bytes)`);
      if (u8[at + bytes + i] !== ZONE) throw new Error(`arena: overrun of block ${ref} (${bytes} bytes)`);
    }
  }

  #checkPoison(ref: Ref, bytes: number): void {
    const u8 = this.#arena.u8[ref >>> 23]!;
    const at = (ref & 0x7fffff) << 3;
    for (let i = 0; i < Math.min(bytes, FILL_BYTES_MAX); i++) {
      if (u8[at + i] !== POISON) throw new Error(`arena: block ${ref} was written after it was freed`);
    }
  }
}
