import { describe, expect, it } from 'vitest';
import { Arena } from '../../src/arena/arena.ts';
import { ChunkNumbers } from '../../src/arena/chunk_numbers.ts';
import { CHUNK_BYTES, OutOfMemoryError } from '../../src/arena/granules.ts';
import { HeapChunks } from '../support/arena.ts';
import { seededRandom } from '../support/seed.ts';

describe('numbers of chunks', () => {
  it('are given once, and join again when they come back', () => {
    const random = seededRandom('chunk numbers');
    const numbers = new ChunkNumbers(64);
    const taken: { first: number; chunks: number }[] = [];
    for (let step = 0; step < 5000; step++) {
      if (random.below(2) === 0 || taken.length === 0) {
        const chunks = 1 + random.below(8);
        const first = numbers.take(chunks);
        if (first >= 0) taken.push({ first, chunks });
      } else {
        const [range] = taken.splice(random.below(taken.length), 1);
        numbers.give(range!.first, range!.chunks);
      }
      const owners = new Set(
        taken.flatMap(({ first, chunks }) => Array.from({ length: chunks }, (_, i) => first + i)),
      );
      expect(owners.size + numbers.freeChunks).toBe(64);
    }
    for (const { first, chunks } of taken) numbers.give(first, chunks);
    expect(numbers.take(64)).toBe(0);
    expect(numbers.take(1)).toBe(-1);
  });
});

/** Chunks that run out, or fail for a while. */
class PoorChunks extends HeapChunks {
  refuses = false;

  override map(first: number, chunks: number): ArrayBuffer {
    if (this.refuses) throw new Error('ENOMEM: cannot map memory');
    return super.map(first, chunks);
  }
}

describe('an arena without more memory', () => {
  it('says so in time, and takes what comes back', () => {
    const arena = new Arena({ source: new HeapChunks(), chunksMax: 3, regionChunks: 2 });
    expect(arena.reserve(CHUNK_BYTES)).toBe(true);
    expect(arena.reserve(3 * CHUNK_BYTES)).toBe(true);
    expect(arena.reserve(4 * CHUNK_BYTES)).toBe(false);
    const huge = arena.alloc(CHUNK_BYTES - 100);
    expect(arena.reserve(2 * CHUNK_BYTES)).toBe(true);
    expect(() => arena.alloc(2 * CHUNK_BYTES)).toThrow(OutOfMemoryError);
    arena.free(huge, CHUNK_BYTES - 100);
    expect(arena.alloc(CHUNK_BYTES - 100)).not.toBe(0);
    const blocks: number[] = [];
    expect(() => {
      for (;;) blocks.push(arena.alloc(1024 * 1024));
    }).toThrow(OutOfMemoryError);
    expect(blocks.length).toBeGreaterThan(120);
    for (const ref of blocks) arena.free(ref, 1024 * 1024);
    expect(arena.alloc(1024 * 1024)).not.toBe(0);
  });

  it('asks the system again only when told to', () => {
    const source = new PoorChunks();
    const arena = new Arena({ source });
    source.refuses = true;
    expect(arena.reserve(1)).toBe(false);
    expect(() => arena.alloc(100)).toThrow(OutOfMemoryError);
    source.refuses = false;
    expect(arena.reserve(1)).toBe(false);
    arena.askAgain();
    expect(arena.reserve(1)).toBe(true);
    expect(arena.alloc(100)).not.toBe(0);
  });
});
