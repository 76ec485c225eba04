// Bytes of the RDB format on their way in (rdb_output.ts draws them). Nothing that they say is believed before it is checked
// against the bytes that are there: a length that is not followed by so many bytes is an error, and costs no memory.
import { int64CharsMax, writeInt } from '../base/int64.ts';
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
/** Texts that are not among the bytes themselves stand one behind the other in blocks of so many bytes; long ones alone. */
const BLOCK_BYTES = 64 * 1024;
const LONG_BYTES = BLOCK_BYTES / 4;
/** Three compressed bytes stand for at most 264. */
const LZF_RATIO_MAX = 88;

const NO_BYTES = new Uint8Array(0);

/** Bytes that are not what they should be. */
export class RdbError extends Error {
  readonly what: string;
  readonly offset: number;
  /** Whether there are too few of them. */
  readonly isShort: boolean;

  constructor(what: string, offset: number, isShort = false) {
    super(`${what} at offset ${offset}`);
    this.name = 'RdbError';
    this.what = what;
    this.offset = offset;
    this.isShort = isShort;
  }
}

export class RdbInput {
  /** The bytes, where the next one is, and where they end. */
  bytes: Uint8Array;
  at: number;
  end: number;
  /** Text of the string that was read last: `textBytes` bytes of `text` from `textAt` on. They stay as they are. */
  text: Uint8Array;
  textAt = 0;
  textBytes = 0;
  /** The 64 bits that were read last. */
  low = 0;
  high = 0;
  /** What comes after `end`, and what came before the first of the bytes. */
  protected unread = 0;
  protected before = 0;
  #view: DataView;
  #block = NO_BYTES;
  #blockAt = 0;

  constructor(bytes: Uint8Array, at: number, end: number) {
    this.bytes = bytes;
    this.text = bytes;
    this.at = at;
    this.end = end;
    this.#view = viewOf(bytes);
  }

  /** Where in the whole the next byte is. */
  get offset(): number {
    return this.before + this.at;
  }

  /** Bytes that were not taken yet. */
  get left(): number {
    return this.end - this.at + this.unread;
  }

  /** Throws: the bytes are not sound. */
  fail(what: string): never {
    throw new RdbError(what, this.offset);
  }

  /** Throws: bytes are missing. */
  #failShort(what: string): never {
    throw new RdbError(what, this.offset, true);
  }

  /** Goes over `count` bytes; answers where they are. */
  take(count: number): number {
    if (count > this.end - this.at) this.#fetch(count);
    const { at } = this;
    this.at = at + count;
    return at;
  }

  /** Other bytes, of which `count` at least are those that come next; the old ones must stay as they are. */
  protected more(_count: number): Uint8Array {
    return this.bytes.subarray(this.at, this.end);
  }

  byte(): number {
    const at = this.take(1);
    return this.bytes[at]!;
  }

  double(): number {
    const at = this.take(8);
    return this.#view.getFloat64(at, true);
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
    if (count * bytesEach > this.left) this.#failShort(`${count} elements are missing`);
    return count;
  }

  /** A string, into `text`. */
  string(): void {
    const first = this.byte();
    if (first >>> 6 !== SPECIAL) {
      this.#number(first);
      const length = this.#safe();
      this.textAt = this.take(length);
      this.text = this.bytes;
      this.textBytes = length;
      return;
    }
    const form = first & 63;
    if (form === STRING_LZF) this.#compressed();
    else this.#integer(form);
  }

  #fetch(count: number): void {
    if (count > this.left) this.#failShort(`${count} bytes are missing`);
    const bytes = this.more(count);
    this.unread -= bytes.length - (this.end - this.at);
    this.before += this.at;
    this.bytes = bytes;
    this.#view = viewOf(bytes);
    this.at = 0;
    this.end = bytes.length;
  }

  #number(first: number): void {
    const kind = first >>> 6;
    this.high = 0;
    if (kind === LENGTH_6) {
      this.low = first & 63;
    } else if (kind === LENGTH_14) {
      this.low = ((first & 63) << 8) | this.byte();
    } else if (kind === LENGTH_WIDE && first === LENGTH_32) {
      const at = this.take(4);
      this.low = this.#view.getUint32(at, false);
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
    this.#makeText(length);
    if (!decompressLzf(this.bytes, from, compressed, this.text, this.textAt, length))
      this.fail('compressed string');
  }

  #integer(form: number): void {
    if (form > STRING_INT32) this.fail('form of a string');
    const at = this.take(1 << form);
    if (form === STRING_INT8) this.#digits(this.#view.getInt8(at));
    else if (form === STRING_INT16) this.#digits(this.#view.getInt16(at, true));
    else this.#digits(this.#view.getInt32(at, true));
  }

  #digits(value: number): void {
    this.#makeText(int64CharsMax);
    this.textBytes = writeInt(this.text, this.textAt, value) - this.textAt;
  }

  /** Points the text to so many bytes that are for the caller to write, and nobody's else. */
  #makeText(length: number): void {
    const isLong = length > LONG_BYTES;
    if (!isLong && this.#blockAt + length > this.#block.length) {
      this.#block = new Uint8Array(BLOCK_BYTES);
      this.#blockAt = 0;
    }
    this.text = isLong ? new Uint8Array(length) : this.#block;
    this.textAt = isLong ? 0 : this.#blockAt;
    this.textBytes = length;
    if (!isLong) this.#blockAt += length;
  }
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
}
