// Bytes of the RDB format on their way out: lengths, strings, numbers. They gather in a buffer, which grows for a dump and is
// handed on from time to time for a file.
//
//   length    00llllll   |   01llllll llllllll   |   10000000 length:32   |   10000001 length:64       (high byte first)
//   string    length, bytes
//             11000000 int:8   |   11000001 int:16   |   11000010 int:32                                (low byte first)
//             11000011 length of the compressed bytes, length, compressed bytes                         (structs/lzf.ts)
import { copyBytes } from '../base/bytes.ts';
import { Crc64 } from '../base/crc64.ts';
import { parseInt53 } from '../base/int64.ts';
import { Lzf } from '../structs/lzf.ts';
import {
  DUMP_FOOTER_BYTES,
  LENGTH_6,
  LENGTH_14,
  LENGTH_32,
  LENGTH_64,
  SPECIAL,
  STRING_INT8,
  STRING_INT16,
  STRING_INT32,
  STRING_LZF,
} from './rdb_format.ts';

const FIRST_BYTES = 4096;
/** A larger buffer is given up after use. */
const KEPT_BYTES_MAX = 1024 * 1024;
const TWO_32 = 2 ** 32;
/** Text of integers of 32 bits is no longer. */
const INT_CHARS_MAX = 11;
/** Shorter strings are not compressed, nor those that do not get shorter by so much. */
const COMPRESSED_BYTES_MIN = 21;
const GAIN_BYTES_MIN = 4;
/** In a stream that compresses nothing one byte comes before so many. */
const LZF_RUN_BYTES = 32;
/** Longest head of a string: three lengths. */
const HEAD_BYTES_MAX = 19;

export class RdbOutput {
  /** What was written: `length` bytes. */
  bytes = new Uint8Array(FIRST_BYTES);
  length = 0;
  /** Whether strings are compressed where that makes them shorter. */
  compresses = true;
  readonly crc: Crc64;
  readonly #lzf = new Lzf();
  readonly #double = new Float64Array(1);
  readonly #doubleBytes = new Uint8Array(this.#double.buffer);

  /** `crc` sums up what is written, for who calls it. */
  constructor(crc = new Crc64()) {
    this.crc = crc;
  }

  /** Forgets what was written. */
  reset(): void {
    this.length = 0;
    if (this.bytes.length > KEPT_BYTES_MAX) this.bytes = new Uint8Array(FIRST_BYTES);
  }

