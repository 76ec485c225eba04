// Goes over the commands of an append-only file and says where they stop making sense, and why, in the words of Redis's tool.
// Nothing is kept of the commands but their names.
import type { Files } from '../base/files.ts';

const WINDOW_BYTES = 256 * 1024;
/** A line with a number is not longer than this. */
const LINE_BYTES_MAX = 127;
/** Longer annotations have no meaning. */
const ANNOTATION_BYTES_MAX = 1023;
const NAME_BYTES_MAX = 5;
const LF = 10;
const CR = 13;
const STAR = 42;
const HASH = 35;
const INT64_MAX = 2n ** 63n - 1n;
const INT64_MIN = -(2n ** 63n);

/** What `AofScan.run` came to. */
export interface Scan {
  /** Where the last whole unit ends. */
  readonly soundBytes: number;
  /** Lines up to the place where it stopped, from 1 on. */
  readonly line: number;
  /** What is wrong, '' if nothing is or if it is said by `isForeign` already. */
  readonly problem: string;
  /** What stands at the end is no command. */
  readonly isForeign: boolean;
  /** Where an annotation says a time later than the one asked for; -1 if none does. */
  readonly laterAt: number;
}

/** A time in a file that is none. */
export class BadTimestamp extends Error {}

export class AofScan {
  readonly #files: Files;
  readonly #fd: number;
  readonly #path: string;
  readonly #size: number;
  readonly #untilSeconds: number;
  #window: Uint8Array = new Uint8Array(0);
  #windowAt = 0;
  #at: number;
  #line = 1;
  #isInMulti = false;
  #problem = '';
  /** Where that which was read last begins. */
  #lastAt = 0;

  /** Scans an open file from `start` on; `untilSeconds` 0: whatever times it says. `path` is named in problems. */
  constructor(files: Files, fd: number, path: string, start: number, untilSeconds: number) {
    this.#files = files;
    this.#fd = fd;
    this.#path = path;
    this.#size = files.size(fd);
    this.#at = start;
    this.#untilSeconds = untilSeconds;
  }

  /** Throws BadTimestamp, or the error of the file operation that failed. */
  run(): Scan {
    let soundBytes = this.#at;
    let isForeign = false;
    let laterAt = -1;
    while (this.#at < this.#size) {
      if (!this.#isInMulti) soundBytes = this.#at;
      const mark = this.#bytes(this.#at, 1)[0];
      if (mark === HASH && this.#isLater()) laterAt = this.#lastAt;
      isForeign = mark !== HASH && mark !== STAR;
      if (laterAt >= 0 || isForeign || (mark === STAR && !this.#command())) break;
      if (!this.#isInMulti) soundBytes = this.#at;
    }
    if (this.#at >= this.#size && this.#isInMulti && this.#problem === '')
      this.#refuse('Reached EOF before reading EXEC for MULTI');
    return { soundBytes, line: this.#line, problem: this.#problem, isForeign, laterAt };
  }

  /** `count` bytes at most, from an offset on; fewer at the end of the file. */
  #bytes(at: number, count: number): Uint8Array {
    const end = Math.min(at + count, this.#size);
    if (at < this.#windowAt || end > this.#windowAt + this.#window.length) {
      const bytes = new Uint8Array(Math.min(WINDOW_BYTES, this.#size - at));
      let filled = 0;
      for (let read = -1; read !== 0 && filled < bytes.length; filled += read)
        read = this.#files.readAt(this.#fd, bytes, filled, bytes.length - filled, at + filled);
      this.#window = bytes.subarray(0, filled);
      this.#windowAt = at;
    }
    return this.#window.subarray(at - this.#windowAt, Math.max(end, at) - this.#windowAt);
  }

  /** The bytes up to the end of the line, with it; `most` at most. The position goes behind them. */
  #takeLine(most: number): Uint8Array {
    this.#lastAt = this.#at;
    const bytes = this.#bytes(this.#at, most);
    const end = bytes.indexOf(LF);
    const line = end < 0 ? bytes : bytes.subarray(0, end + 1);
    this.#at += line.length;
    return line;
  }

  #refuse(what: string): false {
    this.#problem = `0x${this.#lastAt.toString(16).padStart(16)}: ${what}`;
    return false;
  }

  /** Whether an annotation says a later time than is wanted. */
  #isLater(): boolean {
    const text = Buffer.from(this.#takeLine(ANNOTATION_BYTES_MAX)).toString('latin1');
    if (this.#untilSeconds === 0 || !text.startsWith('#TS:')) return false;
    const stamp = /^#TS:\s*([+-]?\d+)\r/.exec(text);
    if (stamp === null) throw new BadTimestamp();
    return Number(stamp[1]) > this.#untilSeconds;
  }

  #command(): boolean {
    const count = this.#number('*');
    if (count === null) return false;
    for (let i = 0n; i < count; i++) if (!this.#word(i === 0n)) return false;
    return true;
  }

  /** The number of the next line; null if there is none. */
  #number(prefix: string): bigint | null {
    const line = this.#takeLine(LINE_BYTES_MAX);
    if (line.length === 0) return null;
    const first = String.fromCharCode(line[0]!);
    if (first !== prefix) {
      this.#refuse(`Expected prefix '${prefix}', got: '${first}'`);
      return null;
    }
    const text = Buffer.from(line).toString('latin1');
    const digits = /^.\s*([+-]?\d+)/.exec(text) ?? [prefix, '0'];
    if (!this.#lineEnd(line.subarray(digits[0].length))) return null;
    const value = BigInt(digits[1]!.replace('+', ''));
    return value > INT64_MAX ? INT64_MAX : value < INT64_MIN ? INT64_MIN : value;
  }

  #lineEnd(bytes: Uint8Array): boolean {
    const [first = 0, second = 0] = bytes;
    this.#line++;
    if (first === CR && second === LF) return true;
    this.#line--;
    return this.#refuse(`Expected \\r\\n, got: ${hexOfChar(first)}${hexOfChar(second)}`);
  }

  #word(isName: boolean): boolean {
    const length = this.#number('$');
    if (length === null) return false;
    if (length < 0n || length > INT64_MAX - 2n)
      return this.#refuse(`Expected to read string of ${length} bytes, which is not in the suitable range`);
    const left = this.#size - this.#at;
    this.#lastAt = this.#at;
    if (length + 2n > BigInt(left))
      return this.#refuse(`Expected to read ${length + 2n} bytes, got ${left} bytes`);
    const bytes = Number(length);
    if (!this.#lineEnd(this.#bytes(this.#at + bytes, 2))) return false;
    const isShort = isName && bytes <= NAME_BYTES_MAX;
    const name = isShort ? Buffer.from(this.#bytes(this.#at, bytes)).toString('latin1').toLowerCase() : '';
    this.#at += bytes + 2;
    return this.#note(name);
  }

  /** Whether a command of this name may come here. */
  #note(name: string): boolean {
    if (name !== 'multi' && name !== 'exec') return true;
    const begins = name === 'multi';
    if (begins === this.#isInMulti)
      return this.#refuse(`Unexpected ${name.toUpperCase()} in AOF ${this.#path}`);
    this.#isInMulti = begins;
    return true;
  }
}

/** Two digits; those of a byte from 128 on are of the negative number that C makes of it. */
function hexOfChar(byte: number): string {
  return (((byte << 24) >> 24) >>> 0).toString(16).padStart(2, '0');
}
