// Which clients may have which keys in their caches, for CLIENT TRACKING without BCAST. It stands in the arena: one element
// (structs/element.ts) for each key of any database, whose value are the tickets of the clients that read it.
//
//   member: the key    value: tickets in use:32 | ticket:32 | ticket:32 | …       (low byte first, on any byte)
//
// Tickets ascend, so that a client is found among thousands by halving; room grows to twice as many when it is full. A key of
// 16 bytes that one client reads takes 32 bytes, and 8 in the table.
import type { Arena, Ref } from '../arena/arena.ts';
import type { KeyHash } from '../base/keyhash.ts';
import type { Random } from '../base/random.ts';
import { HAS_VALUE } from '../structs/element.ts';
import { ElementTable } from '../structs/element_table.ts';

const WORD_BYTES = 4;
/** A table of more blocks than this is freed in slices. */
const AT_ONCE_BLOCKS = 1024;
const BLOCKS_AT_ONCE = 256;

export class TrackingTable {
  /** Tickets of all keys together. */
  items = 0;
  /** What `take` found, as many as it said. */
  tickets = new Uint32Array(16);
  readonly #table: ElementTable;
  /** Another view of the arena, for tables that are being freed while this one is open. */
  readonly #dropper: ElementTable;
  readonly #dropped: Ref[] = [];
  #header: Ref = 0;

  constructor(arena: Arena, hash: KeyHash) {
    this.#table = new ElementTable(arena, hash);
    this.#dropper = new ElementTable(arena, hash);
  }

  /** Number of keys. */
  get size(): number {
    return this.#header === 0 ? 0 : this.#table.size;
  }

  /** Notes that the client with this ticket read a key with this hash. */
  add(key: Uint8Array, at: number, bytes: number, hash: number, ticket: number): void {
    const table = this.#table;
    if (this.#header === 0) this.#header = table.create();
    const ref = table.find(key, at, bytes, hash);
    if (ref === 0) this.#addKey(key, at, bytes, hash, ticket);
    else this.#addTicket(ref, ticket);
  }

  /** Takes a key out; returns how many tickets it had, which are in `tickets`. */
  take(key: Uint8Array, at: number, bytes: number, hash: number): number {
    const table = this.#table;
    const ref = this.#header === 0 ? 0 : table.find(key, at, bytes, hash);
    if (ref === 0) return 0;
    const { elements } = table;
    const view = elements.view(ref);
    const valueAt = elements.valueAt(ref);
    const count = read32(view, valueAt);
    if (this.tickets.length < count) this.tickets = new Uint32Array(2 * count);
    for (let i = 0; i < count; i++) this.tickets[i] = read32(view, valueAt + (i + 1) * WORD_BYTES);
    table.removeHit();
    elements.free(ref);
    this.items -= count;
    return count;
  }

  /** A copy of a key chosen at random; the table must not be empty. */
  randomKey(random: Random): Uint8Array {
    const { elements } = this.#table;
    const ref = this.#table.randomRef(random);
    const at = elements.memberAt(ref);
    return elements.view(ref).slice(at, at + elements.memberBytes(ref));
  }

  /** Forgets everything; much of it is left to `freeSome`. */
  clear(): void {
    if (this.#header === 0) return;
    if (this.#table.effort(this.#header) <= AT_ONCE_BLOCKS) this.#dropper.drop(this.#header);
    else this.#dropped.push(this.#header);
    this.#header = 0;
    this.items = 0;
  }

  /** Frees a piece of what was cleared; whether something is left. */
  freeSome(): boolean {
    const header = this.#dropped.at(-1);
    if (header !== undefined && this.#dropper.freeSome(header, BLOCKS_AT_ONCE)) this.#dropped.pop();
    return this.#dropped.length > 0;
  }

  #addKey(key: Uint8Array, at: number, bytes: number, hash: number, ticket: number): void {
    const { elements } = this.#table;
    const ref = elements.create(key, at, bytes, HAS_VALUE, 2 * WORD_BYTES);
    const view = elements.view(ref);
    const valueAt = elements.valueAt(ref);
    write32(view, valueAt, 1);
    write32(view, valueAt + WORD_BYTES, ticket);
    this.#table.add(hash, ref);
    this.items++;
  }

  /** Adds a ticket to the element at the hit, if it is not there yet. */
  #addTicket(ref: Ref, ticket: number): void {
    const { elements } = this.#table;
    let view = elements.view(ref);
    let valueAt = elements.valueAt(ref);
    const count = read32(view, valueAt);
    const place = placeOf(view, valueAt + WORD_BYTES, count, ticket);
    if (place < count && read32(view, valueAt + (place + 1) * WORD_BYTES) === ticket) return;
    if ((count + 1) * WORD_BYTES === elements.valueBytes(ref)) {
      const next = elements.setValueBytes(ref, (2 * count + 1) * WORD_BYTES);
      this.#table.replaceHit(next);
      view = elements.view(next);
      valueAt = elements.valueAt(next);
    }
    const from = valueAt + (place + 1) * WORD_BYTES;
    view.copyWithin(from + WORD_BYTES, from, valueAt + (count + 1) * WORD_BYTES);
    write32(view, from, ticket);
    write32(view, valueAt, count + 1);
    this.items++;
  }
}

/** How many of the tickets are less than this one. */
function placeOf(view: Uint8Array, at: number, count: number, ticket: number): number {
  let low = 0;
  let high = count;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (read32(view, at + middle * WORD_BYTES) < ticket) low = middle + 1;
    else high = middle;
  }
  return low;
}

function read32(view: Uint8Array, at: number): number {
  return (view[at]! | (view[at + 1]! << 8) | (view[at + 2]! << 16) | (view[at + 3]! << 24)) >>> 0;
}

function write32(view: Uint8Array, at: number, value: number): void {
  view[at] = value;
  view[at + 1] = value >>> 8;
  view[at + 2] = value >>> 16;
  view[at + 3] = value >>> 24;
}
