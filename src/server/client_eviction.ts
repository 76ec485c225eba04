// maxmemory-clients: while all clients together take more memory than that, those that take most are closed.
//
// What connections hold is counted by the native side as a whole, so seeing whether there is too much is cheap; it is looked
// at before every batch, when a large request is about to run, and a few times a second, because a request that never ends
// makes no batch. Only if there is too much are those looked at who hold requests or replies or have an object; all others,
// who take the same few bytes each, come last. Clients are closed by size, but sizes within a factor of two count as the same
// (Redis keeps such buckets), and nobody is closed whom CLIENT NO-EVICT protects.
//
// Before and after that the I/O side is let catch up, so that the count is exact: what is on its way into a connection's memory is
// there, and what a closed one held is gone.
import { holderColumns } from '../bridge/binding.ts';
import { lineOfRow, RECORD_BYTES } from '../commands/client_view.ts';
import type { ClientEvictionPort } from '../commands/server_port.ts';
import type { Client } from '../session/client.ts';
import type { ServerCore } from './server.ts';

/** No limit is less, or nobody could connect to set a better one. */
const LEAST_BYTES = 128 * 1024;
/** Clients that take no more than this are in one bucket. */
const SMALLEST_BUCKET_LOG2 = 15;
/** So many objects of clients are summed up in about a tenth of the time until that is done again. */
const OBJECTS_PER_MS = 1000;
/** How long to leave it at that when nobody was left to close. */
const IN_VAIN_MS = 100;
/** In place of the bytes of a candidate that was closed. */
const CLOSED = -1;

/** Connections that may be closed: their lane, slot and id, and what they take. */
class Candidates {
  readonly lanes: number[] = [];
  readonly slots: number[] = [];
  readonly ids: number[] = [];
  readonly bytes: number[] = [];

  add(lane: number, slot: number, id: number, bytes: number): void {
    this.lanes.push(lane);
    this.slots.push(slot);
    this.ids.push(id);
    this.bytes.push(bytes);
  }

  /** The oldest one of the largest bucket, or all of that bucket, the oldest first. */
  largest(all: boolean): number[] {
    const { ids, bytes } = this;
    let top = 0;
    let found: number[] = [];
    for (let i = 0; i < bytes.length; i++) {
      const bucket = bytes[i]! < 0 ? 0 : bucketOf(bytes[i]!);
      if (bucket === 0 || bucket < top) continue;
      if (bucket > top) found = [];
      top = bucket;
      if (all || found.length === 0) found.push(i);
      else if (ids[i]! < ids[found[0]!]!) found[0] = i;
    }
    return found.sort((a, b) => ids[a]! - ids[b]!);
  }
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
    if (memory.clientBytes + requestBytes < this.limitBytes) return;
    this.#catchUp();
    const excess = memory.clientBytes + requestBytes - this.#leavingBytes() - this.limitBytes;
    if (excess >= 0) this.#evict(excess, requestBytes, nowMs);
  }

  /** Waits until the I/O side has done all that it was told. */
  #catchUp(): void {
    const { lanes, reactor } = this.#server;
    this.#server.flush();
    for (const lane of lanes) reactor.reserve(lane.index, lane.out.length);
  }

  /** What is still counted of clients whose connections are closed, until the execution thread is told so. */
  #leavingBytes(): number {
    let bytes = 0;
    for (const client of this.#server.clients.known()) if (client.gone) bytes += client.memoryBytes;
    return bytes;
  }

  /** Clients that may be closed, by the logarithm of their size (DEBUG CLIENT-EVICTION). */
  buckets(): Map<number, { clients: number; bytes: number }> {
    const buckets = new Map<number, { clients: number; bytes: number }>();
    for (const bytes of [...this.#outstanding(0).bytes, ...this.#plain().bytes]) {
      const bucket = buckets.get(bucketOf(bytes)) ?? { clients: 0, bytes: 0 };
      buckets.set(bucketOf(bytes), { clients: bucket.clients + 1, bytes: bucket.bytes + bytes });
    }
    return buckets;
  }

  #evict(excessBytes: number, requestBytes: number, nowMs: number): void {
    let excess = this.#closeLargest(this.#outstanding(requestBytes), excessBytes);
    if (excess >= 0) excess = this.#closeLargest(this.#plain(), excess);
    this.#catchUp();
    if (excess >= 0) this.#nextLookMs = nowMs + IN_VAIN_MS;
  }

  /** Closes clients until the excess is gone; returns what is left of it. */
  #closeLargest(candidates: Candidates, excessBytes: number): number {
    const { lanes, slots, ids, bytes } = candidates;
    let excess = excessBytes;
    // Mostly one is enough, and need not be found by sorting.
    for (let all = false; excess >= 0; all = true) {
      const largest = candidates.largest(all);
      if (largest.length === 0) break;
      for (const i of largest) {
        if (excess < 0) break;
        if (this.#close(lanes[i]!, slots[i]!, ids[i]!)) excess -= bytes[i]!;
        bytes[i] = CLOSED;
      }
    }
    return excess;
  }

  /** False if the connection has ended already. */
  #close(lane: number, slot: number, id: number): boolean {
    const { context, log, reactor } = this.#server;
    const row = reactor.clientRow(lane, slot);
    if (row === null || row.closed || row.id !== id) return false;
    log.notice(`Evicting client: ${lineOfRow(context, row)}`);
    this.evicted++;
    this.#server.closeConnection(row);
    return true;
  }

  /** Clients that hold requests or replies, or have an object. */
  #outstanding(requestBytes: number): Candidates {
    const { clients } = this.#server;
    const currentId = requestBytes > 0 ? this.#server.currentRow().id : 0;
    const candidates = new Candidates();
    const seen = new Set<Client>();
    const add = (lane: number, slot: number, id: number, heldBytes: number, client: Client | undefined) => {
      if (client?.gone || client?.noEvict) return;
      const extraBytes = id === currentId ? requestBytes : 0;
      candidates.add(lane, slot, id, RECORD_BYTES + heldBytes + (client?.memoryBytes ?? 0) + extraBytes);
    };
    const holders = clients.holders();
    for (let at = 0; at < holders.length; at += holderColumns) {
      const lane = holders[at]!;
      const slot = holders[at + 1]!;
      const client = clients.named(lane, slot, holders[at + 2]!);
      if (client !== undefined) seen.add(client);
      add(lane, slot, holders[at + 3]!, holders[at + 4]!, client);
    }
    for (const client of clients.known()) {
      if (!seen.has(client)) add(client.lane, client.slot, client.id, 0, client);
    }
    return candidates;
  }

  /** All others. */
  #plain(): Candidates {
    const { clients } = this.#server;
    const holders = clients.holders();
    const ids = new Set<number>();
    for (let at = 0; at < holders.length; at += holderColumns) ids.add(holders[at + 3]!);
    const candidates = new Candidates();
    for (const row of clients.rows()) {
      if (row.closed || ids.has(row.id) || clients.find(row) !== undefined) continue;
      candidates.add(row.lane, row.slot, row.id, RECORD_BYTES);
    }
    return candidates;
  }
}

function bucketOf(bytes: number): number {
  return Math.max(SMALLEST_BUCKET_LOG2, Math.floor(Math.log2(bytes)));
}
