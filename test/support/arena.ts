// An arena on plain ArrayBuffers, in checked mode, for tests that need no addon.
import { Arena } from '../../src/arena/arena.ts';
import { CHUNK_BYTES, type ChunkSource } from '../../src/arena/granules.ts';

const READY_BYTES = 1 << 20;

export class HeapChunks implements ChunkSource {
  readonly #buffers = new Map<number, ArrayBuffer>();
  decommits = 0;
  rests = 0;

  map(first: number, chunks: number): ArrayBuffer {
    const buffer = new ArrayBuffer(chunks * CHUNK_BYTES);
    this.#buffers.set(first, buffer);
    return buffer;
  }

  unmap(first: number): void {
    this.#buffers.delete(first);
  }

  approach(): void {}

  /** Does to what it is told to be free what the addon does to what it made ready. */
  rest(chunk: number, offset: number): boolean {
    this.rests++;
    const bytes = new Uint8Array(this.#buffers.get(chunk)!);
    bytes.fill(0, offset, offset + READY_BYTES);
    return true;
  }

  decommit(chunk: number, offset: number, bytes: number): void {
    new Uint8Array(this.#buffers.get(chunk)!, offset, bytes).fill(0);
    this.decommits++;
  }
}

export function makeArena(checked = true): Arena {
  return new Arena({ source: new HeapChunks(), checked });
}
