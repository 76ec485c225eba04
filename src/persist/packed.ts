// Reads the elements of packed values in foreign bytes: listpacks, ziplists, zipmaps and intsets. Every length is checked
// before it is followed, and the end must be where it is said to be.
//
//   listpack   total bytes:32 | elements:16 | element … | 0xff                                 (structs/listpack_codec.ts)
//   intset     bytes an integer:32 | integers:32 | integers in ascending order
//   zipmap     fields:8 | length field | length spare:8 value, spare bytes | … | 0xff
//              length: 1 byte up to 253, or 254 and 32 bits; fields: not to be trusted from 254 on
//   ziplist    total bytes:32 | place of the last element:32 | elements:16 | element … | 0xff
//              element: bytes of the element before (1 byte up to 253, or 254 and 32 bits), encoding, content
//              encoding: 00llllll | 01llllll llllllll | 10______ length:32, of strings (high byte first)
//                        c0 int16 | d0 int32 | e0 int64 | f0 int24 | fe int8 | f1 … fd the numbers 0 … 12
import { int64ToBytes, wordsToBigInt } from '../base/int64.ts';
import {
  bodyBytes,
  closingBytes,
  END,
  isString,
  read32,
  stringHeadBytes,
} from '../structs/listpack_codec.ts';
import { RdbError } from './rdb_input.ts';

const COUNT_UNKNOWN = 0xffff;
const LISTPACK_HEAD_BYTES = 6;
const ZIPLIST_HEAD_BYTES = 10;
const INTSET_HEAD_BYTES = 8;
const LONG_LENGTH = 254;
const ZIPLIST_INT8 = 0xfe;
const ZIPLIST_INT16 = 0xc0;
const ZIPLIST_INT24 = 0xf0;
const ZIPLIST_INT32 = 0xd0;
const ZIPLIST_INT64 = 0xe0;

/** Elements one after the other. */
export abstract class Packed {
  /** Text of the element at hand: `textBytes` bytes of `text` from `textAt` on. They stay as they are. */
  text: Uint8Array;
  textAt = 0;
  textBytes = 0;
  protected readonly bytes: Uint8Array;
  protected readonly view: DataView;
  protected readonly start: number;
  /** Where the next element begins, and the first byte behind all of it. */
  protected at: number;
  protected readonly end: number;

  constructor(bytes: Uint8Array, at: number, length: number) {
    this.bytes = bytes;
    this.text = bytes;
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
    this.start = at;
    this.at = at;
    this.end = at + length;
  }

  /** Goes to the next element; false at the end. */
  abstract next(): boolean;

  /** Goes to the next element, which there must be. */
  need(): void {
    if (!this.next()) this.fail('an element is missing');
  }

  /** Throws: the bytes are not sound. */
  fail(what: string): never {
    throw this.error(what);
  }

  error(what: string): RdbError {
    return new RdbError(`integrity check failed: ${what} in a packed value`, this.at);
  }

  /** Throws unless `count` bytes follow `at`. */
  protected within(at: number, count: number): void {
    if (count > this.end - at) this.fail('bytes are missing');
  }

  protected setText(at: number, length: number): void {
    this.within(at, length);
    this.text = this.bytes;
    this.textAt = at;
    this.textBytes = length;
  }

  protected setInteger(value: number | bigint): void {
    this.text = int64ToBytes(value);
    this.textAt = 0;
    this.textBytes = this.text.length;
  }

  /** The integer of `bytes` bytes at `at`, low byte first. */
  protected setIntegerAt(at: number, bytes: number): void {
    this.within(at, bytes);
    const { view } = this;
    if (bytes === 1) this.setInteger(view.getInt8(at));
    else if (bytes === 2) this.setInteger(view.getInt16(at, true));
    else if (bytes === 3) this.setInteger((view.getInt8(at + 2) << 16) | view.getUint16(at, true));
    else if (bytes === 4) this.setInteger(view.getInt32(at, true));
    else this.setInteger(wordsToBigInt(view.getUint32(at, true), view.getUint32(at + 4, true)));
  }
}

export class PackedList extends Packed {
  #left: number;

  constructor(bytes: Uint8Array, at: number, length: number) {
    super(bytes, at, length);
    if (length <= LISTPACK_HEAD_BYTES || read32(bytes, at) !== length) this.fail('wrong size');
    this.#left = this.view.getUint16(at + 4, true);
    this.at += LISTPACK_HEAD_BYTES;
  }

  next(): boolean {
    const { bytes, at } = this;
    this.within(at, 1);
    const head = bytes[at]!;
    if (head === END) {
      if (at !== this.end - 1) this.fail('an early end');
      if (this.#left !== 0 && this.#left !== COUNT_UNKNOWN) this.fail('wrong count');
      return false;
    }
    if (head > 0xf4) this.fail('unknown encoding');
    const headBytes = isString(head) ? stringHeadBytes(head) : 1;
    this.within(at, headBytes);
    const body = bodyBytes(bytes, at);
    const closing = closingBytes(body);
    this.within(at, body + closing);
    this.#checkClosing(at + body, body, closing);
    if (isString(head)) this.setText(at + headBytes, body - headBytes);
    else if (head < 0x80) this.setInteger(head);
    else if (head < 0xe0) this.setInteger((((head & 31) << 27) >> 19) | bytes[at + 1]!);
    else this.setIntegerAt(at + 1, body - 1);
    this.at = at + body + closing;
    if (this.#left !== COUNT_UNKNOWN && --this.#left < 0) this.fail('wrong count');
    return true;
  }

  /** Throws unless the `closing` bytes at `at` say `body`. */
  #checkClosing(at: number, body: number, closing: number): void {
    let rest = body;
    for (let i = closing - 1; i >= 0; i--) {
      const said = i === 0 ? rest : (rest & 127) | 128;
      if (this.bytes[at + i] !== said) this.fail('wrong closing length');
      rest = Math.floor(rest / 128);
    }
  }
}

export class Ziplist extends Packed {
  #left: number;
  /** Where the last element is said to begin, and where the one before began. */
  readonly #last: number;
  #before = 0;

