import { describe, expect, it } from 'vitest';
import { Arena, type Ref } from '../../src/arena/arena.ts';
import { CHUNKS_MAX, OutOfMemoryError } from '../../src/arena/granules.ts';
import { CLASS_BYTES, CLASS_BYTES_MAX, CLASS_COUNT, classOf } from '../../src/arena/size_class.ts';
import { HeapChunks, makeArena } from '../support/arena.ts';
import { seededRandom } from '../support/seed.ts';

describe('size classes', () => {
  it('gives every size the smallest class that holds it', () => {
    for (let bytes = 1; bytes <= CLASS_BYTES_MAX; bytes++) {
      const sizeClass = classOf(bytes);
      if (CLASS_BYTES[sizeClass]! < bytes) throw new Error(`${bytes} does not fit its class`);
      if (sizeClass > 0 && CLASS_BYTES[sizeClass - 1]! >= bytes)
        throw new Error(`${bytes} fits a smaller class`);
    }
    expect(CLASS_BYTES[CLASS_COUNT - 1]).toBe(CLASS_BYTES_MAX);
  });
});

describe.each([true, false])('arena, checked: %s', (checked) => {
  it('keeps every block intact under random operations', () => {
    const random = seededRandom('arena');
    const source = new HeapChunks();
    const arena = new Arena({ source, checked });
    const blocks: { ref: Ref; bytes: number; fill: number }[] = [];
    const limits = [16, 128, 2000, 40000, 300000, 600_000];
    const expectFill = ({ ref, bytes, fill }: { ref: Ref; bytes: number; fill: number }) => {
      const at = (ref & 0x7fffff) << 3;
      const u8 = arena.u8[ref >>> 23]!;
      if (u8[at] !== fill || u8[at + bytes - 1] !== fill || u8[at + (bytes >> 1)] !== fill) {
        throw new Error(`block ${ref} lost its content`);
      }
    };
    const paint = (ref: Ref, bytes: number) => {
      const fill = random.below(255) + 1;
      const at = (ref & 0x7fffff) << 3;
      arena.u8[ref >>> 23]!.fill(fill, at, at + bytes);
      return { ref, bytes, fill };
    };
    const sizeOf = () => random.below(limits[Math.min(random.below(8), random.below(6))]!) + 1;
    for (let step = 0; step < 6000; step++) {
      const choice = random.below(100);
      if (choice < 50 || blocks.length === 0) {
        const bytes = sizeOf();
        blocks.push(paint(arena.alloc(bytes), bytes));
      } else {
        const index = random.below(blocks.length);
        const block = blocks[index]!;
        expectFill(block);
        if (choice < 90) {
          arena.free(block.ref, block.bytes);
          blocks[index] = blocks[blocks.length - 1]!;
          blocks.pop();
        } else {
          const bytes = sizeOf();
          const ref = arena.resize(block.ref, block.bytes, bytes);
          const kept = Math.min(bytes, block.bytes);
          const at = (ref & 0x7fffff) << 3;
          expect(arena.u8[ref >>> 23]![at + kept - 1]).toBe(block.fill);
          blocks[index] = paint(ref, bytes);
        }
      }
      if (step % 2000 === 0) arena.verify();
      if (step % 700 === 0) arena.purge(random.below(50));
      if (random.below(50) === 0) arena.rest();
    }
    if (checked) expect(arena.liveBlocks).toBe(blocks.length);
    else expect(arena.usedBytes).toBe(blocks.reduce((sum, b) => sum + arena.usableBytes(b.bytes), 0));
    for (const block of blocks) {
      expectFill(block);
      arena.free(block.ref, block.bytes);
    }
    arena.verify();
    if (!checked) {
      expect(arena.usedBytes).toBe(0);
      arena.purge();
      expect(arena.purgeableBytes).toBe(0);
      expect(source.decommits).toBeGreaterThan(0);
      expect(arena.committedBytes).toBeLessThan(104 * 16 * 65536);
    }
  });

  it('keeps few empty spans', () => {
    const arena = new Arena({ source: new HeapChunks(), checked });
    const kept = arena.alloc(24);
    for (let round = 0; round < 3; round++) {
      for (const bytes of CLASS_BYTES) {
        // In the checked mode a quarantine delays what is freed.
        for (let i = 0; i < 300; i++) arena.free(arena.alloc(bytes - 1), bytes - 1);
      }
    }
    const spans = arena.classes().filter(({ blockBytes, usedBytes }) => blockBytes > 0 && usedBytes === 0);
    const emptyBytes = spans.reduce((bytes, { spanBytes }) => bytes + spanBytes, 0);
    expect(emptyBytes).toBeLessThanOrEqual(16 * 65536);
    arena.free(kept, 24);
    arena.verify();
  });

  it('comes to rest once, a look after it has grown, and keeps no empty spans then', () => {
    const source = new HeapChunks();
    const arena = new Arena({ source, checked });
    const empty = () =>
      arena.classes().filter(({ usedBytes, spanBytes }) => usedBytes === 0 && spanBytes > 0);
    const blocks = Array.from({ length: 5000 }, () => arena.alloc(1000));
    if (!checked) for (const bytes of [24, 48, 96]) arena.free(arena.alloc(bytes), bytes);
    arena.rest();
    expect(source.rests).toBe(0);
    for (let look = 0; look < 3; look++) arena.rest();
    expect(source.rests).toBe(1);
    expect(empty()).toEqual([]);
    arena.free(arena.alloc(70_000), 70_000);
    arena.rest();
    arena.rest();
    expect(source.rests).toBe(2);
    for (const ref of blocks) arena.free(ref, 1000);
    arena.verify();
  });

  it('serves blocks larger than a chunk from chunks of their own', () => {
    const arena = makeArena(checked);
    const bytes = 70 * 1024 * 1024;
    const ref = arena.alloc(bytes);
    const at = (ref & 0x7fffff) << 3;
    arena.u8[ref >>> 23]![at + bytes - 1] = 7;
    const grown = arena.resize(ref, bytes, bytes + 1000);
    expect(arena.u8[grown >>> 23]![((grown & 0x7fffff) << 3) + bytes - 1]).toBe(7);
    const small = arena.alloc(10);
    arena.free(grown, bytes + 1000);
    arena.free(small, 10);
    arena.verify();
  });
});

