// Reads the commands of an append-only file one after the other.
//
//   *3\r\n $3\r\nSET\r\n $1\r\nk\r\n $1\r\nv\r\n        a command: number of words, then each with its length
//   #TS:1700000000\r\n                                  an annotation, passed over
//
// A file may end anywhere, since a crash may have cut it: TORN says that what stands at `offset` is the beginning of a command
// and no more. BAD says that it is no command at all; HOLE, that zeros stand in it up to the end of a sector of the disk, as
// they do after a loss of power where bytes were not written that come before others that were. Positions of words are given
// as Args takes them.
import type { Files } from '../base/files.ts';

export const COMMAND = 1;
export const END = 2;
export const TORN = 3;
export const BAD = 4;
export const HOLE = 5;

const MORE = 0;
const PIECE_BYTES = 256 * 1024;
/** A line with a number is shorter than this, its end included. */
const LINE_BYTES_MAX = 127;
/** Positions are integers of 32 bits with a sign; so much is read at once. */
const COMMAND_BYTES_MAX = 2 ** 31 - 1;
const READ_BYTES_MAX = 2 ** 30;
/** No request has more words. */
const WORDS_MAX = 2 ** 31 - 1;
const STAR = 42;
const DOLLAR = 36;
const HASH = 35;
const CR = 13;
const LF = 10;
const ZERO = 48;
const SECTOR_BYTES = 512;

export class AofReader {
  /** Where what was read last begins in the file, and where it ends. */
  offset = 0;
  end: number;
  /** The words of the command that was read last: pairs of position and length in `bytes`. */
  bytes: Uint8Array;
  pairs: Int32Array = new Int32Array(32);
  count = 0;
  /** Seconds since 1970 that the last annotation of time says; 0 before the first one. */
  stampSeconds = 0;
  readonly #files: Files;
  readonly #fd: number;
  /** Where in the file the next bytes are read. */
  #position: number;
  /** Bytes in `bytes`, and how many of them were read by now. */
  #filled = 0;
  #at = 0;
  #isAtEnd = false;
  /** Position while a command is being looked at, and of the byte that cannot be in one. */
  #cursor = 0;
  #badAt = 0;

  /** Reads an open file from `offset` on. */
  constructor(files: Files, fd: number, offset: number) {
    this.#files = files;
    this.#fd = fd;
    this.bytes = new Uint8Array(Math.min(PIECE_BYTES, Math.max(files.size(fd) - offset, LINE_BYTES_MAX)));
    this.#position = offset;
    this.end = offset;
  }

