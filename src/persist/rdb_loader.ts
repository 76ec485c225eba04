// Loads RDB files (rdb_encoder.ts draws them) of all versions up to the newest one known. A file is read piece by piece, and
// may be loaded so, too, with other things done in between; an error names the offset at which it was found.
import type { Ref } from '../arena/arena.ts';
import { toLatin1 } from '../base/bytes.ts';
import type { Crc64 } from '../base/crc64.ts';
import type { Files } from '../base/files.ts';
import { highWord, lowWord } from '../base/int64.ts';
import { frequencyClock, idleClock } from '../keyspace/access_clock.ts';
import type { Database } from '../keyspace/database.ts';
import type { Keyspace } from '../keyspace/keyspace.ts';
import { HAS_EXPIRY } from '../structs/entry.ts';
import { ARRIVALS_MAX, Arrivals } from './arrivals.ts';
import {
  isValueKind,
  MAGIC,
  MAGIC_VALKEY,
  OP_AUX,
  OP_DATABASE,
  OP_END,
  OP_EXPIRY_MS,
  OP_EXPIRY_SECONDS,
  OP_FREQUENCY,
  OP_FUNCTION,
  OP_FUNCTION_OLD,
  OP_IDLE,
  OP_MODULE_AUX,
  OP_RESIZE,
  OP_SLOT_INFO,
  VERSION_MAX,
  VERSION_VALKEY,
  valkeyKind,
} from './rdb_format.ts';
import { RdbError, RdbInput } from './rdb_input.ts';
import { type KeyName, ValueReader } from './value_reader.ts';

const PIECE_BYTES = 256 * 1024;
const SECOND_MS = 1000;
/** The first version that ends with a checksum. */
const VERSION_CHECKSUM = 5;
const VERSION_DIGITS = 4;

export interface Loaded {
  keys: number;
  /** Keys left out because they had expired. */
  expired: number;
  /** Keys with an expiry, left out or not. */
  volatileKeys: number;
  /** Keys left out because they had no elements, which some old versions wrote, and the names of the first ones. */
  empty: number;
  readonly emptyNames: string[];
}

export function nothingLoaded(): Loaded {
  return { keys: 0, expired: 0, volatileKeys: 0, empty: 0, emptyNames: [] };
}

const EMPTY_NAMES_MAX = 10;

/** What a load is about: where it would fail, this is what it fails at. */
export interface LoadState {
  doing: Doing;
  /** Kind and key of the value in hand; -1 and null where there is none. */
  kind: number;
  key: KeyName | null;
}

type Doing =
  | 'start'
  | 'read-type'
  | 'read-expire'
  | 'read-key'
  | 'read-object-value'
  | 'check-sum'
  | 'read-len'
  | 'read-aux'
  | 'read-module-aux'
  | 'read-functions';

/** How long a table is made larger at once. */
const RESERVING_MS = 1;
/** Fewer keys are not worth a table of the right size. */
const RESERVED_KEYS_MIN = 1000;
/** What a key takes in a file if there are many, and more than its place in the table does. */
const KEY_BYTES = 8;
/** How much is read from one look at the clock to the next, if it is not so many keys. */
const BYTES_BETWEEN_CLOCK_READS = 32 * 1024;

/** Adds what a file holds to the keyspace at once, as RdbLoad does it. */
export function loadRdb(
  keyspace: Keyspace,
  files: Files,
  path: string,
  checksChecksum: boolean,
  merges: boolean,
): Loaded {
  const load = new RdbLoad({ keyspace, files, path, checksChecksum, merges, onFact: () => {} });
  try {
    load.slice(Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY);
    return load.loaded;
  } finally {
    load.close();
  }
}

export interface RdbLoadOptions {
  readonly keyspace: Keyspace;
  readonly files: Files;
  readonly path: string;
  readonly checksChecksum: boolean;
  /** Whether its keys replace those that are there; otherwise one that is there already is an error. */
  readonly merges: boolean;
  /** Called for each fact about the file. */
  readonly onFact: (name: string, value: string) => void;
  /** Called for each database whose keys follow. */
  readonly onDatabase?: (index: number) => void;
  /** Whether libraries of functions are passed over; otherwise one is an error. */
  readonly passesFunctions?: boolean;
}

