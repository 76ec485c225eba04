// The one door through which changes of data leave as a log of commands: what the append-only file is made of, and what a
// replica will be sent.
//
//   handler changes data ─▶ changed() ─▶ keyspace.dirty ─┐
//   handler whose command would not do the same again ───┼─▶ unit: [SELECT] [MULTI] command … [EXEC] ─▶ bytes ─▶ whoever takes them
//   keys that expire or are evicted ─▶ dropped() ────────┘
//
// A command that changed something is copied as it came, from the bytes of the request into the log: in one block, where it
// stands there in the form that the log wants. One whose effect depends
// on the clock, on chance, or on who waits says by `op` what it did instead: absolute times, the members that were picked, the
// id that was made. Everything that one command, or one EXEC, did is a unit; a unit of several commands stands between MULTI
// and EXEC, which is put before the first one when the second comes. Only whole units are given away.
//
// While nobody wants the log, `active` is false and all this costs one test a command.
import { copyBytes, copyWords } from '../base/bytes.ts';
import { intChars, writeInt } from '../base/int64.ts';
import type { Database } from '../keyspace/database.ts';
import type { DropListener, Keyspace } from '../keyspace/keyspace.ts';
import type { ElementSink } from '../structs/listpack_parts.ts';
import type { Args } from './args.ts';
import type { Context } from './context.ts';

const STAR = 42;
const DOLLAR = 36;
const CR = 13;
const LF = 10;
const FIRST_BYTES = 64 * 1024;
/** Length and ends of lines around a word. */
const WORD_EXTRA_BYTES = 24;
/** "$", the digits of a length that has one, and the ends of two lines: what stands between two words of one digit's length. */
const GAP_BYTES = 6;
/** Blocks of up to so many bytes are copied by words, longer ones by the engine. */
const WORDS_BYTES_MAX = 128;
const NO_DATABASE = -1;
const TWO_32 = 4294967296;
const MULTI = Buffer.from('*1\r\n$5\r\nMULTI\r\n');
const EXEC = '*1\r\n$4\r\nEXEC\r\n';

export class Effects implements DropListener, ElementSink {
  /** Whether somebody wants the log. */
  active = false;
  /** The log since `take`: the first `unitAt` bytes are whole units. */
  bytes: Uint8Array = new Uint8Array(FIRST_BYTES);
  /** Where the unit in progress begins. */
  unitAt = 0;
  /** Bytes of log since the server started. */
  totalBytes = 0;
  /** Whether each second in which something is logged is noted in the log (aof-timestamp-enabled). */
  stamps = false;
  #length = 0;
  /** Commands in the unit in progress. */
  #ops = 0;
  /** MULTI stands before them, and before it what selects the database of the first one: so many bytes. */
  #isMulti = false;
  #selectBytes = 0;
  /** Where the log of the running command begins, and how many commands of the unit stand before it. */
  #commandAt = 0;
  #commandOps = 0;
  /** The database that the log has selected. */
  #selected = NO_DATABASE;
  #stampedSecond = 0;
  /** `keyspace.dirty` when it was last looked at. */
  #dirty = 0;
  /** What the running command did is, or is not, to be logged whatever it changed. */
  #isReplaced = false;
  #isForced = false;
  #args: Args | null = null;
  #view = viewOf(this.bytes);
  /** The bytes of the last request that was copied in one block, and a view of them. */
  #request: Uint8Array = new Uint8Array(0);
  #requestView = viewOf(this.#request);
  readonly #keyspace: Keyspace;
  /** Whether a command is running, to whose unit a dropped key belongs. */
  readonly #inCommand: () => boolean;

  constructor(keyspace: Keyspace, inCommand: () => boolean) {
    this.#keyspace = keyspace;
    this.#inCommand = inCommand;
  }

  /** Begins or ends the log. It begins with the next change, and by selecting a database. */
  activate(isActive: boolean): void {
    this.active = isActive;
    this.#keyspace.dropListener = isActive ? this : null;
    this.#dirty = this.#keyspace.dirty;
    this.#isForced = false;
    this.#isReplaced = false;
    this.restart();
  }

  /** What follows must make sense without what came before. Not inside a unit. */
  restart(): void {
    this.#selected = NO_DATABASE;
    this.#stampedSecond = 0;
  }