  /** Goes on to the next command: COMMAND, END, TORN, BAD or HOLE. */
  next(): number {
    for (;;) {
      this.offset = this.end;
      const result = this.#look();
      if (result === MORE) {
        if (this.#isAtEnd) return this.#filled === this.#at ? END : TORN;
        this.#fill();
        continue;
      }
      if (result === BAD) return this.#isHole() ? HOLE : BAD;
      this.end += this.#cursor - this.#at;
      this.#at = this.#cursor;
      if (result === COMMAND) return COMMAND;
    }
  }

  /** Whether the byte that should not be there is the first of zeros up to the end of a sector, or of the file. */
  #isHole(): boolean {
    const offset = this.#badAt - this.#at;
    const toSector = SECTOR_BYTES - ((this.end + offset) % SECTOR_BYTES);
    while (this.#filled - this.#at < offset + toSector && !this.#isAtEnd) this.#fill();
    const first = this.#at + offset;
    const end = Math.min(this.#filled, first + toSector);
    return this.bytes.subarray(first, end).every((byte) => byte === 0);
  }

  /** Looks at what comes next: COMMAND, BAD, MORE if there is not enough of it yet, END for an annotation. */
  #look(): number {
    this.#cursor = this.#at;
    if (this.#at === this.#filled) return MORE;
    const mark = this.bytes[this.#at]!;
    this.#badAt = this.#at;
    if (mark === HASH) return this.#annotation();
    if (mark !== STAR) return BAD;
    const count = this.#number();
    if (count === null) return this.#lineResult();
    if (!(count >= 1 && count <= WORDS_MAX)) return BAD;
    for (let i = 0; i < count; i++) {
      if (this.#cursor === this.#filled) return MORE;
      this.#badAt = this.#cursor;
      if (this.bytes[this.#cursor] !== DOLLAR) return BAD;
      const length = this.#number();
      if (length === null) return this.#lineResult();
      if (!(length >= 0 && length <= COMMAND_BYTES_MAX)) return BAD;
      if (this.pairs.length === 2 * i) this.#growPairs();
      this.pairs[2 * i] = this.#cursor;
      this.pairs[2 * i + 1] = length;
      this.#cursor += length;
      if (this.#cursor + 2 > this.#filled) return MORE;
      if (this.#cursor > COMMAND_BYTES_MAX) return BAD;
      this.#badAt = this.#cursor;
      if (this.bytes[this.#cursor++] !== CR) return BAD;
      this.#badAt = this.#cursor;
      if (this.bytes[this.#cursor++] !== LF) return BAD;
    }
    this.count = count;
    return COMMAND;
  }

  /** Bit by bit: what a file claims costs no memory before it is there. */
  #growPairs(): void {
    const grown = new Int32Array(2 * this.pairs.length);
    grown.set(this.pairs);
    this.pairs = grown;
  }

  #annotation(): number {
    let end = this.#at;
    while (end < this.#filled && this.bytes[end] !== LF && this.bytes[end] !== 0) end++;
    this.#badAt = end;
    if (end === this.#filled) return MORE;
    if (this.bytes[end] === 0) return BAD;
    const text = Buffer.from(this.bytes.buffer, this.#at, Math.min(end - this.#at, LINE_BYTES_MAX)).toString(
      'latin1',
    );
    if (text.startsWith('#TS:')) this.stampSeconds = Number.parseInt(text.slice(4), 10) || 0;
    this.#cursor = end + 1;
    return END;
  }

  /** The number of the line at the cursor, which goes behind the line; null without a whole line, NaN for none and for zeros. */
  #number(): number | null {
    const { bytes } = this;
    const start = this.#cursor;
    const most = Math.min(this.#filled, start + LINE_BYTES_MAX);
    let end = start;
    let value = 0;
    let digits = 0;
    for (; end < most && bytes[end] !== LF && bytes[end] !== 0; end++) {
      const digit = bytes[end]! - ZERO;
      if (digits !== end - start - 1 || digit < 0 || digit > 9) continue;
      value = 10 * value + digit;
      digits++;
    }
    if (end === most) return null;
    this.#badAt = end;
    if (bytes[end] === 0 || digits === 0) return Number.NaN;
    this.#cursor = end + 1;
    return value;
  }

  /** What a line without an end means. */
  #lineResult(): number {
    return this.#filled - this.#cursor >= LINE_BYTES_MAX ? BAD : MORE;
  }

  #fill(): void {
    const known = this.#filled - this.#at;
    const size =
      known * 2 > this.bytes.length ? Math.max(2 * this.bytes.length, PIECE_BYTES) : this.bytes.length;
    if (size > this.bytes.length) {
      const grown = new Uint8Array(size);
      grown.set(this.bytes.subarray(this.#at, this.#filled));
      this.bytes = grown;
    } else {
      this.bytes.copyWithin(0, this.#at, this.#filled);
    }
    this.#at = 0;
    this.#filled = known;
    const most = Math.min(this.bytes.length - known, READ_BYTES_MAX);
    const read = this.#files.readAt(this.#fd, this.bytes, known, most, this.#position);
    this.#position += read;
    if (read === 0) this.#isAtEnd = true;
    this.#filled += read;
  }
}
