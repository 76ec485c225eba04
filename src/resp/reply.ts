// Writes replies as RESP bytes straight into the reply ring.
//
// `out[at … limit)` is free contiguous space of the frame being written; when it runs short, the sink closes the frame
// and opens another one (a frame may end anywhere inside a reply). The same calls serve RESP2 and RESP3.
import { copyBytes, copyWords, packWords, suitViews, suitWords } from '../base/bytes.ts';
import { formatDouble } from '../base/double.ts';
import { intChars, writeInt } from '../base/int64.ts';

export interface ReplySink {
  /** Makes sure that `bytes` (at most ROOM_BYTES_MAX) fit between `at` and `limit` of the reply. */
  more(bytes: number): void;
}

/** What one call of `more` may ask for. */
export const ROOM_BYTES_MAX = 4096;

const CR = 13;
const LF = 10;
const STAR = 42;
const DOLLAR = 36;
const COLON = 58;
const PLUS = 43;
const MINUS = 45;
const COMMA = 44;
const UNDERSCORE = 95;
const NUMBER_BYTES_MAX = 24;
/** Short heads and ends of lines, as they are written in one go: low byte first, digits to be added. */
const CRLF = 0x0a0d;
const ZERO_ZERO_CRLF = 0x0a0d3030;
const DOLLAR_ZERO_CRLF = 0x0a0d3024;
const STAR_ZERO_CRLF = 0x0a0d302a;
/** What a pair's beginning takes around its text. */
const PAIR_BYTES = 16;

export class Reply {
  out: Uint8Array = new Uint8Array(0);
  /** The same bytes as `out`, from the same byte on. */
  outView: DataView = new DataView(this.out.buffer);
  at = 0;
  limit = 0;
  resp3 = false;
  /** Set by `error`: the text of the last one, '' when there was none since the executor cleared it. */
  errorText = '';
  readonly #sink: ReplySink;

  constructor(sink: ReplySink) {
    this.#sink = sink;
  }

  /** +OK */
  ok(): void {
    if (this.at + 5 > this.limit) this.#sink.more(5);
    const { out } = this;
    const at = this.at;
    out[at] = PLUS;
    out[at + 1] = 79;
    out[at + 2] = 75;
    out[at + 3] = CR;
    out[at + 4] = LF;
    this.at = at + 5;
  }

  /** The null of a value that is not there: $-1 or _. */
  null(): void {
    if (this.at + 5 > this.limit) this.#sink.more(5);
    const { out } = this;
    let at = this.at;
    if (this.resp3) {
      out[at++] = UNDERSCORE;
    } else {
      out[at++] = DOLLAR;
      out[at++] = MINUS;
      out[at++] = 49;
    }
    out[at++] = CR;
    out[at++] = LF;
    this.at = at;
  }

  /** The null of an array that is not there: *-1 or _. */
  nullArray(): void {
    if (this.resp3) this.null();
    else this.#line(STAR, -1);
  }

  /** A simple string; ASCII without line ends. */
  status(text: string): void {
    this.#textLine(PLUS, text);
  }

  /** An error; the text starts with its code. Line ends and other control characters become blanks. */
  error(text: string): void {
    this.errorText = text;
    this.#textLine(MINUS, text.replace(/[\r\n]/g, ' '));
  }

  /** A safe integer. */
  integer(value: number): void {
    this.#line(COLON, value);
  }

  /** Any 64-bit integer. */
  bigInteger(value: bigint): void {
    this.#textLine(COLON, value.toString());
  }

  /** 1 or 0, which RESP2 and RESP3 both send as an integer. */
  flag(value: boolean): void {
    this.#line(COLON, value ? 1 : 0);
  }

  /** A boolean: #t or #f, 1 or 0 in RESP2. */
  boolean(value: boolean): void {
    if (this.resp3) this.#textLine(35, value ? 't' : 'f');
    else this.flag(value);
  }

  /**
   * A bulk string of `length` bytes of `bytes` from `from` on, of any length. With a `view` of the same bytes it is faster.
   */
  bulk(bytes: Uint8Array, from: number, length: number, view?: DataView): void {
    const whole = length + NUMBER_BYTES_MAX;
    if (this.at + whole > this.limit) {
      if (whole > ROOM_BYTES_MAX) {
        this.#bulkInPieces(bytes, from, length);
        return;
      }
      this.#sink.more(whole);
    }
    const { out, outView } = this;
    let at = this.at;
    if (length < 10) {
      outView.setInt32(at, DOLLAR_ZERO_CRLF + (length << 8), true);
      at += 4;
    } else {
      out[at++] = DOLLAR;
      if (length < 100) {
        const tens = (length / 10) | 0;
        outView.setInt32(at, ZERO_ZERO_CRLF + tens + ((length - tens * 10) << 8), true);
        at += 4;
      } else {
        at = writeInt(out, at, length);
        outView.setInt16(at, CRLF, true);
        at += 2;
      }
    }
    if (view !== undefined && suitViews(length)) copyWords(view, from, outView, at, length);
    else if (!suitWords(length)) copyBytes(bytes, from, out, at, length);
    else packWords(bytes, from, outView, at, length);
    at += length;
    outView.setInt16(at, CRLF, true);
    this.at = at + 2;
  }

