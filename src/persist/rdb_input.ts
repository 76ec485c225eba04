// Bytes of the RDB format on their way in (rdb_output.ts draws them). Nothing that they say is believed before it is checked
// against the bytes that are there: a length that is not followed by so many bytes is an error, and costs no memory.
import { int64ToBytes } from '../base/int64.ts';
import { decompressLzf } from '../structs/lzf.ts';
import {
  LENGTH_6,
  LENGTH_14,
  LENGTH_32,
  LENGTH_64,
  LENGTH_WIDE,
  SPECIAL,
  STRING_INT8,
  STRING_INT16,
  STRING_INT32,
  STRING_LZF,
} from './rdb_format.ts';

const TWO_32 = 2 ** 32;
/** Three compressed bytes stand for at most 264. */
const LZF_RATIO_MAX = 88;

/** Bytes that are not what they should be. */
export class RdbError extends Error {
  constructor(what: string, offset: number) {
    super(`${what} at offset ${offset}`);
    this.name = 'RdbError';
  }
}

export class RdbInput {
  /** The bytes, where the next one is, and where they end. */
  readonly bytes: Uint8Array;
  at: number;
  readonly end: number;
  /** Text of the string that was read last: `textBytes` bytes of `text` from `textAt` on. They stay as they are. */
  text: Uint8Array;
  textAt = 0;
  textBytes = 0;
  /** The 64 bits that were read last. */
  low = 0;
  high = 0;
  readonly #view: DataView;

  constructor(bytes: Uint8Array, at: number, end: number) {
    this.bytes = bytes;
    this.text = bytes;
    this.at = at;
    this.end = end;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  }

  /** Throws: the bytes are not sound. */
  fail(what: string): never {
    throw new RdbError(what, this.at);
  }

  /** Goes over `count` bytes; answers where they are. */
  take(count: number): number {
    const at = this.at;
    if (count > this.end - at) this.fail(`${count} bytes are missing`);
    this.at = at + count;
    return at;
  }

  byte(): number {
    return this.bytes[this.take(1)]!;
  }

  double(): number {
    return this.#view.getFloat64(this.take(8), true);
  }

  /** 64 bits, the low byte first, into `low` and `high`. */
  words(): void {
    const at = this.take(8);
    this.low = this.#view.getUint32(at, true);
    this.high = this.#view.getUint32(at + 4, true);
  }

  /** A time in ms: 64 bits, the low byte first. */
  timeMs(): number {
    this.words();
    const value = (this.high | 0) * TWO_32 + this.low;
    if (!Number.isSafeInteger(value)) this.fail('time out of range');
    return value;
  }

  /** 64 bits, the high byte first, into `low` and `high`. */
  wordsBigEndian(): void {
    const at = this.take(8);
    this.high = this.#view.getUint32(at, false);
    this.low = this.#view.getUint32(at + 4, false);
  }

  /** A number in the form of a length, into `low` and `high`. */
  number(): void {
    this.#number(this.byte());
  }

  /** A length, or any other number below 2^53. */
  size(): number {
    this.number();
    return this.#safe();
  }

  /** How many things follow, each of which takes `bytesEach` bytes at least; they are there. */
  count(bytesEach: number): number {
    const count = this.size();
    if (count * bytesEach > this.end - this.at) this.fail(`${count} elements are missing`);
    return count;
  }

  /** A string, into `text`. */
  string(): void {
    const first = this.byte();
    if (first >>> 6 !== SPECIAL) {
      this.#number(first);
      const length = this.#safe();
      this.text = this.bytes;
      this.textAt = this.take(length);
      this.textBytes = length;
      return;
    }
    const form = first & 63;
    if (form === STRING_LZF) this.#compressed();
    else this.#integer(form);
  }

  #number(first: number): void {
    const kind = first >>> 6;
    this.high = 0;
    if (kind === LENGTH_6) {
      this.low = first & 63;
    } else if (kind === LENGTH_14) {
      this.low = ((first & 63) << 8) | this.byte();
    } else if (kind === LENGTH_WIDE && first === LENGTH_32) {
      this.low = this.#view.getUint32(this.take(4), false);
    } else if (kind === LENGTH_WIDE && first === LENGTH_64) {
      this.wordsBigEndian();
    } else {
      this.fail('no length');
    }
  }

  #safe(): number {
    const value = this.high * TWO_32 + this.low;
    if (!Number.isSafeInteger(value)) this.fail('length out of range');
    return value;
  }

  #compressed(): void {
    const compressed = this.size();
    const length = this.size();
    const from = this.take(compressed);
    if (length === 0 || length > compressed * LZF_RATIO_MAX) this.fail('length of a compressed string');
    const text = new Uint8Array(length);
    if (!decompressLzf(this.bytes, from, compressed, text, 0, length)) this.fail('compressed string');
    this.#set(text);
  }

  #integer(form: number): void {
    if (form === STRING_INT8) this.#set(int64ToBytes(this.#view.getInt8(this.take(1))));
    else if (form === STRING_INT16) this.#set(int64ToBytes(this.#view.getInt16(this.take(2), true)));
    else if (form === STRING_INT32) this.#set(int64ToBytes(this.#view.getInt32(this.take(4), true)));
    else this.fail('form of a string');
  }

  #set(text: Uint8Array): void {
    this.text = text;
    this.textAt = 0;
    this.textBytes = text.length;
  }
}
