// In which form a snapshot is written: as an RDB file, or as the commands that make the same data.
import type { Ref } from '../arena/arena.ts';
import type { Keyspace } from '../keyspace/keyspace.ts';
import { CommandEncoder, type CommandSettings } from './command_encoder.ts';
import { RdbEncoder, type RdbSettings } from './rdb_encoder.ts';
import type { RdbOutput } from './rdb_output.ts';
import type { Readers } from './readers.ts';
import type { ElementWriter } from './value_writer.ts';

export type SnapshotSettings = RdbSettings | CommandSettings;

/** The parts of a snapshot as bytes of `out`, in the order in which their writer wants them. */
export interface SnapshotEncoder {
  readonly out: RdbOutput;
  head(): void;
  /** What follows is of this database. */
  database(index: number): void;
  /** How many keys the database has, and how many of them with an expiry. */
  sizes(keys: number, volatileKeys: number): void;
  entry(ref: Ref): void;
  /** An entry with a value that `tableOf` knows, without its elements, which follow in any order. */
  beginEntry(ref: Ref): ElementWriter;
  /** The end, before the checksum of all bytes so far, which are in `out.crc`. */
  end(): void;
  checksum(): void;
}

/** Whether a snapshot is written as commands. */
export function areCommands(settings: SnapshotSettings): settings is CommandSettings {
  return 'stampSeconds' in settings;
}

export function makeEncoder(
  keyspace: Keyspace,
  readers: Readers,
  settings: SnapshotSettings,
): SnapshotEncoder {
  return areCommands(settings)
    ? new CommandEncoder(readers, settings)
    : new RdbEncoder(keyspace, readers, settings);
}
