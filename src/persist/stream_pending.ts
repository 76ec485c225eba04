// The pending entries of a group while it is read: they come first, their owners afterwards, id by id.
//
// They are kept in order of their ids, eight words each, outside of the JavaScript heap:   id (4) | delivered (2) | deliveries (2)
// Once an entry has an owner, the highest bit of the time says so.
import type { Ref } from '../arena/arena.ts';
import { wordsToBigInt } from '../base/int64.ts';
import { compareIdAt, type Id, makeId } from '../structs/stream_id.ts';
import type { StreamGroups } from '../types/stream_group.ts';
import type { RdbInput } from './rdb_input.ts';

/** What an entry takes at least: id, time and a length. */
const ENTRY_BYTES_MIN = 25;
const ENTRY_WORDS = 8;
const TIME = 4;
const DELIVERIES = 6;
const OWNED = 0x80000000;
const TWO_32 = 2 ** 32;
/** A larger list is given up after use. */
const KEPT_WORDS_MAX = 65536;

export class PendingList {
  readonly #groups: StreamGroups;
  #words = new Uint32Array(0);
  #count = 0;
  #given = 0;
  readonly #id: Id = makeId();

  constructor(groups: StreamGroups) {
    this.#groups = groups;
  }

  /** Reads all pending entries of a group. */
  read(input: RdbInput): void {
    this.#count = input.count(ENTRY_BYTES_MIN);
    this.#given = 0;
    if (this.#count * ENTRY_WORDS > this.#words.length || this.#words.length > KEPT_WORDS_MAX)
      this.#words = new Uint32Array(this.#count * ENTRY_WORDS);
    const words = this.#words;
    for (let i = 0; i < this.#count; i++) {
      const at = i * ENTRY_WORDS;
      this.#readId(input);
      words.set(this.#id, at);
      if (i > 0 && compareIdAt(words, at - ENTRY_WORDS, this.#id) >= 0) input.fail('wrong order of ids');
      const deliveredMs = input.timeMs();
      if (deliveredMs < 0) input.fail('time out of range');
      words[at + TIME] = input.low;
      words[at + TIME + 1] = input.high;
      input.number();
      words[at + DELIVERIES] = input.low;
      words[at + DELIVERIES + 1] = input.high;
    }
  }

  /** Reads an id and gives its entry to a consumer; 0: it was released. */
  give(input: RdbInput, group: Ref, consumer: Ref): void {
    this.#readId(input);
    const at = this.#find(this.#id) * ENTRY_WORDS;
    const words = this.#words;
    if (at < 0 || words[at + TIME + 1]! >= OWNED) input.fail('an entry that is not pending, or not for one');
    const deliveredMs = words[at + TIME + 1]! * TWO_32 + words[at + TIME]!;
    const pending = this.#groups.addPending(group, consumer, this.#id, deliveredMs);
    const deliveries = wordsToBigInt(words[at + DELIVERIES]!, words[at + DELIVERIES + 1]!);
    this.#groups.setDeliveries(pending, deliveries);
    if (consumer === 0) this.#groups.release(group, pending, this.#id);
    words[at + TIME + 1]! += OWNED;
    this.#given++;
  }

  /** Whether every entry has an owner. */
  get isSpent(): boolean {
    return this.#given === this.#count;
  }

  /** Index of an id, -1 if it is not there. */
  #find(id: Id): number {
    let low = 0;
    let high = this.#count - 1;
    while (low <= high) {
      const middle = (low + high) >>> 1;
      const order = compareIdAt(this.#words, middle * ENTRY_WORDS, id);
      if (order === 0) return middle;
      if (order < 0) low = middle + 1;
      else high = middle - 1;
    }
    return -1;
  }

  #readId(input: RdbInput): void {
    input.wordsBigEndian();
    this.#id[0] = input.high;
    this.#id[1] = input.low;
    input.wordsBigEndian();
    this.#id[2] = input.high;
    this.#id[3] = input.low;
  }
}
