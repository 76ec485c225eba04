// Writes RDB files: everything in all databases, at once.
//
//   "REDIS" | four digits of the version | facts about the file
//   for each database that is not empty: its number | how many keys, and keys with an expiry, it has
//                                        | for each key: [expiry] [idle time or frequency] kind, key, value
//   end | CRC-64 of all before, or 0                                                (rdb_format.ts has the numbers)
import type { Ref } from '../arena/arena.ts';
import { type Files, replaceFileBy, writeAll } from '../base/files.ts';
import { idleSeconds } from '../keyspace/access_clock.ts';
import type { Database } from '../keyspace/database.ts';
import type { Keyspace } from '../keyspace/keyspace.ts';
import {
  MAGIC,
  OP_AUX,
  OP_DATABASE,
  OP_END,
  OP_EXPIRY_MS,
  OP_FREQUENCY,
  OP_IDLE,
  OP_RESIZE,
  VERSION_COMMON,
  VERSION_FIELD_EXPIRY,
} from './rdb_format.ts';
import { RdbOutput } from './rdb_output.ts';
import { ValueWriter } from './value_writer.ts';

/** What is written at once. */
const PIECE_BYTES = 256 * 1024;
const FILE_MODE = 0o644;
const VERSION_DIGITS = 4;

export interface RdbSettings {
  compresses: boolean;
  hasChecksum: boolean;
  /** Whether access clocks are kept: as idle times, as frequencies, or not. */
  clocks: 'idle' | 'frequency' | 'none';
  /** Facts about the file, by name. */
  facts: readonly (readonly [name: string, value: string])[];
}

/** Replaces the file by one that holds all data. Throws the error of the file operation that failed. */
export function writeRdb(keyspace: Keyspace, files: Files, path: string, settings: RdbSettings): void {
  replaceFileBy(files, path, FILE_MODE, (fd) => new RdbWriter(keyspace, files, fd, settings).run());
}

class RdbWriter {
  readonly #keyspace: Keyspace;
  readonly #files: Files;
  readonly #fd: number;
  readonly #settings: RdbSettings;
  readonly #out = new RdbOutput();
  readonly #values: ValueWriter;

  constructor(keyspace: Keyspace, files: Files, fd: number, settings: RdbSettings) {
    this.#keyspace = keyspace;
    this.#files = files;
    this.#fd = fd;
    this.#settings = settings;
    this.#out.compresses = settings.compresses;
    this.#values = new ValueWriter(keyspace, this.#out);
  }

  run(): void {
    const { databaseCount } = this.#keyspace;
    const out = this.#out;
    this.#text(MAGIC + String(this.#version()).padStart(VERSION_DIGITS, '0'));
    for (const [name, value] of this.#settings.facts) {
      out.byte(OP_AUX);
      this.#string(name);
      this.#string(value);
    }
    for (let index = 0; index < databaseCount; index++) this.#database(this.#keyspace.db(index));
    out.byte(OP_END);
    this.#flush();
    const { crc } = out;
    out.word(this.#settings.hasChecksum ? crc.low : 0);
    out.word(this.#settings.hasChecksum ? crc.high : 0);
    this.#flush();
  }

  /** A newer version only where there may be fields with an expiry. */
  #version(): number {
    for (let index = 0; index < this.#keyspace.databaseCount; index++)
      if (this.#keyspace.db(index).volatileHashes.size > 0) return VERSION_FIELD_EXPIRY;
    return VERSION_COMMON;
  }

  #database(db: Database): void {
    if (db.size === 0) return;
    const out = this.#out;
    out.byte(OP_DATABASE);
    out.size(db.index);
    out.byte(OP_RESIZE);
    out.size(db.size);
    out.size(db.volatileCount);
    const visit = (ref: Ref): void => this.#entry(ref);
    let cursor = 0;
    do cursor = db.walk(cursor, visit);
    while (cursor !== 0);
  }

  #entry(ref: Ref): void {
    const { entries } = this.#keyspace;
    const { clocks } = this.#settings;
    const out = this.#out;
    if (entries.hasExpiry(ref)) {
      out.byte(OP_EXPIRY_MS);
      out.int64(entries.expiry(ref));
    }
    if (clocks === 'idle') {
      out.byte(OP_IDLE);
      out.size(idleSeconds(this.#keyspace, entries.clock(ref)));
    } else if (clocks === 'frequency') {
      out.byte(OP_FREQUENCY);
      out.byte(entries.clock(ref) & 0xff);
    }
    out.byte(this.#values.kindOf(ref));
    out.string(entries.view(ref), entries.keyAt(ref), entries.keyBytes(ref));
    this.#values.write(ref);
    if (out.length >= PIECE_BYTES) this.#flush();
  }

  #text(text: string): void {
    const bytes = Buffer.from(text, 'latin1');
    this.#out.raw(bytes, 0, bytes.length);
  }

  #string(text: string): void {
    const bytes = Buffer.from(text, 'latin1');
    this.#out.string(bytes, 0, bytes.length);
  }

  #flush(): void {
    const out = this.#out;
    if (this.#settings.hasChecksum) out.crc.update(out.bytes, 0, out.length);
    writeAll(this.#files, this.#fd, out.bytes, out.length);
    out.reset();
  }
}
