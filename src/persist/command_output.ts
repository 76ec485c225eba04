// Commands as bytes on their way into a file: *words, then each word with its length.
import { writeDouble } from '../base/double.ts';
import { int64CharsMax, writeInt } from '../base/int64.ts';
import { type Id, IdText } from '../structs/stream_id.ts';
import type { RdbOutput } from './rdb_output.ts';

const STAR = 42;
const DOLLAR = 36;
const LINE_END = Buffer.from('\r\n');
/** Room for a number of any kind. */
const NUMBER_BYTES = 2 * int64CharsMax;

export class CommandOutput {
  readonly #out: RdbOutput;
  /** A number that is a word, and one that says how much follows. */
  readonly #digits = new Uint8Array(NUMBER_BYTES);
  readonly #count = new Uint8Array(int64CharsMax);
  readonly #idText = new IdText();

  constructor(out: RdbOutput) {
    this.#out = out;
  }

  /** Begins a command of so many words; those that are not `name` must follow. */
  begin(words: number, name: string): this {
    this.#line(STAR, words);
    return this.text(name);
  }

  /** A word of any bytes. */
  bulk(bytes: Uint8Array, at: number, length: number): this {
    this.#line(DOLLAR, length);
    this.#out.raw(bytes, at, length);
    this.#out.raw(LINE_END, 0, LINE_END.length);
    return this;
  }

  /** A word of one character for each byte. */
  text(text: string): this {
    return this.bulk(Buffer.from(text, 'latin1'), 0, text.length);
  }

  number(value: number): this {
    return this.bulk(this.#digits, 0, writeInt(this.#digits, 0, value));
  }

  double(value: number): this {
    return this.bulk(this.#digits, 0, writeDouble(this.#digits, 0, value));
  }

  id(id: Id): this {
    this.#idText.set(id);
    return this.bulk(this.#idText.bytes, 0, this.#idText.length);
  }

  #line(mark: number, value: number): void {
    this.#out.byte(mark);
    this.#out.raw(this.#count, 0, writeInt(this.#count, 0, value));
    this.#out.raw(LINE_END, 0, LINE_END.length);
  }
}
