// Patterns of SORT's BY and GET: the name of a key in which the first * stands for an element, and behind -> a field if the
// key holds a hash. `#` is the element itself, any other pattern without a star nothing.
import { copyBytes } from '../base/bytes.ts';
import { TYPE_HASH, TYPE_STRING } from '../structs/entry.ts';
import { FOUND } from '../types/hash.ts';
import type { Context } from './context.ts';

const HASH_SIGN = 35;
const STAR = 42;
const ARROW = Buffer.from('->');

export class SortPattern {
  /** Text that `find` found: `length` bytes of `bytes` from `at` on, until the next call. */
  bytes: Uint8Array = new Uint8Array(0);
  at = 0;
  length = 0;
  readonly #c: Context;
  readonly #isElement: boolean;
  readonly #prefix: Uint8Array;
  readonly #suffix: Uint8Array;
  readonly #field: Uint8Array;
  readonly #star: number;
  #key = new Uint8Array(64);

  /** The pattern in argument `i`. */
  constructor(c: Context, i: number) {
    const pattern = Buffer.from(c.args.copy(i));
    this.#c = c;
    this.#isElement = pattern.length === 1 && pattern[0] === HASH_SIGN;
    this.#star = pattern.indexOf(STAR);
    const arrow = pattern.indexOf(ARROW, this.#star + 1);
    const hasField = arrow >= 0 && arrow + ARROW.length < pattern.length;
    this.#prefix = pattern.subarray(0, Math.max(this.#star, 0));
    this.#suffix = pattern.subarray(this.#star + 1, hasField ? arrow : pattern.length);
    this.#field = pattern.subarray(hasField ? arrow + ARROW.length : pattern.length);
  }

  /** Finds what the pattern says of an element; false if there is nothing. */
  find(bytes: Uint8Array, at: number, length: number): boolean {
    if (this.#isElement) return this.#take(bytes, at, length);
    if (this.#star < 0) return false;
    const { db, keyspace } = this.#c;
    const keyBytes = this.#nameKey(bytes, at, length);
    const ref = db.lookup(this.#key, 0, keyBytes, keyspace.hash.hash(this.#key, 0, keyBytes));
    if (ref === 0) return false;
    const type = keyspace.entries.type(ref);
    const { hashes, strings } = keyspace;
    const field = this.#field;
    if (field.length > 0) {
      if (type !== TYPE_HASH) return false;
      if (hashes.find(ref, field, 0, field.length, keyspace.pastMs) !== FOUND) return false;
      hashes.locateValue(ref);
      return this.#take(hashes.bytes, hashes.at, hashes.length);
    }
    if (type !== TYPE_STRING) return false;
    strings.locate(ref);
    return this.#take(strings.bytes, strings.at, strings.length);
  }

  #take(bytes: Uint8Array, at: number, length: number): true {
    this.bytes = bytes;
    this.at = at;
    this.length = length;
    return true;
  }

  /** Puts an element in the place of the star; answers the length of the key. */
  #nameKey(bytes: Uint8Array, at: number, length: number): number {
    const prefixBytes = this.#prefix.length;
    const keyBytes = prefixBytes + length + this.#suffix.length;
    if (keyBytes > this.#key.length) this.#key = new Uint8Array(keyBytes * 2);
    this.#key.set(this.#prefix);
    copyBytes(bytes, at, this.#key, prefixBytes, length);
    this.#key.set(this.#suffix, prefixBytes + length);
    return keyBytes;
  }
}