  /** What was written goes with its buffer to the caller, who gives another one for what follows. */
  exchange(next: Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer> {
    const { bytes, length } = this;
    this.bytes = next;
    this.length = 0;
    return bytes.subarray(0, length);
  }

  byte(value: number): void {
    this.#room(1);
    this.bytes[this.length++] = value;
  }

  raw(bytes: Uint8Array, at: number, length: number): void {
    this.#room(length);
    copyBytes(bytes, at, this.bytes, this.length, length);
    this.length += length;
  }

  /** Four bytes, low one first. */
  word(value: number): void {
    this.#room(4);
    this.#put(value, 4);
  }

  /** A safe integer as 64 bits, low byte first. */
  int64(value: number): void {
    this.word(value >>> 0);
    this.word(Math.floor(value / TWO_32) >>> 0);
  }

  double(value: number): void {
    this.#double[0] = value;
    this.raw(this.#doubleBytes, 0, 8);
  }

  /** Two words as 64 bits, high byte first. */
  bigEndian(high: number, low: number): void {
    this.#wordBigEndian(high);
    this.#wordBigEndian(low);
  }

  /** A length, or any other safe number that is not negative. */
  size(value: number): void {
    if (value < 64) this.byte((LENGTH_6 << 6) | value);
    else if (value < 16384) {
      this.byte((LENGTH_14 << 6) | (value >>> 8));
      this.byte(value);
    } else this.size64(Math.floor(value / TWO_32), value >>> 0);
  }

  /** A number of 64 bits without sign in the form of a length. */
  size64(high: number, low: number): void {
    if (high === 0 && low < 16384) this.size(low);
    else if (high === 0) {
      this.byte(LENGTH_32);
      this.#wordBigEndian(low);
    } else {
      this.byte(LENGTH_64);
      this.bigEndian(high, low);
    }
  }

  /** Any string: as a small integer, or compressed, where that is shorter. */
  string(bytes: Uint8Array, at: number, length: number): void {
    if (length <= INT_CHARS_MAX && this.#integer(parseInt53(bytes, at, length))) return;
    this.block(bytes, at, length);
  }

  /** An integer as a string; false, and nothing written, if it has more than 32 bits or is none. */
  integer(value: number): boolean {
    return this.#integer(value);
  }

  /** A string that is no integer: bytes, compressed where that is shorter. */
  block(bytes: Uint8Array, at: number, length: number): void {
    if (this.compresses && length >= COMPRESSED_BYTES_MIN && this.#compressed(bytes, at, length)) return;
    this.size(length);
    this.raw(bytes, at, length);
  }

  /** Ends a dump of a value: version and checksum of all that was written. */
  footer(version: number): void {
    this.#room(DUMP_FOOTER_BYTES);
    this.#put(version, 2);
    const { crc } = this;
    crc.reset();
    crc.update(this.bytes, 0, this.length);
    this.#put(crc.low, 4);
    this.#put(crc.high, 4);
  }

  #integer(value: number): boolean {
    if (value !== (value | 0)) return false;
    if (value === (value << 24) >> 24) this.#special(STRING_INT8, value, 1);
    else if (value === (value << 16) >> 16) this.#special(STRING_INT16, value, 2);
    else this.#special(STRING_INT32, value, 4);
    return true;
  }

  #special(form: number, value: number, count: number): void {
    this.#room(5);
    this.bytes[this.length++] = (SPECIAL << 6) | form;
    this.#put(value, count);
  }

  /** What comes before a string's LZF stream: how long that is, and the string itself. */
  compressedHead(storedBytes: number, length: number): void {
    this.byte((SPECIAL << 6) | STRING_LZF);
    this.size(storedBytes);
    this.size(length);
  }

  /** Bytes as an LZF stream, be that shorter or not. */
  lzf(lzf: Lzf, bytes: Uint8Array, at: number, length: number): void {
    const room = length + Math.ceil(length / LZF_RUN_BYTES) + 1;
    this.#room(room);
    this.length += lzf.compress(bytes, at, length, this.bytes, this.length, room);
  }

  /** Writes the string compressed; false, and nothing written, if that is no gain. */
  #compressed(bytes: Uint8Array, at: number, length: number): boolean {
    this.#room(HEAD_BYTES_MAX + length);
    const room = length - GAIN_BYTES_MIN;
    const bodyAt = this.length + HEAD_BYTES_MAX;
    const body = this.#lzf.compress(bytes, at, length, this.bytes, bodyAt, room);
    if (body === 0) return false;
    this.compressedHead(body, length);
    this.bytes.copyWithin(this.length, bodyAt, bodyAt + body);
    this.length += body;
    return true;
  }

  #wordBigEndian(value: number): void {
    this.#room(4);
    for (let shift = 24; shift >= 0; shift -= 8) this.bytes[this.length++] = value >>> shift;
  }

  /** Writes the low `count` bytes of a number, the lowest first; there is room. */
  #put(value: number, count: number): void {
    for (let i = 0; i < count; i++) this.bytes[this.length++] = value >>> (i << 3);
  }

  #room(bytes: number): void {
    const needed = this.length + bytes;
    if (needed <= this.bytes.length) return;
    const next = new Uint8Array(Math.max(needed, this.bytes.length * 2));
    next.set(this.bytes.subarray(0, this.length));
    this.bytes = next;
  }
}
