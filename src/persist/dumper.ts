// Dumps: one value as bytes that another server takes.
//
//   kind:8 | value | version:16 | CRC-64 of all before                                     (low bytes first; rdb_format.ts)
import type { Ref } from '../arena/arena.ts';
import type { Crc64 } from '../base/crc64.ts';
import type { Keyspace } from '../keyspace/keyspace.ts';
import { DUMP_FOOTER_BYTES, VERSION_MAX, VERSION_VALKEY, valkeyKind } from './rdb_format.ts';
import { RdbInput } from './rdb_input.ts';
import { RdbOutput } from './rdb_output.ts';
import { type KeyName, ValueReader } from './value_reader.ts';
import { ValueWriter } from './value_writer.ts';

export class Dumper {
  readonly out: RdbOutput;
  /** Whether dumps must have the right checksum. */
  checksChecksum = true;
  readonly #writer: ValueWriter;
  readonly #reader: ValueReader;
  readonly #crc: Crc64;

  constructor(keyspace: Keyspace) {
    this.#crc = keyspace.checksum();
    this.out = new RdbOutput(keyspace.checksum());
    this.#writer = new ValueWriter(keyspace, this.out);
    this.#reader = new ValueReader(keyspace);
  }

  /** Writes the dump of an entry's value to `out`. */
  dump(ref: Ref, compresses: boolean): void {
    const { out } = this;
    out.reset();
    out.compresses = compresses;
    const kind = this.#writer.kindOf(ref);
    out.byte(kind);
    this.#writer.write(ref);
    out.footer(this.#writer.versionOf(kind));
  }

  /** Bytes of an entry's value in a dump. */
  valueBytes(ref: Ref, compresses: boolean): number {
    const { out } = this;
    out.reset();
    out.compresses = compresses;
    this.#writer.write(ref);
    const bytes = out.length;
    out.reset();
    return bytes;
  }

  /** Whether bytes are a dump of a known version that arrived as it was written. */
  isIntact(bytes: Uint8Array, at: number, length: number): boolean {
    if (length < DUMP_FOOTER_BYTES) return false;
    const view = new DataView(bytes.buffer, bytes.byteOffset + at + length - DUMP_FOOTER_BYTES);
    const version = view.getUint16(0, true);
    if (version > VERSION_MAX && version !== VERSION_VALKEY) return false;
    if (!this.checksChecksum) return true;
    this.#crc.reset();
    this.#crc.update(bytes, at, length - 8);
    return view.getUint32(2, true) === this.#crc.low && view.getUint32(6, true) === this.#crc.high;
  }

  /** A new entry, in no table and without expiry, with the value of an intact dump. Throws RdbError. */
  restore(bytes: Uint8Array, at: number, length: number, key: KeyName): Ref {
    const input = new RdbInput(bytes, at, at + length - DUMP_FOOTER_BYTES);
    const isOfValkey = bytes[at + length - DUMP_FOOTER_BYTES] === VERSION_VALKEY;
    const kind = input.byte();
    const ref = this.#reader.read(input, isOfValkey ? valkeyKind(kind) : kind, key);
    return ref === 0 ? input.fail('an empty value') : ref;
  }
}