/** The loading of a file. Its functions throw RdbError, or the error of the file operation that failed. */
export class RdbLoad {
  readonly totalBytes: number;
  readonly #files: Files;
  readonly #fd: number;
  readonly #input: FileInput;
  readonly #loader: RdbLoader;

  constructor(options: RdbLoadOptions) {
    this.#files = options.files;
    this.#fd = options.files.open(options.path);
    try {
      this.#input = new FileInput(options.files, this.#fd, options.keyspace.checksum());
    } catch (error) {
      options.files.close(this.#fd);
      throw error;
    }
    this.totalBytes = this.#input.left;
    this.#loader = new RdbLoader(options, this.#input);
  }

  get loadedBytes(): number {
    return this.totalBytes - this.#input.left;
  }

  get loaded(): Loaded {
    return this.#loader.loaded;
  }

  get state(): LoadState {
    return this.#loader.state;
  }

  /** Whether the end said that no checksum was written. */
  get lacksChecksum(): boolean {
    return this.#loader.lacksChecksum;
  }

  /** Loads until `endMs` of the monotonic clock, or until there are so many keys more; false when all is loaded. */
  slice(endMs: number, keysMax: number): boolean {
    return this.#loader.slice(endMs, keysMax);
  }

  close(): void {
    this.#loader.end();
    this.#files.close(this.#fd);
  }
}

/** An open file, read from its beginning. */
class FileInput extends RdbInput {
  readonly crc: Crc64;
  readonly #files: Files;
  readonly #fd: number;

  constructor(files: Files, fd: number, crc: Crc64) {
    super(new Uint8Array(0), 0, 0);
    this.crc = crc;
    this.#files = files;
    this.#fd = fd;
    this.unread = files.size(fd);
  }

  protected override more(count: number): Uint8Array {
    this.digest();
    const known = this.end - this.at;
    const next = new Uint8Array(Math.min(Math.max(count, PIECE_BYTES), this.left));
    next.set(this.bytes.subarray(this.at, this.end));
    for (let at = known; at < next.length; ) {
      const bytes = this.#files.readNext(this.#fd, next, at, next.length - at);
      if (bytes === 0) this.fail('the file became shorter');
      at += bytes;
    }
    return next;
  }

  /** Takes all bytes that were taken since the last time into the checksum; `more` has to follow, or nothing. */
  digest(): void {
    this.crc.update(this.bytes, 0, this.at);
  }
}

class RdbLoader {
  readonly #keyspace: Keyspace;
  readonly #input: FileInput;
  readonly #options: RdbLoadOptions;
  readonly #values: ValueReader;
  readonly #arrivals = new Arrivals();
  readonly #key: KeyName = { bytes: new Uint8Array(0), at: 0, length: 0 };
  readonly loaded = nothingLoaded();
  readonly state: LoadState = { doing: 'start', kind: -1, key: null };
  lacksChecksum = false;
  /** Of the file; 0 before its head was read. */
  #version = 0;
  #isOfValkey = false;
  #database = 0;
  /** Databases that have room for what comes. */
  readonly #reserved: Database[] = [];
  /** The one that is being made so large, and where that goes on. */
  #reserving: Database | null = null;
  #reserveCursor = 0;
  /** What was said about the key to come; NaN and -1: nothing. The words are those of the time in ms. */
  #expiryMs = Number.NaN;
  #expiryLow = 0;
  #expiryHigh = 0;
  #idleSeconds = -1;
  #frequency = -1;

  constructor(options: RdbLoadOptions, input: FileInput) {
    this.#options = options;
    this.#keyspace = options.keyspace;
    this.#input = input;
    this.#values = new ValueReader(options.keyspace);
  }