describe('checked arena', () => {
  it('catches an overrun, a wrong size, a double free and a write after free', () => {
    const arena = makeArena();
    const at = (ref: Ref) => (ref & 0x7fffff) << 3;
    const over = arena.alloc(13);
    arena.u8[over >>> 23]![at(over) + 13] = 1;
    expect(() => arena.free(over, 13)).toThrow(/overrun/);
    const sized = arena.alloc(13);
    expect(() => arena.free(sized, 14)).toThrow(/freed with 14/);
    arena.free(sized, 13);
    expect(() => arena.free(sized, 13)).toThrow(/not a live block/);
    arena.u8[sized >>> 23]![at(sized)] = 1;
    expect(() => arena.verify()).toThrow();
  });
});

describe('a system that refuses memory', () => {
  class Refusing extends HeapChunks {
    refuses = true;

    override map(first: number, chunks: number): ArrayBuffer {
      if (this.refuses) throw new Error('cannot map memory');
      return super.map(first, chunks);
    }
  }

  it('is asked again each time, for the same chunks', () => {
    const source = new Refusing();
    const arena = new Arena({ source, regionChunks: 2 });
    const hugeBytes = 70 * 1024 * 1024;
    for (let i = 0; i < CHUNKS_MAX; i++) {
      arena.prepare();
      expect(() => arena.alloc(10)).toThrow(OutOfMemoryError);
      expect(() => arena.alloc(hugeBytes)).toThrow(OutOfMemoryError);
    }
    source.refuses = false;
    arena.prepare();
    expect(arena.mappedBytes).toBe(0);
    expect(arena.alloc(10) >>> 23).toBe(0);
    expect(arena.alloc(hugeBytes) >>> 23).toBe(2);
    arena.verify();
  });
});