  constructor(bytes: Uint8Array, at: number, length: number) {
    super(bytes, at, length);
    if (length <= ZIPLIST_HEAD_BYTES || read32(bytes, at) !== length) this.fail('wrong size');
    this.#last = at + read32(bytes, at + 4);
    this.#left = this.view.getUint16(at + 8, true);
    this.at += ZIPLIST_HEAD_BYTES;
  }

  next(): boolean {
    const { bytes, at } = this;
    this.within(at, 1);
    if (bytes[at] === END) {
      if (at !== this.end - 1) this.fail('an early end');
      if (this.#left !== 0 && this.#left !== COUNT_UNKNOWN) this.fail('wrong count');
      if (this.#last !== (this.#before === 0 ? at : this.#before))
        this.fail('wrong place of the last element');
      return false;
    }
    let encodingAt = at + 1;
    let before = bytes[at]!;
    if (before === LONG_LENGTH) {
      this.within(at, 5);
      before = read32(bytes, at + 1);
      encodingAt = at + 5;
    }
    if (before !== (this.#before === 0 ? 0 : at - this.#before))
      this.fail('wrong length of the element before');
    this.#before = at;
    this.within(encodingAt, 1);
    this.#content(encodingAt);
    if (this.#left !== COUNT_UNKNOWN && --this.#left < 0) this.fail('wrong count');
    return true;
  }

  #content(at: number): void {
    const head = this.bytes[at]!;
    if (head < 0x40) this.#string(at + 1, head);
    else if (head < 0x80) {
      this.within(at, 2);
      this.#string(at + 2, ((head & 63) << 8) | this.bytes[at + 1]!);
    } else if (head < 0xc0) {
      this.within(at, 5);
      this.#string(at + 5, this.view.getUint32(at + 1, false));
    } else if (head === ZIPLIST_INT8) this.#integer(at + 1, 1);
    else if (head === ZIPLIST_INT16) this.#integer(at + 1, 2);
    else if (head === ZIPLIST_INT24) this.#integer(at + 1, 3);
    else if (head === ZIPLIST_INT32) this.#integer(at + 1, 4);
    else if (head === ZIPLIST_INT64) this.#integer(at + 1, 8);
    else if (head > 0xf0 && head < 0xfe) {
      this.setInteger((head & 15) - 1);
      this.at = at + 1;
    } else this.fail('unknown encoding');
  }

  #string(at: number, length: number): void {
    this.setText(at, length);
    this.at = at + length;
  }

  #integer(at: number, bytes: number): void {
    this.setIntegerAt(at, bytes);
    this.at = at + bytes;
  }
}

export class Zipmap extends Packed {
  #isValue = false;
  #parts = 0;

  constructor(bytes: Uint8Array, at: number, length: number) {
    super(bytes, at, length);
    this.within(at, 2);
    this.at++;
  }

  next(): boolean {
    const { bytes, at } = this;
    this.within(at, 1);
    let length = bytes[at]!;
    if (length === END) {
      const fields = bytes[this.start]!;
      if (this.#isValue || at !== this.end - 1) this.fail('an early end');
      if (fields < LONG_LENGTH && fields * 2 !== this.#parts) this.fail('wrong count');
      return false;
    }
    let textAt = at + 1;
    if (length === LONG_LENGTH) {
      this.within(at, 5);
      length = read32(bytes, at + 1);
      if (length < LONG_LENGTH) this.fail('a long form of a short length');
      textAt = at + 5;
    }
    let spare = 0;
    if (this.#isValue) {
      this.within(textAt, 1);
      spare = bytes[textAt++]!;
    }
    this.within(textAt, length + spare);
    this.setText(textAt, length);
    this.at = textAt + length + spare;
    this.#isValue = !this.#isValue;
    this.#parts++;
    return true;
  }
}

export class PackedIntegers extends Packed {
  readonly #bytesEach: number;
  #previous = -(2n ** 64n);

  constructor(bytes: Uint8Array, at: number, length: number) {
    super(bytes, at, length);
    this.within(at, INTSET_HEAD_BYTES);
    this.#bytesEach = read32(bytes, at);
    if (this.#bytesEach !== 2 && this.#bytesEach !== 4 && this.#bytesEach !== 8)
      this.fail('unknown encoding');
    if (this.count * this.#bytesEach !== length - INTSET_HEAD_BYTES) this.fail('wrong size');
    this.at += INTSET_HEAD_BYTES;
  }

  /** Number of integers. */
  get count(): number {
    return read32(this.bytes, this.start + 4);
  }

  next(): boolean {
    const { at, view } = this;
    if (at === this.end) return false;
    const bytes = this.#bytesEach;
    let value: bigint;
    if (bytes === 2) value = BigInt(view.getInt16(at, true));
    else value = bytes === 4 ? BigInt(view.getInt32(at, true)) : view.getBigInt64(at, true);
    if (value <= this.#previous) this.fail('wrong order');
    this.#previous = value;
    this.setInteger(value);
    this.at = at + bytes;
    return true;
  }
}