  /**
   * The beginning of a pair: an array of two, `text` (below 100 bytes, from 4 on; `view` of the same bytes) and the head of the
   * array of `count` elements that comes second.
   */
  pair(text: Uint8Array, length: number, view: DataView, count: number): void {
    if (count > 9 || length < 4 || this.at + length + PAIR_BYTES > this.limit) {
      this.array(2);
      this.bulk(text, 0, length);
      this.array(count);
      return;
    }
    const { out, outView } = this;
    let at = this.at;
    outView.setInt32(at, STAR_ZERO_CRLF + (2 << 8), true);
    at += 4;
    if (length < 10) {
      outView.setInt32(at, DOLLAR_ZERO_CRLF + (length << 8), true);
      at += 4;
    } else {
      const tens = (length / 10) | 0;
      out[at] = DOLLAR;
      outView.setInt32(at + 1, ZERO_ZERO_CRLF + tens + ((length - tens * 10) << 8), true);
      at += 5;
    }
    copyWords(view, 0, outView, at, length);
    at += length;
    outView.setInt16(at, CRLF, true);
    outView.setInt32(at + 2, STAR_ZERO_CRLF + (count << 8), true);
    this.at = at + 6;
  }

  /** A bulk string of the characters' codes, which are below 256. */
  bulkText(text: string): void {
    this.#line(DOLLAR, text.length);
    this.#chars(text);
    this.crlf();
  }

  /** A bulk string of UTF-8 (texts of our own that may hold any character). */
  bulkUtf8(text: string): void {
    const bytes = Buffer.from(text, 'utf8');
    this.bulk(bytes, 0, bytes.length);
  }

  /** A bulk string that is an integer. */
  bulkInteger(value: number): void {
    if (this.at + 2 * NUMBER_BYTES_MAX > this.limit) this.#sink.more(2 * NUMBER_BYTES_MAX);
    this.#line(DOLLAR, intChars(value));
    this.at = writeInt(this.out, this.at, value);
    this.crlf();
  }

  /** Text with a format of three letters, for humans; a bulk string in RESP2. */
  verbatim(format: string, text: string): void {
    if (!this.resp3) {
      this.bulkUtf8(text);
      return;
    }
    const bytes = Buffer.from(text, 'utf8');
    this.#line(61, bytes.length + 4);
    this.#chars(`${format}:`);
    this.raw(bytes, 0, bytes.length);
    this.crlf();
  }

  /** A double; a bulk string in RESP2. */
  double(value: number): void {
    if (!Number.isSafeInteger(value) || (value === 0 && 1 / value < 0)) this.doubleText(formatDouble(value));
    else if (this.resp3) this.#line(COMMA, value);
    else this.bulkInteger(value);
  }

  /** A double whose text is given; a bulk string in RESP2. */
  doubleText(text: string): void {
    if (this.resp3) this.#textLine(COMMA, text);
    else this.bulkText(text);
  }

  array(count: number): void {
    this.#line(STAR, count);
  }

  /** A map of `pairs` pairs; in RESP2 an array of twice as many. */
  map(pairs: number): void {
    if (this.resp3) this.#line(37, pairs);
    else this.#line(STAR, pairs * 2);
  }

  /** A set; an array in RESP2. */
  set(count: number): void {
    this.#line(this.resp3 ? 126 : STAR, count);
  }

  /** An out-of-band message; an array in RESP2. */
  push(count: number): void {
    this.#line(this.resp3 ? 62 : STAR, count);
  }

  /** An attribute of `pairs` pairs before a reply. RESP3 only. */
  attribute(pairs: number): void {
    this.#line(124, pairs);
  }

  /** A number of any size as text; a bulk string in RESP2. */
  bigNumber(text: string): void {
    if (this.resp3) this.#textLine(40, text);
    else this.bulkText(text);
  }

  /** Bytes as they are. */
  raw(bytes: Uint8Array, from: number, length: number): void {
    while (length > 0) {
      if (this.at === this.limit) this.#sink.more(Math.min(length, ROOM_BYTES_MAX));
      const piece = Math.min(length, this.limit - this.at);
      copyBytes(bytes, from, this.out, this.at, piece);
      this.at += piece;
      from += piece;
      length -= piece;
    }
  }

  crlf(): void {
    if (this.at + 2 > this.limit) this.#sink.more(2);
    this.out[this.at++] = CR;
    this.out[this.at++] = LF;
  }

  #bulkInPieces(bytes: Uint8Array, from: number, length: number): void {
    this.#line(DOLLAR, length);
    this.raw(bytes, from, length);
    this.crlf();
  }

  #line(mark: number, value: number): void {
    if (this.at + NUMBER_BYTES_MAX > this.limit) this.#sink.more(NUMBER_BYTES_MAX);
    const { out } = this;
    let at = this.at;
    out[at++] = mark;
    at = writeInt(out, at, value);
    out[at++] = CR;
    out[at++] = LF;
    this.at = at;
  }

  #textLine(mark: number, text: string): void {
    if (this.at + 1 > this.limit) this.#sink.more(1);
    this.out[this.at++] = mark;
    this.#chars(text);
    this.crlf();
  }

  #chars(text: string): void {
    for (let i = 0; i < text.length; i++) {
      if (this.at === this.limit) this.#sink.more(1);
      this.out[this.at++] = text.charCodeAt(i);
    }
  }
}
