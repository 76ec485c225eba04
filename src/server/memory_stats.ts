// Where memory goes: the figures of INFO memory and MEMORY STATS.
//
//   used      what the server allocated itself: arena blocks, bytes held for connections, rings, connection records
//   allocated, active   the arena's live blocks and the spans that hold them: their ratio is fragmentation
//   rss       what the process holds of the system, which in an embedding program includes that program
import { totalmem } from 'node:os';
import { counter, counterCount } from '../bridge/binding.ts';
import type { ServerCore } from './server.ts';

/** Bytes of the native record of a connection. */
const CONNECTION_BYTES = 128;

/** Free pages that stay for the next need: the cron gives them back slowly. */
const KEPT_BYTES = 8 * 1024 * 1024;
const GRANULES_A_SLICE = 16;

export class MemoryStats {
  readonly #server: ServerCore;
  readonly #counters = new Float64Array(counterCount);
  peakBytes = 0;
  /** When that was, in seconds since 1970. */
  peakTimeSec = 0;
  startupBytes = 0;

  constructor(server: ServerCore) {
    this.#server = server;
  }

  /** Remembers what an empty server takes. */
  started(): void {
    this.startupBytes = this.usedBytes;
    this.resetPeak();
  }

  /** Exact bytes in use. */
  get usedBytes(): number {
    return this.arenaBytes + this.ringBytes + this.clientBytes;
  }

  /** Those of them that eviction could never free, so that they do not count for the limit: what waits to be written to
   *  files and replicas. */
  get uncountedBytes(): number {
    return 0;
  }

  /** Moves the peak if it was passed. */
  notePeak(): void {
    const used = this.usedBytes;
    if (used > this.peakBytes) this.resetPeak();
  }

  get arenaBytes(): number {
    return this.#server.arena.usedBytes;
  }

  get ringBytes(): number {
    let bytes = 0;
    for (const { ctl, req, desc, out } of this.#server.reactor.lanes) {
      bytes += ctl.byteLength + req.byteLength + desc.byteLength + out.byteLength;
    }
    return bytes;
  }

  /** All that belongs to clients. */
  get clientBytes(): number {
    return this.connectionBytes + this.clientObjectBytes;
  }

  /** Records, requests and replies of all connections. */
  get connectionBytes(): number {
    this.#server.reactor.counters(this.#counters);
    const counters = this.#counters;
    return (
      counters[counter.connected]! * CONNECTION_BYTES +
      counters[counter.inputHeldBytes]! +
      counters[counter.outputHeldBytes]!
    );
  }

  /** What is known of clients that left the defaults. */
  get clientObjectBytes(): number {
    let bytes = 0;
    for (const { memoryBytes } of this.#server.clients.known()) bytes += memoryBytes;
    return bytes;
  }

  /** Everything that is not data: start-up, rings, clients, tables of keys. */
  get overheadBytes(): number {
    return this.startupBytes + this.clientBytes + this.tableBytes;
  }

  get tableBytes(): number {
    const { keyspace } = this.#server;
    let bytes = 0;
    for (let i = 0; i < keyspace.databaseCount; i++) bytes += keyspace.db(i).tableBytes;
    return bytes;
  }

  /** Keys and values. */
  get datasetBytes(): number {
    return Math.max(0, this.usedBytes - this.overheadBytes);
  }

  get rssBytes(): number {
    return process.memoryUsage.rss();
  }

  get systemBytes(): number {
    return totalmem();
  }

  /** Bytes of spans and large blocks. */
  get activeBytes(): number {
    return this.residentBytes - this.#server.arena.purgeableBytes;
  }

  /** Active bytes, and those of free pages that were not given back yet. */
  get residentBytes(): number {
    return this.#server.arena.committedBytes;
  }

  /** Gives free pages back to the system while there are many of them; true when there is more to do at once. */
  returnSome(): boolean {
    const { arena } = this.#server;
    if (arena.purgeableBytes > KEPT_BYTES) arena.purge(GRANULES_A_SLICE);
    return arena.purgeableBytes > KEPT_BYTES;
  }

  /** Share of the data in all that was allocated since the start, in percent. */
  get datasetPercent(): number {
    const net = this.usedBytes - this.startupBytes;
    return net <= 0 ? 0 : Math.min(100, (this.datasetBytes / net) * 100);
  }

  resetPeak(): void {
    this.peakBytes = this.usedBytes;
    this.peakTimeSec = Math.floor(this.#server.clock.nowMs() / 1000);
  }
}
