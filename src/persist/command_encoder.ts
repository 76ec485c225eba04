// Data as the commands that make them: the base of an append-only file with `aof-use-rdb-preamble no`. Which commands these are,
// and that they take 64 elements at a time, is as in Redis 7.0 (expiries of fields as in 7.4).
//
//   SELECT 0
//   RPUSH key e1 … e64, RPUSH key e65 …, PEXPIREAT key ms
//
// Large values are written element by element (snapshot.ts): how many they are is known before, so each command can say how
// many words it has before its words are there.
import type { Ref } from '../arena/arena.ts';
import { wordsToBigInt } from '../base/int64.ts';
import { HAS_EXPIRY as ELEMENT_HAS_EXPIRY } from '../structs/element.ts';
import { TYPE_HASH, TYPE_LIST, TYPE_SET, TYPE_STRING, TYPE_ZSET } from '../structs/entry.ts';
import { CommandOutput } from './command_output.ts';
import { RdbOutput } from './rdb_output.ts';
import type { Readers } from './readers.ts';
import { StreamCommands } from './stream_commands.ts';
import { type ElementWriter, tableOf } from './value_writer.ts';

const ELEMENTS_A_COMMAND = 64;

export interface CommandSettings {
  /** What the time is, which the file then says at its beginning; 0: it does not. */
  readonly stampSeconds: number;
  readonly hasChecksum: false;
}

/** The commands that add elements to one key, a number of elements each. */
class Chunks {
  readonly #commands: CommandOutput;
  readonly #name: string;
  readonly #key: Uint8Array;
  readonly #wordsEach: number;
  readonly #most: number;
  /** Elements that are still to come, and how many of them the command at hand takes. */
  #left: number;
  #room = 0;

  constructor(
    commands: CommandOutput,
    name: string,
    key: Uint8Array,
    elements: number,
    wordsEach: number,
    most = ELEMENTS_A_COMMAND,
  ) {
    this.#commands = commands;
    this.#name = name;
    this.#key = key;
    this.#left = elements;
    this.#wordsEach = wordsEach;
    this.#most = most;
  }

  /** To be called before each element, whose words then follow. */
  next(): CommandOutput {
    if (this.#room === 0) {
      this.#room = Math.min(this.#left, this.#most);
      this.#commands.begin(2 + this.#room * this.#wordsEach, this.#name).bulk(this.#key, 0, this.#key.length);
    }
    this.#room--;
    this.#left--;
    return this.#commands;
  }

  get isComplete(): boolean {
    return this.#left === 0;
  }
}

export class CommandEncoder {
  readonly out = new RdbOutput();
  readonly #readers: Readers;
  readonly #settings: CommandSettings;
  readonly #commands = new CommandOutput(this.out);
  readonly #streams: StreamCommands;

  constructor(readers: Readers, settings: CommandSettings) {
    this.#readers = readers;
    this.#settings = settings;
    this.#streams = new StreamCommands(readers.streams, this.#commands);
  }

  head(): void {
    const { stampSeconds } = this.#settings;
    const stamp = Buffer.from(stampSeconds === 0 ? '' : `#TS:${stampSeconds}\r\n`);
    this.out.raw(stamp, 0, stamp.length);
  }

  database(index: number): void {
    this.#commands.begin(2, 'SELECT').number(index);
  }

  sizes(): void {}

  entry(ref: Ref): void {
    const { entries } = this.#readers;
    const key = this.#keyOf(ref);
    const type = entries.type(ref);
    if (type === TYPE_STRING) this.#string(ref, key);
    else if (type === TYPE_LIST) this.#list(ref, key);
    else if (type === TYPE_SET) this.#set(ref, key);
    else if (type === TYPE_ZSET) this.#zset(ref, key);
    else if (type === TYPE_HASH) this.#hash(ref, key);
    else this.#streams.write(ref, key);
    this.#expiry(key, this.#expiryOf(ref));
  }

  beginEntry(ref: Ref): ElementWriter {
    const { entries, hashes } = this.#readers;
    const type = entries.type(ref);
    const key = this.#keyOf(ref);
    const expiry = this.#expiryOf(ref);
    const { elements } = hashes;
    const chunks = this.#chunks(ref, key, tableOf(this.#readers, ref)!.elements);
    return (element) => {
      const commands = chunks.next();
      const view = elements.view(element);
      if (type === TYPE_ZSET) commands.double(elements.score(element));
      commands.bulk(view, elements.memberAt(element), elements.memberBytes(element));
      if (type === TYPE_HASH) {
        commands.bulk(view, elements.valueAt(element), elements.valueBytes(element));
        if ((elements.flags(element) & ELEMENT_HAS_EXPIRY) !== 0) {
          this.#beginFieldExpiry(key, elements.expiry(element));
          commands.bulk(view, elements.memberAt(element), elements.memberBytes(element));
        }
      }
      if (chunks.isComplete) this.#expiry(key, expiry);
    };
  }

