// Walks over the fields of a hash that have not expired, and their removal once they have.
import type { Ref } from '../arena/arena.ts';
import type { Random } from '../base/random.ts';
import { HAS_EXPIRY } from '../structs/element.ts';
import { ENC_HASHTABLE, ENC_LISTPACK, ENC_LISTPACK_EX } from '../structs/entry.ts';
import { type Hashes, strideOf } from './hash.ts';
import { countExpiredIn, removeExpiredIn } from './hash_due.ts';
import { countExpired, expiryAt, firstNames } from './hash_triples.ts';

/** After so many expired fields in a row, chosen at random, the live ones are counted. */
const CHOOSING_TRIES = 64;
/** Up to a third of the fields are chosen one by one; of more, each is asked in turn. */
const FEW = 3;

export class HashWalk {
  readonly #hashes: Hashes;
  #structure: Ref = 0;
  #encoding = 0;
  #nowMs = 0;
  /** Position of the next field in a listpack. */
  #next = 0;

  constructor(hashes: Hashes) {
    this.#hashes = hashes;
  }

  /** Number of fields that did not expire before `nowMs`. */
  countLive(ref: Ref, nowMs: number): number {
    const { entries, lists, table } = this.#hashes;
    const size = this.#hashes.size(ref);
    const encoding = entries.encoding(ref);
    if (encoding === ENC_LISTPACK) return size;
    if (encoding === ENC_HASHTABLE) return size - countExpiredIn(table, nowMs);
    return size - countExpired(lists, entries.wordLow(ref), nowMs);
  }

  /** Begins a walk. The hash must not change until it ends, and no other one be walked. */
  start(ref: Ref, nowMs: number): void {
    const { entries, lists, table } = this.#hashes;
    this.#structure = entries.wordLow(ref);
    this.#encoding = entries.encoding(ref);
    this.#nowMs = nowMs;
    if (this.#encoding === ENC_HASHTABLE) {
      table.open(this.#structure);
      table.startWalk();
    } else {
      this.#next = lists.first(this.#structure);
    }
  }

  /** Makes the next field the found one of the hashes; false at the end. */
  next(): boolean {
    if (this.#encoding === ENC_HASHTABLE) return this.#nextElement();
    const { lists } = this.#hashes;
    for (;;) {
      const p = this.#next;
      if (p === 0) return false;
      let last = p;
      for (let part = strideOf(this.#encoding); part > 1; part--) last = lists.next(this.#structure, last);
      this.#next = lists.next(this.#structure, last);
      if (this.#encoding === ENC_LISTPACK_EX) {
        const expiryMs = expiryAt(lists, this.#structure, p);
        if (expiryMs !== 0 && expiryMs < this.#nowMs) continue;
      }
      this.#hashes.foundAt(p);
      return true;
    }
  }

  /** Chooses a live field, all with the same chance, which is the found one then; false if there is none. */
  choose(ref: Ref, nowMs: number, random: Random): boolean {
    const hashes = this.#hashes;
    for (let tries = this.#mayHaveExpired(ref, nowMs) ? CHOOSING_TRIES : 1; tries > 0; tries--) {
      hashes.choose(ref, random);
      const expiryMs = hashes.foundExpiryMs(ref);
      if (expiryMs === 0 || expiryMs >= nowMs) return true;
    }
    const live = this.countLive(ref, nowMs);
    if (live === 0) return false;
    this.start(ref, nowMs);
    for (let skip = random.below(live); skip >= 0; skip--) this.next();
    return true;
  }

  /** Chooses `wanted` of the `live` fields, each subset with the same chance; `visit` is called for each as found one. */
  chooseSome(ref: Ref, nowMs: number, random: Random, wanted: number, live: number, visit: () => void): void {
    const hashes = this.#hashes;
    const isTable = hashes.entries.encoding(ref) === ENC_HASHTABLE;
    if (isTable && wanted * FEW < live && !this.#mayHaveExpired(ref, nowMs)) {
      const chosen = new Set<number>();
      while (chosen.size < wanted) {
        hashes.choose(ref, random);
        const before = chosen.size;
        if (chosen.add(hashes.foundPlace).size > before) visit();
      }
      return;
    }
    // Selection sampling (Knuth, TAOCP 3.4.2, algorithm S).
    let left = live;
    let needed = wanted;
    this.start(ref, nowMs);
    while (needed > 0 && this.next()) {
      if (random.below(left--) >= needed) continue;
      needed--;
      visit();
    }
  }

  /**
   * Removes about `limit` fields that expired before `nowMs`, or looks at a bounded number of them; answers how many
   * went, and adds their names to `names`. There are no more to remove now when the due time of the hash is not before `nowMs`.
   */
  removeExpired(ref: Ref, nowMs: number, limit: number, names: Uint8Array[] | null): number {
    const { entries, lists, table } = this.#hashes;
    const structure = entries.wordLow(ref);
    const encoding = entries.encoding(ref);
    if (encoding === ENC_LISTPACK) return 0;
    if (encoding === ENC_HASHTABLE) {
      table.open(structure);
      return removeExpiredIn(table, nowMs, limit, names);
    }
    const count = Math.min(countExpired(lists, structure, nowMs), limit);
    if (names !== null) firstNames(lists, structure, count, names);
    if (count > 0) entries.writeWords(ref, lists.remove(structure, lists.first(structure), count * 3), 0);
    return count;
  }

  #mayHaveExpired(ref: Ref, nowMs: number): boolean {
    const dueMs = this.#hashes.dueMs(ref);
    return dueMs !== 0 && dueMs < nowMs;
  }

  #nextElement(): boolean {
    const { elements, table } = this.#hashes;
    for (;;) {
      const element = table.nextRef();
      if (element === 0) return false;
      const isVolatile = (elements.flags(element) & HAS_EXPIRY) !== 0;
      if (isVolatile && elements.expiry(element) < this.#nowMs) continue;
      this.#hashes.foundAt(element);
      return true;
    }
  }
}
