// The names of a database's hashes that have fields with an expiry, each with a time before which none of them expires.
//
// Names, not entries: an entry moves when it changes, and a hash may go in many ways. So nobody has to keep the list up to
// date; a name whose hash has gone, or has no such fields any more, leaves when its time has come. The lists of all
// databases share one table object (Keyspace.volatileNames).
import type { Ref } from '../arena/arena.ts';
import { HAS_EXPIRY } from '../structs/element.ts';
import type { ElementTable } from '../structs/element_table.ts';

export class VolatileHashes {
  readonly #names: ElementTable;
  /** Header of the list; 0 while there was no name yet. */
  #header: Ref = 0;
  #cursor = 0;

  constructor(names: ElementTable) {
    this.#names = names;
  }

  get size(): number {
    return this.#open() ? this.#names.size : 0;
  }

  /** The hash of this name has a field that expires at `dueMs` at the earliest. */
  note(name: Uint8Array, at: number, length: number, dueMs: number): void {
    const names = this.#names;
    if (this.#header === 0) this.#header = names.create();
    else names.open(this.#header);
    const hash = names.hash(name, at, length);
    let element = names.find(name, at, length, hash);
    if (element !== 0 && names.elements.expiry(element) <= dueMs) return;
    if (element === 0) {
      element = names.elements.create(name, at, length, HAS_EXPIRY, 0);
      names.add(hash, element);
    }
    names.elements.writeExpiry(element, dueMs);
  }

  /** Gives a name another time, or takes it off the list if there is none (0). */
  settle(name: Uint8Array, dueMs: number): void {
    if (!this.#open()) return;
    const names = this.#names;
    const element = names.find(name, 0, name.length, names.hash(name, 0, name.length));
    if (element === 0) return;
    if (dueMs !== 0) {
      names.elements.writeExpiry(element, dueMs);
      return;
    }
    names.removeHit();
    names.elements.free(element);
  }

  /** Goes on through `buckets` buckets of the list, or until about `limit` names are found whose time has come: those. */
  due(nowMs: number, buckets: number, limit: number): Uint8Array[] {
    const found: Uint8Array[] = [];
    if (!this.#open()) return found;
    const { elements } = this.#names;
    const look = (element: Ref): void => {
      if (elements.expiry(element) >= nowMs) return;
      const at = elements.memberAt(element);
      found.push(elements.view(element).slice(at, at + elements.memberBytes(element)));
    };
    for (let left = buckets; left > 0 && found.length < limit; left--) {
      this.#cursor = this.#names.walk(this.#cursor, look);
      if (this.#cursor === 0) break;
    }
    return found;
  }

  /** All names of the list. */
  all(): Uint8Array[] {
    const found: Uint8Array[] = [];
    if (!this.#open()) return found;
    const { elements } = this.#names;
    this.#names.startWalk();
    for (let element = this.#names.nextRef(); element !== 0; element = this.#names.nextRef()) {
      const at = elements.memberAt(element);
      found.push(elements.view(element).slice(at, at + elements.memberBytes(element)));
    }
    return found;
  }

  /** Whether `due` has come to the end of the list and would begin anew. */
  get isAtStart(): boolean {
    return this.#cursor === 0;
  }

  /** Frees about `blocks` blocks of the list, with which nothing else is done any more; true when it is gone. */
  freeSome(blocks: number): boolean {
    if (this.#header !== 0 && !this.#names.freeSome(this.#header, blocks)) return false;
    this.#header = 0;
    return true;
  }

  #open(): boolean {
    if (this.#header === 0) return false;
    this.#names.open(this.#header);
    return true;
  }
}
