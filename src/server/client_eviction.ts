// maxmemory-clients: while all clients together take more memory than that, those that take most are closed.
//
// What connections hold is counted by the native side as a whole, so seeing whether there is too much is cheap; it is looked
// at before every batch, when a large request is about to run, and a few times a second, because a request that never ends
// makes no batch. Only if there is too much is every client looked at. They are closed by size, but sizes within a factor of
// two count as the same (Redis keeps such buckets), and nobody is closed whom CLIENT NO-EVICT protects.
import type { ClientRow } from '../bridge/binding.ts';
import { lineOfRow, memoryOf } from '../commands/client_view.ts';
import type { ClientEvictionPort } from '../commands/server_port.ts';
import type { ServerCore } from './server.ts';

/** No limit is less, or nobody could connect to set a better one. */
const LEAST_BYTES = 128 * 1024;
/** Clients that take no more than this are in one bucket. */
const SMALLEST_BUCKET_LOG2 = 15;
/** So many objects of clients are summed up in about a tenth of the time until that is done again. */
const OBJECTS_PER_MS = 1000;
/** How long to leave it at that when nobody was left to close. */
const IN_VAIN_MS = 100;

interface Candidate {
  readonly row: ClientRow;
  readonly bytes: number;
}

export class ClientEviction implements ClientEvictionPort {
  readonly #server: ServerCore;
  /** 0: there is no limit. */
  limitBytes = 0;
  evicted = 0;
  #nextLookMs = 0;

  constructor(server: ServerCore) {
    this.#server = server;
  }

  /** Puts `maxmemory-clients` into force: bytes, or as a negative number a percentage of `maxmemory`; 0 for neither. */
  configure(setting: number, maxmemory: number): void {
    const bytes = setting < 0 ? Math.floor((maxmemory * -setting) / 100) : setting;
    this.limitBytes = bytes === 0 ? 0 : Math.max(bytes, LEAST_BYTES);
    this.#nextLookMs = 0;
    this.look();
  }

  /** Closes clients if there is too much, `requestBytes` of a request of the current client included. */
  look(requestBytes = 0): void {
    if (this.limitBytes === 0) return;
    const { clock, memory } = this.#server;
    const nowMs = clock.monotonicMs();
    if (nowMs < this.#nextLookMs) return;
    const objects = this.#server.clients.knownCount;
    this.#nextLookMs = objects < OBJECTS_PER_MS ? 0 : nowMs + objects / OBJECTS_PER_MS;
    const excess = memory.clientBytes + requestBytes - this.limitBytes;
    if (excess >= 0) this.#evict(excess, requestBytes, nowMs);
  }

  /** Clients that may be closed, by the logarithm of their size (DEBUG CLIENT-EVICTION). */
  buckets(): Map<number, { clients: number; bytes: number }> {
    const buckets = new Map<number, { clients: number; bytes: number }>();
    for (const { bytes } of this.#candidates(0)) {
      const bucket = buckets.get(bucketOf(bytes)) ?? { clients: 0, bytes: 0 };
      buckets.set(bucketOf(bytes), { clients: bucket.clients + 1, bytes: bucket.bytes + bytes });
    }
    return buckets;
  }

  #evict(excessBytes: number, requestBytes: number, nowMs: number): void {
    let excess = excessBytes - this.#leavingBytes();
    if (excess < 0) return;
    const candidates = this.#candidates(requestBytes);
    candidates.sort((a, b) => bucketOf(b.bytes) - bucketOf(a.bytes) || a.row.id - b.row.id);
    for (const { row, bytes } of candidates) {
      this.#server.log.notice(`Evicting client: ${lineOfRow(this.#server.context, row)}`);
      this.evicted++;
      this.#server.closeConnection(row);
      excess -= bytes;
      if (excess < 0) break;
    }
    this.#server.flush();
    if (excess >= 0) this.#nextLookMs = nowMs + IN_VAIN_MS;
  }

  /** What is still counted of clients that are being closed. */
  #leavingBytes(): number {
    const { clients } = this.#server;
    let bytes = 0;
    for (const row of clients.rows()) {
      const client = clients.find(row);
      if (client?.gone) bytes += row.closed ? client.memoryBytes : memoryOf(row, client);
    }
    return bytes;
  }

  #candidates(requestBytes: number): Candidate[] {
    const { clients } = this.#server;
    const current = requestBytes > 0 ? this.#server.currentRow().id : 0;
    const candidates: Candidate[] = [];
    for (const row of clients.rows()) {
      const client = clients.find(row);
      if (row.closed || client?.noEvict || client?.gone) continue;
      const bytes = memoryOf(row, client) + (row.id === current ? requestBytes : 0);
      candidates.push({ row, bytes });
    }
    return candidates;
  }
}

function bucketOf(bytes: number): number {
  return Math.max(SMALLEST_BUCKET_LOG2, Math.floor(Math.log2(bytes)));
}
