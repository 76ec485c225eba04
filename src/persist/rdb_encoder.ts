// The parts of an RDB file as bytes, in the order in which their writer wants them.
//
//   "REDIS" | four digits of the version | facts about the file
//   for each database that is not empty: its number | how many keys, and keys with an expiry, it has
//                                        | for each key: [expiry] [idle time or frequency] kind, key, value
//   end | CRC-64 of all before, or 0                                                (rdb_format.ts has the numbers)
//
// A database's number may come again when more of its keys follow.
import type { Ref } from '../arena/arena.ts';
import { idleSeconds } from '../keyspace/access_clock.ts';
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
  VERSION_STREAM_PRODUCERS,
  VERSION_STREAM_RELEASES,
} from './rdb_format.ts';
import { RdbOutput } from './rdb_output.ts';
import type { Readers } from './readers.ts';
import { type ElementWriter, ValueWriter } from './value_writer.ts';

const VERSION_DIGITS = 4;

export interface RdbSettings {
  compresses: boolean;
  hasChecksum: boolean;
  /** Whether access clocks are kept: as idle times, as frequencies, or not. */
  clocks: 'idle' | 'frequency' | 'none';
  /** Facts about the file, by name. */
  facts: readonly (readonly [name: string, value: string])[];
}

export class RdbEncoder {
  readonly out: RdbOutput;
  readonly #keyspace: Keyspace;
  readonly #readers: Readers;
  readonly #settings: RdbSettings;
  /** Writes values without their keys. */
  readonly #values: ValueWriter;

  constructor(keyspace: Keyspace, readers: Readers, settings: RdbSettings) {
    this.#keyspace = keyspace;
    this.out = new RdbOutput(keyspace.checksum());
    this.#readers = readers;
    this.#settings = settings;
    this.out.compresses = settings.compresses;
    this.#values = new ValueWriter(readers, this.out);
  }

  head(): void {
    const { out } = this;
    this.#text(MAGIC + String(this.#version()).padStart(VERSION_DIGITS, '0'));
    for (const [name, value] of this.#settings.facts) {
      out.byte(OP_AUX);
      this.#string(name);
      this.#string(value);
    }
  }

  /** What follows is of this database. */
  database(index: number): void {
    this.out.byte(OP_DATABASE);
    this.out.size(index);
  }

  /** How many keys the database has, and how many of them with an expiry. */
  sizes(keys: number, volatileKeys: number): void {
    this.out.byte(OP_RESIZE);
    this.out.size(keys);
    this.out.size(volatileKeys);
  }

  entry(ref: Ref): void {
    this.entryHead(ref);
    this.#values.write(ref);
  }

  beginEntry(ref: Ref): ElementWriter {
    this.entryHead(ref);
    return this.#values.begin(ref);
  }

  /** An entry without its value, which follows. */
  entryHead(ref: Ref): void {
    const { entries } = this.#readers;
    const { clocks } = this.#settings;
    const { out } = this;
    if (entries.hasExpiry(ref)) {
      out.byte(OP_EXPIRY_MS);
      out.word(entries.expiryLow(ref));
      out.word(entries.expiryHigh(ref));
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
  }

  /** The end, before the checksum. */
  end(): void {
    this.out.byte(OP_END);
  }

  /** The checksum of all bytes so far, which are in `out.crc`. */
  checksum(): void {
    const { crc } = this.out;
    this.out.word(this.#settings.hasChecksum ? crc.low : 0);
    this.out.word(this.#settings.hasChecksum ? crc.high : 0);
  }

  /** A newer version only where there may be something that older ones do not know. */
  #version(): number {
    const { streams } = this.#keyspace;
    if (streams.groups.hasReleased) return VERSION_STREAM_RELEASES;
    if (streams.producers.hasRecorded) return VERSION_STREAM_PRODUCERS;
    for (let index = 0; index < this.#keyspace.databaseCount; index++)
      if (this.#keyspace.db(index).volatileHashes.size > 0) return VERSION_FIELD_EXPIRY;
    return VERSION_COMMON;
  }

  #text(text: string): void {
    const bytes = Buffer.from(text, 'latin1');
    this.out.raw(bytes, 0, bytes.length);
  }

  #string(text: string): void {
    const bytes = Buffer.from(text, 'latin1');
    this.out.string(bytes, 0, bytes.length);
  }
}