  end(): void {}

  checksum(): void {}

  /** The key, in bytes that stay. */
  #keyOf(ref: Ref): Uint8Array {
    const { entries } = this.#readers;
    const at = entries.keyAt(ref);
    return entries.view(ref).slice(at, at + entries.keyBytes(ref));
  }

  #expiryOf(ref: Ref): bigint | null {
    const { entries } = this.#readers;
    return entries.hasExpiry(ref) ? wordsToBigInt(entries.expiryLow(ref), entries.expiryHigh(ref)) : null;
  }

  #expiry(key: Uint8Array, expiryMs: bigint | null): void {
    if (expiryMs !== null)
      this.#commands.begin(3, 'PEXPIREAT').bulk(key, 0, key.length).text(expiryMs.toString());
  }

  /** The commands for so many elements of a collection. Those of a hash with expiries have one field each. */
  #chunks(ref: Ref, key: Uint8Array, elements: number): Chunks {
    const { entries, hashes } = this.#readers;
    const type = entries.type(ref);
    if (type === TYPE_LIST) return new Chunks(this.#commands, 'RPUSH', key, elements, 1);
    if (type === TYPE_SET) return new Chunks(this.#commands, 'SADD', key, elements, 1);
    if (type === TYPE_ZSET) return new Chunks(this.#commands, 'ZADD', key, elements, 2);
    if (hashes.dueMs(ref) === 0) return new Chunks(this.#commands, 'HMSET', key, elements, 2);
    return new Chunks(this.#commands, 'HSET', key, elements, 2, 1);
  }

  #string(ref: Ref, key: Uint8Array): void {
    const { strings } = this.#readers;
    strings.locate(ref);
    this.#commands.begin(3, 'SET').bulk(key, 0, key.length);
    this.#commands.bulk(strings.bytes, strings.at, strings.length);
  }

  #list(ref: Ref, key: Uint8Array): void {
    const { lists } = this.#readers;
    const size = lists.size(ref);
    const chunks = this.#chunks(ref, key, size);
    lists.emit(ref, 0, size, { bulk: (bytes, at, length) => void chunks.next().bulk(bytes, at, length) });
  }

  #set(ref: Ref, key: Uint8Array): void {
    const { sets } = this.#readers;
    const chunks = this.#chunks(ref, key, sets.size(ref));
    sets.emit(ref, { bulk: (bytes, at, length) => void chunks.next().bulk(bytes, at, length) });
  }

  #zset(ref: Ref, key: Uint8Array): void {
    const { zsets } = this.#readers;
    const { cursor } = zsets;
    const chunks = this.#chunks(ref, key, zsets.size(ref));
    cursor.start(ref, 0);
    do chunks.next().double(cursor.score).bulk(cursor.bytes, cursor.at, cursor.length);
    while (cursor.next());
  }

  #hash(ref: Ref, key: Uint8Array): void {
    const { hashes, hashWalk } = this.#readers;
    const chunks = this.#chunks(ref, key, hashes.size(ref));
    hashWalk.start(ref, Number.NEGATIVE_INFINITY);
    while (hashWalk.next()) {
      const commands = chunks.next();
      hashes.locateField(ref);
      commands.bulk(hashes.bytes, hashes.at, hashes.length);
      hashes.locateValue(ref);
      commands.bulk(hashes.bytes, hashes.at, hashes.length);
      const expiryMs = hashes.foundExpiryMs(ref);
      if (expiryMs === 0) continue;
      this.#beginFieldExpiry(key, expiryMs);
      hashes.locateField(ref);
      commands.bulk(hashes.bytes, hashes.at, hashes.length);
    }
  }

  /** All of the command but the field. */
  #beginFieldExpiry(key: Uint8Array, expiryMs: number): void {
    const commands = this.#commands.begin(6, 'HPEXPIREAT').bulk(key, 0, key.length);
    commands.number(expiryMs).text('FIELDS').text('1');
  }
}
