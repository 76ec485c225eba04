// maxmemory: keys are evicted, or commands that may need memory are refused, while more is in use than the limit allows.
//
// What is in use is known exactly at any time, but looking before every write would cost all writes something. So each
// batch begins with a look from afar: as long as no batch can reach the limit, writes run unhindered; near the limit and
// above it each of them is looked at. Large blocks are the exception: whoever takes one causes another look.
//
// Eviction goes on until memory is below the limit, or for as long as `maxmemory-eviction-tenacity` allows; then commands
// run although there is too little memory, and the rest is evicted between the batches. Large values are freed in
// slices: what waits for that is freed first, before more keys have to go.
//
// Memory itself may end, too: when the system gives no more, commands that may need memory are refused in time, while
// there is enough left for those in progress.
import { EVICTED, NOTHING_LEFT } from '../keyspace/eviction.ts';
import { DENY_OOM } from './gate.ts';
import type { ServerCore } from './server.ts';

/** More than the data can grow by in one batch of ordinary writes: a ring of requests, and tables that split. */
const NEAR_BYTES = 16 * 1024 * 1024;
/** What must be left of the memory that the system gives: a batch of ordinary writes, and a command in progress. */
const RESERVE_BYTES = 2 * NEAR_BYTES;
const KEYS_BETWEEN_CLOCK_READS = 16;
/** Up to this tenacity the time limit grows evenly, and from then on by a share with each step. */
const EVEN_TENACITY_MAX = 10;
const EVEN_STEP_MS = 0.05;
const STEP_FACTOR = 1.15;
const TENACITY_MAX = 100;

/** What an attempt to get below the limit may end with. */
const ENOUGH = 0;
const UNDER_WAY = 1;
const IN_VAIN = 2;

export class MemoryLimit {
  /** 0: there is no limit. */
  limitBytes = 0;
  readonly #server: ServerCore;
  /** Bytes in use outside of the arena and the connections when last measured, and those of the connections. */
  #otherBytes = 0;
  #connectionBytes = 0;
  #sliceMsMax = 0;
  /** Since when memory has been over the limit; NaN while it is not. */
  #overSinceMs = Number.NaN;
  #overTotalMs = 0;
  readonly #goOn = (budgetMs: number): boolean => this.slice(budgetMs);

  constructor(server: ServerCore) {
    this.#server = server;
  }

  get isOver(): boolean {
    return this.limitBytes > 0 && this.#usedBytes > this.limitBytes;
  }

  get #usedBytes(): number {
    return this.#server.arena.usedBytes + this.#otherBytes + this.#connectionBytes;
  }

  /** How long memory has been over the limit without a break, in ms (INFO current_eviction_exceeded_time). */
  get overMs(): number {
    return Number.isNaN(this.#overSinceMs) ? 0 : this.#server.clock.monotonicMs() - this.#overSinceMs;
  }

  /** How long it has been over the limit in all (INFO total_eviction_exceeded_time). */
  get overTotalMs(): number {
    return this.#overTotalMs + this.overMs;
  }

  resetStatistics(): void {
    this.#overTotalMs = 0;
    if (!Number.isNaN(this.#overSinceMs)) this.#overSinceMs = this.#server.clock.monotonicMs();
  }

  /** Measures what clients and rings take, without what eviction could never free. */
  measure(): void {
    if (this.limitBytes === 0) return;
    const { memory } = this.#server;
    this.#otherBytes = memory.ringBytes + memory.clientObjectBytes - memory.uncountedBytes;
    this.#connectionBytes = memory.connectionBytes;
  }

  /** Has writes looked at from now on if they could reach the limit before this is called again. */
  look(): void {
    const { arena, gate } = this.#server;
    const isNear = this.limitBytes > 0 && this.#usedBytes + NEAR_BYTES > this.limitBytes;
    gate.deny(DENY_OOM, isNear || !arena.reserve(RESERVE_BYTES));
  }

  /** Before a batch: makes room whatever its commands are. */
  beginBatch(): void {
    if (this.limitBytes > 0) {
      this.#connectionBytes = this.#server.memory.connectionBytes;
      if (this.isOver) this.#makeRoom();
    }
    this.look();
  }

  /** Whether a command that may need memory may run; makes room for it if need be. `argumentBytes` is its size. */
  admits(argumentBytes: number): boolean {
    if (!this.#server.arena.reserve(RESERVE_BYTES + argumentBytes)) return false;
    return this.#makeRoom() !== IN_VAIN;
  }

  /** Takes a new limit. */
  set(limitBytes: number): void {
    this.limitBytes = limitBytes;
    this.measure();
    this.look();
    if (this.isOver) this.#server.background.hurry(this.#goOn);
    else this.#noteOver(false);
  }

  /** `maxmemory-eviction-tenacity`: 0 … 100. */
  set tenacity(tenacity: number) {
    const even = Math.min(tenacity, EVEN_TENACITY_MAX) * EVEN_STEP_MS;
    this.#sliceMsMax =
      tenacity === TENACITY_MAX
        ? Number.POSITIVE_INFINITY
        : even * STEP_FACTOR ** Math.max(0, tenacity - EVEN_TENACITY_MAX);
  }

  /** Makes room between batches; true when there is more to do at once. */
  slice(budgetMs: number): boolean {
    this.#server.keyspace.tick();
    return this.#makeRoom(budgetMs) === UNDER_WAY;
  }

  #makeRoom(budgetMs = this.#sliceMsMax): number {
    // While clients are paused the data must not change, and while they are loaded nothing may go.
    const { keyspace, loading } = this.#server;
    if (!this.isOver || keyspace.isPaused || loading.active) {
      this.#noteOver(this.isOver);
      return ENOUGH;
    }
    if (keyspace.importing) {
      // What is imported must stay whole.
      this.#noteOver(true);
      return IN_VAIN;
    }
    const { admin, background } = this.#server;
    const result = admin.timed('eviction-cycle', () => this.#evict(budgetMs));
    this.#noteOver(result !== ENOUGH);
    if (result === UNDER_WAY) background.hurry(this.#goOn);
    return result;
  }

  #evict(budgetMs: number): number {
    const { clock, keyspace, admin } = this.#server;
    const { eviction, lazyfree } = keyspace;
    const endMs = clock.monotonicMs() + budgetMs;
    for (let steps = 1; this.isOver; steps++) {
      if (lazyfree.pendingObjects > 0) {
        lazyfree.slice(0);
      } else {
        const outcome = admin.latencyMonitor.enabled
          ? admin.timed('eviction-del', () => eviction.evictOne())
          : eviction.evictOne();
        if (outcome === NOTHING_LEFT) return IN_VAIN;
        if (outcome === EVICTED && steps % KEYS_BETWEEN_CLOCK_READS !== 0) continue;
      }
      if (clock.monotonicMs() >= endMs && this.isOver) return UNDER_WAY;
    }
    return ENOUGH;
  }

  #noteOver(isOver: boolean): void {
    if (isOver !== Number.isNaN(this.#overSinceMs)) return;
    this.#overTotalMs += this.overMs;
    this.#overSinceMs = isOver ? this.#server.clock.monotonicMs() : Number.NaN;
  }
}
