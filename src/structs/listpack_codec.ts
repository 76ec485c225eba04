// How one listpack element is written; the format is Redis's (listpack.ts draws the whole).
//
//   body                                                                closing length
//   0xxxxxxx                                 integer 0 … 127            bytes of the body, 7 bits a byte, most
//   10llllll bytes                           string below 64 bytes      significant first; every byte but the
//   110xxxxx xxxxxxxx                        integer of 13 bits         first has its top bit set, so that it is
//   1110llll llllllll bytes                  string below 4096 bytes    read from its end
//   11110000 length:32 bytes                 longer string
//   11110001 / 0010 / 0011 / 0100            integer of 16 / 24 / 32 / 64 bits, low byte first
//
// Integers are signed, in two's complement; the 13-bit one and the 12-bit length have their high bits first.
import { equalBytes } from '../base/bytes.ts';

const TWO_32 = 4294967296;
const STRING_32 = 0xf0;
const INT_16 = 0xf1;
const INT_24 = 0xf2;
const INT_32 = 0xf3;
export const INT_64 = 0xf4;
export const END = 0xff;
/** Bytes of the body of a 64-bit integer. */
export const INT_64_BODY_BYTES = 9;

/** Bytes of the body of the element at `at`. */
export function bodyBytes(u8: Uint8Array, at: number): number {
  const head = u8[at]!;
  if (head < 0x80) return 1;
  if (head < 0xc0) return 1 + (head & 63);
  if (head < 0xe0) return 2;
  if (head < 0xf0) return 2 + (((head & 15) << 8) | u8[at + 1]!);
  if (head === STRING_32) return 5 + read32(u8, at + 1);
  if (head <= INT_32) return head - INT_16 + 3;
  if (head === INT_64) return INT_64_BODY_BYTES;
  throw new Error(`listpack: no element begins with ${head}`);
}

/** Bytes of the closing length of a body. */
export function closingBytes(body: number): number {
  if (body <= 127) return 1;
  if (body < 16383) return 2;
  if (body < 2097151) return 3;
  return body < 268435455 ? 4 : 5;
}

/** Bytes of the element at `at` in all. */
export function elementBytes(u8: Uint8Array, at: number): number {
  const head = u8[at]!;
  if (head < 0x80) return 2;
  if (head < 0xc0) return 2 + (head & 63);
  const body = bodyBytes(u8, at);
  return body + closingBytes(body);
}

export function writeClosing(u8: Uint8Array, at: number, body: number): void {
  if (body <= 127) {
    u8[at] = body;
    return;
  }
  let byte = at + closingBytes(body) - 1;
  for (let rest = body; byte > at; byte--) {
    u8[byte] = (rest & 127) | 128;
    rest = Math.floor(rest / 128);
  }
  u8[at] = Math.floor(body / 128 ** (closingBytes(body) - 1));
}

/** Bytes of the element that ends just before `end`. */
export function elementBytesBefore(u8: Uint8Array, end: number): number {
  let body = 0;
  let scale = 1;
  let at = end - 1;
  for (; (u8[at]! & 128) !== 0; at--) {
    body += (u8[at]! & 127) * scale;
    scale *= 128;
  }
  return body + u8[at]! * scale + end - at;
}

/** Whether an element whose first byte is `head` is a string. */
export function isString(head: number): boolean {
  return (head >= 0x80 && head < 0xc0) || (head >= 0xe0 && head <= STRING_32);
}

/** Bytes before the text of a string whose first byte is `head`. */
export function stringHeadBytes(head: number): number {
  if (head < 0xc0) return 1;
  return head < 0xf0 ? 2 : 5;
}

/** Bytes before the text of a string of `length` bytes. */
export function stringHeadBytesFor(length: number): number {
  if (length < 64) return 1;
  return length < 4096 ? 2 : 5;
}

export function writeStringHead(u8: Uint8Array, at: number, length: number): void {
  if (length < 64) {
    u8[at] = 0x80 | length;
  } else if (length < 4096) {
    u8[at] = 0xe0 | (length >>> 8);
    u8[at + 1] = length;
  } else {
    u8[at] = STRING_32;
    write32(u8, at + 1, length);
  }
}

/** The integer element at `at`; one beyond ±2^53 is rounded, to a number beyond it. */
export function readInteger(u8: Uint8Array, at: number): number {
  const head = u8[at]!;
  if (head < 0x80) return head;
  if (head < 0xe0) return ((((head & 31) << 8) | u8[at + 1]!) << 19) >> 19;
  const low = u8[at + 1]! | (u8[at + 2]! << 8);
  if (head === INT_16) return (low << 16) >> 16;
  if (head === INT_24) return ((low | (u8[at + 3]! << 16)) << 8) >> 8;
  const word = read32(u8, at + 1);
  return head === INT_32 ? word | 0 : (read32(u8, at + 5) | 0) * TWO_32 + word;
}

/** Bytes of the body of the integer `n`, which is safe. */
export function integerBodyBytes(n: number): number {
  if (n >= 0 && n <= 127) return 1;
  if (n >= -4096 && n <= 4095) return 2;
  if (n >= -0x8000 && n <= 0x7fff) return 3;
  if (n >= -0x800000 && n <= 0x7fffff) return 4;
  return n === (n | 0) ? 5 : INT_64_BODY_BYTES;
}

/** Writes the body of the safe integer `n`. */
export function writeInteger(u8: Uint8Array, at: number, n: number): void {
  const body = integerBodyBytes(n);
  if (body === 1) {
    u8[at] = n;
  } else if (body === 2) {
    u8[at] = 0xc0 | ((n >> 8) & 31);
    u8[at + 1] = n;
  } else if (body === INT_64_BODY_BYTES) {
    writeWords(u8, at, n >>> 0, Math.floor(n / TWO_32) >>> 0);
  } else {
    u8[at] = INT_16 + body - 3;
    for (let i = 1; i < body; i++) u8[at + i] = n >> ((i - 1) << 3);
  }
}

/** Writes the body of a 64-bit integer given as two words. */
export function writeWords(u8: Uint8Array, at: number, low: number, high: number): void {
  u8[at] = INT_64;
  write32(u8, at + 1, low);
  write32(u8, at + 5, high);
}

/** Four bytes, low one first, as an unsigned number. */
export function read32(u8: Uint8Array, at: number): number {
  return (u8[at]! | (u8[at + 1]! << 8) | (u8[at + 2]! << 16) | (u8[at + 3]! << 24)) >>> 0;
}

export function write32(u8: Uint8Array, at: number, value: number): void {
  u8[at] = value;
  u8[at + 1] = value >>> 8;
  u8[at + 2] = value >>> 16;
  u8[at + 3] = value >>> 24;
}

/** `Listpacks.find` for a text of 1 to 63 bytes that is no integer: the first and the last byte rule out nearly all others. */
export function findShort(
  u8: Uint8Array,
  base: number,
  from: number,
  bytes: Uint8Array,
  at: number,
  length: number,
  skip: number,
): number {
  const head = 0x80 | length;
  const last = bytes[at + length - 1]!;
  let element = from;
  for (;;) {
    let first = u8[element]!;
    if (first === END) return 0;
    if (first === head && u8[element + length] === last && equalBytes(u8, element + 1, bytes, at, length)) {
      return element - base;
    }
    for (let i = skip; i >= 0 && first !== END; i--) {
      if (first < 0x80) element += 2;
      else if (first < 0xc0) element += first - 0x7e;
      else element += elementBytes(u8, element);
      first = u8[element]!;
    }
  }
}
