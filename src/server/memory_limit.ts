// maxmemory: commands that may need memory are refused while more is in use than the limit allows.
//
// What is in use is known exactly at any time, but looking before every write would cost all writes something. So each
// batch begins with a look from afar: as long as no batch can reach the limit, writes run unhindered; near the limit and
// above it each of them is looked at.
import { DENY_OOM } from './gate.ts';
import type { ServerCore } from './server.ts';

/** More than the data can grow by in one batch of ordinary writes: a ring of requests, and tables that split. */
const NEAR_BYTES = 16 * 1024 * 1024;

export class MemoryLimit {
  /** 0: there is no limit. */
  limitBytes = 0;
  readonly #server: ServerCore;
  /** Bytes in use outside of the arena when last measured. */
  #otherBytes = 0;

  constructor(server: ServerCore) {
    this.#server = server;
  }

  get isOver(): boolean {
    return this.limitBytes > 0 && this.#server.arena.usedBytes + this.#otherBytes > this.limitBytes;
  }

  /** Measures what clients and rings take. */
  measure(): void {
    if (this.limitBytes === 0) return;
    this.#otherBytes = this.#server.memory.usedBytes - this.#server.arena.usedBytes;
  }

  /** Has writes looked at from now on if they could reach the limit before this is called again. */
  look(): void {
    const isNear =
      this.limitBytes > 0 && this.#server.arena.usedBytes + this.#otherBytes + NEAR_BYTES > this.limitBytes;
    this.#server.gate.deny(DENY_OOM, isNear);
  }

  /** Takes a new limit. */
  set(limitBytes: number): void {
    this.limitBytes = limitBytes;
    this.measure();
    this.look();
  }
}