  slice(endMs: number, keysMax: number): boolean {
    const { clock } = this.#keyspace;
    if (this.#version === 0) this.#version = this.#header();
    let more = true;
    for (let left = keysMax; more && left > 0; left -= ARRIVALS_MAX) {
      if (this.#reserving !== null) this.#reserve(this.#reserving);
      else more = this.#entries(Math.min(left, ARRIVALS_MAX));
      if (clock.monotonicMs() >= endMs) break;
    }
    if (!more && this.#version >= VERSION_CHECKSUM) this.#checkChecksum();
    return more;
  }

  /** Nothing more will be loaded. */
  end(): void {
    for (const db of this.#reserved) db.expectedCount = 0;
  }

  /** Loads some entries, so many at most; false if there are no more. */
  #entries(most: number): boolean {
    const input = this.#input;
    const end = input.offset + BYTES_BETWEEN_CLOCK_READS;
    try {
      for (let left = most; left > 0 && input.offset < end && this.#reserving === null; ) {
        this.state.doing = 'read-type';
        const op = input.byte();
        if (op === OP_END) return false;
        if (this.#isNote(op)) continue;
        this.#entry(op);
        left--;
      }
    } finally {
      this.#settle();
    }
    return true;
  }

  /** Puts the entries that were read last in their places. */
  #settle(): void {
    const twiceAt = this.#arrivals.settle(this.#keyspace.db(this.#database), this.#options.merges);
    if (twiceAt >= 0) throw new RdbError('a key twice', twiceAt);
  }

  #header(): number {
    const input = this.#input;
    const at = input.take(MAGIC.length + VERSION_DIGITS);
    const text = toLatin1(input.bytes, at, MAGIC.length + VERSION_DIGITS);
    this.#isOfValkey = text.startsWith(MAGIC_VALKEY);
    if (!this.#isOfValkey && !text.startsWith(MAGIC))
      input.fail('Wrong signature trying to load DB from file');
    const digits = text.slice(this.#isOfValkey ? MAGIC_VALKEY.length : MAGIC.length);
    const version = /^\d+$/.test(digits) ? Number(digits) : 0;
    const isKnown = this.#isOfValkey ? version === VERSION_VALKEY : version >= 1 && version <= VERSION_MAX;
    if (!isKnown) input.fail(`Can't handle RDB format version ${Number.parseInt(digits, 10) || 0}`);
    return version;
  }

  /** Whether this is no kind of a value; what it says is noted then. */
  #isNote(op: number): boolean {
    const input = this.#input;
    if (op === OP_EXPIRY_MS) this.#noteMs();
    else if (op === OP_EXPIRY_SECONDS) this.#noteSeconds();
    else if (op === OP_IDLE) this.#idleSeconds = input.size();
    else if (op === OP_FREQUENCY) this.#frequency = input.byte();
    else if (op === OP_DATABASE) this.#select();
    else if (op === OP_RESIZE) this.#noteSizes();
    else if (op === OP_SLOT_INFO) this.#skipNumbers(3);
    else if (op === OP_AUX) this.#noteFact();
    else if (op === OP_FUNCTION || op === OP_FUNCTION_OLD) this.#passFunction(op);
    else if (op === OP_MODULE_AUX) this.#failModule();
    else return false;
    return true;
  }

  #passFunction(op: number): void {
    this.state.doing = 'read-functions';
    if (op === OP_FUNCTION_OLD || !this.#options.passesFunctions)
      this.#input.fail('functions are not supported');
    this.#input.string();
  }

  #failModule(): never {
    this.state.doing = 'read-module-aux';
    this.#input.fail('data of modules are not supported');
  }

  #noteMs(): void {
    const input = this.#input;
    this.state.doing = 'read-expire';
    input.words();
    this.#expiryLow = input.low;
    this.#expiryHigh = input.high;
    this.#expiryMs = (input.high | 0) * 2 ** 32 + input.low;
  }

  #noteSeconds(): void {
    const input = this.#input;
    this.state.doing = 'read-expire';
    const at = input.take(4);
    const view = new DataView(input.bytes.buffer, input.bytes.byteOffset);
    this.#expiryMs = view.getInt32(at, true) * SECOND_MS;
    this.#expiryLow = lowWord(this.#expiryMs);
    this.#expiryHigh = highWord(this.#expiryMs);
  }

  #select(): void {
    this.state.doing = 'read-len';
    const index = this.#input.size();
    if (index >= this.#keyspace.databaseCount) this.#input.fail(`there is no database ${index}`);
    this.#settle();
    this.#database = index;
    this.#options.onDatabase?.(index);
  }