  /** The whole units so far, in a buffer that is the caller's from now on; `spare` takes its place. */
  take(spare: Uint8Array): Uint8Array {
    const taken = this.bytes.subarray(0, this.unitAt);
    const rest = this.#length - this.unitAt;
    const next = spare.length >= rest + WORD_EXTRA_BYTES ? spare : new Uint8Array(rest + FIRST_BYTES);
    if (rest > 0) next.set(this.bytes.subarray(this.unitAt, this.#length));
    this.#use(next);
    this.#commandAt -= this.unitAt;
    this.unitAt = 0;
    this.#length = rest;
    return taken;
  }

  // ---- what the running command says ----

  /** The running command is not logged as it came: `op` says what it did, if anything. */
  replace(): void {
    this.#isReplaced = true;
  }

  /** The running command is logged even if it changed nothing. */
  force(): void {
    this.#isForced = true;
  }

  /** Begins a command of `words` words in place of the running one; the words that are not `name` must follow. */
  op(c: Context, name: string, words: number): this {
    this.#isReplaced = true;
    this.#args = c.args;
    this.#begin(c.db.index, words);
    return this.text(name);
  }

  /** Argument `i` of the running command. */
  arg(i: number): this {
    const args = this.#args!;
    this.bulk(args.bytes, args.at(i), args.length(i));
    return this;
  }

  /** A word of ASCII characters. */
  text(text: string): this {
    const { length } = text;
    this.#head(DOLLAR, length, length);
    const { bytes } = this;
    let at = this.#length;
    for (let i = 0; i < length; i++) bytes[at++] = text.charCodeAt(i);
    this.#length = at;
    this.#endLine();
    return this;
  }

  /** A safe integer. */
  number(value: number): this {
    const length = intChars(value);
    this.#head(DOLLAR, length, length);
    this.#length = writeInt(this.bytes, this.#length, value);
    this.#endLine();
    return this;
  }

  /** An integer of 64 bits as two words. */
  int64(low: number, high: number): this {
    const value = (high | 0) * TWO_32 + (low >>> 0);
    if (Number.isSafeInteger(value)) return this.number(value);
    return this.text(((BigInt(high | 0) << 32n) | BigInt(low >>> 0)).toString());
  }

  /** A word of any bytes. */
  bulk(bytes: Uint8Array, at: number, length: number): this {
    this.#head(DOLLAR, length, length);
    copyBytes(bytes, at, this.bytes, this.#length, length);
    this.#length += length;
    this.#endLine();
    return this;
  }

  // ---- what the server says ----

  /** The handler of a command has run; `logged` tells whether commands of its kind are logged as they came. */
  ran(c: Context, isLogged: boolean): void {
    const { dirty } = this.#keyspace;
    if ((dirty !== this.#dirty || this.#isForced) && !this.#isReplaced && isLogged) this.#asItCame(c);
    this.#dirty = dirty;
    this.#isReplaced = false;
    this.#isForced = false;
    if (c.inTransaction) this.#endCommand();
    else this.#endUnit();
  }

  /** The handler of a command threw, perhaps in the middle of logging what it did. */
  failed(c: Context): void {
    this.#length = this.#commandAt;
    this.#ops = this.#commandOps;
    if (this.#ops === 0) this.#isMulti = false;
    this.#selected = NO_DATABASE;
    this.#isReplaced = false;
    this.ran(c, true);
  }

  /** What has changed outside of commands up to now is logged already. */
  settle(): void {
    this.#dirty = this.#keyspace.dirty;
  }

  dropped(db: Database, key: Uint8Array, at: number, bytes: number, lazily: boolean): void {
    this.#begin(db.index, 2);
    this.text(lazily ? 'UNLINK' : 'DEL').bulk(key, at, bytes);
    if (!this.#inCommand()) this.#endUnit();
  }

  droppedFields(db: Database, key: Uint8Array, fields: readonly Uint8Array[]): void {
    this.#begin(db.index, 2 + fields.length);
    this.text('HDEL').bulk(key, 0, key.length);
    for (const field of fields) this.bulk(field, 0, field.length);
    if (!this.#inCommand()) this.#endUnit();
  }

  #asItCame(c: Context): void {
    this.#args = c.args;
    const { count } = c.args;
    this.#begin(c.db.index, count);
    if (count > 1 && isBlock(c.args)) this.#block(c.args);
    else for (let i = 0; i < count; i++) this.arg(i);
  }

  /** The words of a request that stands in one block, from its first word on. What the parser does not look at is set right. */
  #block(args: Args): void {
    const { bytes: request, count } = args;
    const start = args.at(0);
    const length = args.at(count - 1) + args.length(count - 1) - start;
    this.#head(DOLLAR, args.length(0), length);
    const to = this.#length;
    const { bytes } = this;
    if (length > WORDS_BYTES_MAX) bytes.set(request.subarray(start, start + length), to);
    else copyWords(this.#viewOf(request), start, this.#view, to, length);
    const shift = to - start;
    for (let i = 1; i < count; i++) {
      const at = shift + args.at(i);
      const end = shift + args.at(i - 1) + args.length(i - 1);
      bytes[end] = CR;
      bytes[end + 1] = LF;
      bytes[at - 1] = LF;
    }
    this.#length = to + length;
    this.#endLine();
  }

  #viewOf(request: Uint8Array): DataView {
    if (request !== this.#request) {
      this.#request = request;
      this.#requestView = viewOf(request);
    }
    return this.#requestView;
  }

  #begin(database: number, words: number): void {
    this.#ops++;
    if (this.#ops === 1 && this.stamps) this.#stamp();
    else if (this.#ops === 2 && !this.#isMulti) this.#insertMulti();
    const start = this.#length;
    if (database !== this.#selected) {
      this.#selected = database;
      this.#head(STAR, 2, 0);
      this.text('SELECT').number(database);
    }
    if (this.#ops === 1) this.#selectBytes = this.#length - start;
    this.#head(STAR, words, 0);
  }

  #endUnit(): void {
    if (this.#isMulti) this.#raw(EXEC);
    this.#isMulti = false;
    this.#ops = 0;
    this.totalBytes += this.#length - this.unitAt;
    this.unitAt = this.#length;
    this.#endCommand();
  }

  #endCommand(): void {
    this.#commandAt = this.#length;
    this.#commandOps = this.#ops;
  }

  #insertMulti(): void {
    this.#reserve(MULTI.length);
    const at = this.unitAt + this.#selectBytes;
    this.bytes.copyWithin(at + MULTI.length, at, this.#length);
    this.bytes.set(MULTI, at);
    this.#length += MULTI.length;
    this.#isMulti = true;
    if (this.#commandOps > 0) this.#commandAt += MULTI.length;
    else this.#commandAt = this.unitAt;
  }

  #stamp(): void {
    const second = Math.floor(this.#keyspace.nowMs / 1000);
    if (second <= this.#stampedSecond) return;
    this.#stampedSecond = second;
    this.#raw(`#TS:${second}\r\n`);
    this.totalBytes += this.#length - this.unitAt;
    this.unitAt = this.#length;
    this.#commandAt = this.#length;
  }

  #raw(text: string): void {
    this.#reserve(text.length);
    for (let i = 0; i < text.length; i++) this.bytes[this.#length++] = text.charCodeAt(i);
  }

  /** A line of `mark` and a number, and room for a word of `bytes` bytes after it. */
  #head(mark: number, value: number, bytes: number): void {
    if (this.#length + bytes + WORD_EXTRA_BYTES > this.bytes.length) this.#reserve(bytes);
    this.bytes[this.#length++] = mark;
    this.#length = writeInt(this.bytes, this.#length, value);
    this.#endLine();
  }

  #endLine(): void {
    this.bytes[this.#length++] = CR;
    this.bytes[this.#length++] = LF;
  }

  /** Makes room for `bytes` bytes and what stands around a word. */
  #reserve(bytes: number): void {
    const needed = this.#length + bytes + WORD_EXTRA_BYTES;
    if (needed <= this.bytes.length) return;
    const grown = new Uint8Array(Math.max(needed, 2 * this.bytes.length));
    grown.set(this.bytes.subarray(0, this.#length));
    this.#use(grown);
  }

  #use(bytes: Uint8Array): void {
    this.bytes = bytes;
    this.#view = viewOf(bytes);
  }
}

/** Whether the words stand one behind the other, each behind its length, as they do in an array of bulk strings. */
function isBlock(args: Args): boolean {
  const { bytes, count } = args;
  let end = args.at(0) + args.length(0);
  for (let i = 1; i < count; i++) {
    const length = args.length(i);
    const gap = length < 10 ? GAP_BYTES : GAP_BYTES - 1 + intChars(length);
    const at = args.at(i);
    if (at - end !== gap || bytes[end + 2] !== DOLLAR) return false;
    end = at + length;
  }
  return true;
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
}
