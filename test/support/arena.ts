// An arena on plain ArrayBuffers, in checked mode, for tests that need no addon.
import { Arena } from '../../src/arena/arena.ts';
import { CHUNK_BYTES, type ChunkSource } from '../../src/arena/granules.ts';

export class HeapChunks implements ChunkSource {
  readonly #buffers = new Map<number, ArrayBuffer>();
  decommits = 0;

  map(first: number, chunks: number): ArrayBuffer {
    const buffer = new ArrayBuffer(chunks * CHUNK_BYTES);
    this.#buffers.set(first, buffer);
    return buffer;
  }

  unmap(first: number): void {
    this.#buffers.delete(first);
  }

  approach(): void {}

  decommit(chunk: number, offset: number, bytes: number): void {
    new Uint8Array(this.#buffers.get(chunk)!, offset, bytes).fill(0);
    this.decommits++;
  }
}

export function makeArena(checked = true): Arena {
  return new Arena({ source: new HeapChunks(), checked });
}