  /**
   * How many keys the database has, and how many of them with an expiry. The table is made for so many at once, as far as there are
   * bytes for them; where keys merge with others it is there already.
   */
  #noteSizes(): void {
    const input = this.#input;
    this.state.doing = 'read-len';
    const keys = Math.min(input.size(), input.left / KEY_BYTES);
    input.size();
    this.#settle();
    const db = this.#keyspace.db(this.#database);
    if (this.#options.merges || db.size > 0 || keys < RESERVED_KEYS_MIN) return;
    if (!this.#keyspace.arena.reserve(keys * KEY_BYTES)) return;
    db.expectedCount = keys;
    this.#reserved.push(db);
    this.#reserving = db;
    this.#reserveCursor = 0;
  }

  /** Makes a table larger, for a while. */
  #reserve(db: Database): void {
    const { clock } = this.#keyspace;
    const endMs = clock.monotonicMs() + RESERVING_MS;
    do this.#reserveCursor = db.reserveAt(this.#reserveCursor, db.expectedCount);
    while (this.#reserveCursor !== 0 && clock.monotonicMs() < endMs);
    if (this.#reserveCursor === 0) this.#reserving = null;
  }

  #skipNumbers(count: number): void {
    this.state.doing = 'read-len';
    for (let i = 0; i < count; i++) this.#input.size();
  }

  #noteFact(): void {
    this.state.doing = 'read-aux';
    const name = this.#text();
    this.#options.onFact(name, this.#text());
  }

  #text(): string {
    const input = this.#input;
    input.string();
    return toLatin1(input.text, input.textAt, input.textBytes);
  }

  #entry(op: number): void {
    const input = this.#input;
    const { state } = this;
    const kind = this.#isOfValkey ? valkeyKind(op) : op;
    if (!isValueKind(kind)) input.fail(`Invalid object type: ${op}`);
    state.kind = kind;
    state.doing = 'read-key';
    input.string();
    const key = this.#key;
    key.bytes = input.text;
    key.at = input.textAt;
    key.length = input.textBytes;
    state.key = key;
    state.doing = 'read-object-value';
    const hash = this.#keyspace.hash.hash(key.bytes, key.at, key.length);
    const ref = this.#values.read(input, kind, key);
    if (ref === 0) this.#passEmpty(key);
    else this.#add(hash, ref);
    if (!Number.isNaN(this.#expiryMs)) this.loaded.volatileKeys++;
    this.#expiryMs = Number.NaN;
    this.#idleSeconds = -1;
    this.#frequency = -1;
    state.kind = -1;
    state.key = null;
  }

  #passEmpty(key: KeyName): void {
    const { emptyNames } = this.loaded;
    this.loaded.empty++;
    if (emptyNames.length < EMPTY_NAMES_MAX) emptyNames.push(toLatin1(key.bytes, key.at, key.length));
  }

  /** Has an entry put in its place soon, unless it has expired. */
  #add(hash: number, ref: Ref): void {
    const keyspace = this.#keyspace;
    if (this.#expiryMs < keyspace.pastMs) {
      keyspace.dispose(ref);
      this.loaded.expired++;
      return;
    }
    this.#setClock(ref);
    const placed = Number.isNaN(this.#expiryMs) ? ref : this.#withExpiry(ref);
    this.#arrivals.take(hash, placed, this.#input.offset);
    this.loaded.keys++;
  }

  #withExpiry(ref: Ref): Ref {
    const { entries } = this.#keyspace;
    const next = entries.reshape(ref, entries.flags(ref) | HAS_EXPIRY, entries.inlineBytes(ref));
    entries.writeExpiry(next, this.#expiryLow, this.#expiryHigh);
    return next;
  }

  #setClock(ref: Ref): void {
    const keyspace = this.#keyspace;
    const { entries } = keyspace;
    if (keyspace.lfu && this.#frequency >= 0)
      entries.setClock(ref, frequencyClock(keyspace, this.#frequency));
    if (!keyspace.lfu && this.#idleSeconds >= 0)
      entries.setClock(ref, idleClock(keyspace, this.#idleSeconds));
  }

  #checkChecksum(): void {
    const input = this.#input;
    this.state.doing = 'check-sum';
    input.digest();
    const { crc } = input;
    const { low, high } = crc;
    input.words();
    this.lacksChecksum = (input.low | input.high) === 0;
    if (this.#options.checksChecksum && !this.lacksChecksum && (input.low !== low || input.high !== high))
      input.fail('RDB CRC error');
  }
}
