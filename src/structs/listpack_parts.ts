// Listpacks cut in two, joined, and read in runs: what lists need of them beyond listpack.ts. Elements are moved as they
// stand, without a look at them; so whoever calls says how many there are.
import type { Arena, Ref } from '../arena/arena.ts';
import { copyBytes } from '../base/bytes.ts';
import type { Listpacks } from './listpack.ts';
import { END, elementBytes, read32, write32 } from './listpack_codec.ts';

const CHUNK_SHIFT = 23;
const UNIT_MASK = 0x7fffff;
/** Bytes before the first element. */
export const LISTPACK_HEAD_BYTES = 6;
/** Bytes of a listpack without elements. */
export const FRAME_BYTES = LISTPACK_HEAD_BYTES + 1;
const COUNT_AT = 4;
const COUNT_UNKNOWN = 0xffff;

/** Where elements go, one after the other; a reply is one. */
export interface ElementSink {
  /** `view`, if given, shows the same bytes as `bytes`. */
  bulk(bytes: Uint8Array, at: number, length: number, view?: DataView): void;
}

/** A new listpack of the last elements of another one: the `count` from `p` on. */
export function tailOf(arena: Arena, ref: Ref, p: number, count: number): Ref {
  const elements = totalBytes(arena, ref) - 1 - p;
  const next = arena.alloc(FRAME_BYTES + elements);
  const u8 = arena.u8[next >>> CHUNK_SHIFT]!;
  const base = (next & UNIT_MASK) << 3;
  copyBytes(
    arena.u8[ref >>> CHUNK_SHIFT]!,
    ((ref & UNIT_MASK) << 3) + p,
    u8,
    base + LISTPACK_HEAD_BYTES,
    elements,
  );
  writeFrame(u8, base, FRAME_BYTES + elements, count);
  return next;
}

/** Leaves only the elements before `p`, which are `count`; returns the listpack's new reference. All or nothing. */
export function cutAt(arena: Arena, ref: Ref, p: number, count: number): Ref {
  const next = arena.resize(ref, totalBytes(arena, ref), p + 1);
  writeFrame(arena.u8[next >>> CHUNK_SHIFT]!, (next & UNIT_MASK) << 3, p + 1, count);
  return next;
}

/** Appends the elements of `second`, which is freed, to `first`; they are `count` together. Returns the new reference. */
export function joined(arena: Arena, first: Ref, second: Ref, count: number): Ref {
  const firstBytes = totalBytes(arena, first);
  const secondBytes = totalBytes(arena, second);
  const total = firstBytes + secondBytes - FRAME_BYTES;
  const next = arena.resize(first, firstBytes, total);
  const u8 = arena.u8[next >>> CHUNK_SHIFT]!;
  const base = (next & UNIT_MASK) << 3;
  copyBytes(
    arena.u8[second >>> CHUNK_SHIFT]!,
    ((second & UNIT_MASK) << 3) + LISTPACK_HEAD_BYTES,
    u8,
    base + firstBytes - 1,
    secondBytes - FRAME_BYTES,
  );
  writeFrame(u8, base, total, count);
  arena.free(second, secondBytes);
  return next;
}

/** A new listpack of these bytes, which are one, in the place of another one. All or nothing. */
export function replaced(arena: Arena, old: Ref, bytes: Uint8Array, at: number, length: number): Ref {
  const next = arena.alloc(length);
  arena.put(bytes, at, length, next >>> CHUNK_SHIFT, (next & UNIT_MASK) << 3);
  arena.free(old, totalBytes(arena, old));
  return next;
}

/** Hands `count` elements from `p` on to `sink`. */
export function emit(listpacks: Listpacks, ref: Ref, p: number, count: number, sink: ElementSink): void {
  const u8 = listpacks.arena.u8[ref >>> CHUNK_SHIFT]!;
  const view = listpacks.arena.views[ref >>> CHUNK_SHIFT]!;
  const base = (ref & UNIT_MASK) << 3;
  let at = base + p;
  for (let i = 0; i < count; i++) {
    const head = u8[at]!;
    if (head >= 0x80 && head < 0xc0) {
      sink.bulk(u8, at + 1, head & 63, view);
      at += (head & 63) + 2;
    } else {
      listpacks.locate(ref, at - base);
      sink.bulk(listpacks.bytes, listpacks.at, listpacks.length);
      at += elementBytes(u8, at);
    }
  }
}

function totalBytes(arena: Arena, ref: Ref): number {
  return read32(arena.u8[ref >>> CHUNK_SHIFT]!, (ref & UNIT_MASK) << 3);
}

/** Writes what stands around `count` elements: the head at `base`, and the end. */
export function writeFrame(u8: Uint8Array, base: number, total: number, count: number): void {
  const known = Math.min(count, COUNT_UNKNOWN);
  write32(u8, base, total);
  u8[base + COUNT_AT] = known;
  u8[base + COUNT_AT + 1] = known >>> 8;
  u8[base + total - 1] = END;
}
