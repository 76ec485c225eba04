// Loads an append-only file: the base, then the commands of the increments. What a crash has cut off at the end of the last
// file is cut away: back to where the last whole unit ends, before a MULTI whose EXEC is missing. The same goes for what comes
// behind a hole that a loss of power has left.
import { join } from 'node:path';
import { errorText } from '../base/errno.ts';
import { pathOf } from '../base/files.ts';
import type { AofFile, AofManifest } from '../persist/aof_manifest.ts';
import { AofReader, BAD, COMMAND, END, HOLE } from '../persist/aof_reader.ts';
import { beginsAsRdb } from '../persist/rdb_format.ts';
import { RdbLoad } from '../persist/rdb_loader.ts';
import type { LoadingSource } from './loading.ts';
import { LogRunner, RAN, UNKNOWN } from './log_runner.ts';
import type { ServerCore } from './server.ts';

/** How much is loaded between two looks at the clock. */
const COMMANDS_A_STEP = 256;
const STEP_MS = 4;

/** More than this is not cut away where zeros stand in a file: so much cannot all be what was not synced in time. */
const HOLE_TAIL_BYTES_MAX = 256 * 1024 * 1024;

/** What stands in the way of loading is in the log. */
export class AofError extends Error {
  override readonly name = 'AofError';
}

/** How long a file was, and whether its end was cut away. */
interface LoadedFile {
  bytes: number;
  isCut: boolean;
}

interface Unit {
  bytes: Uint8Array;
  pairs: Int32Array;
  count: number;
}

export interface LoadedAof {
  totalBytes: number;
  baseBytes: number;
  /** Size of the last file. */
  lastBytes: number;
}

/**
 * Loads the files of a manifest, which stand in `directory`, while clients are told to wait. Rejects with AofError, or the
 * error of the file operation that failed.
 */
export async function loadAof(
  server: ServerCore,
  manifest: AofManifest,
  directory: string,
): Promise<LoadedAof> {
  server.keyspace.stopExpiry(true);
  try {
    const load = new AofLoad(server, manifest, directory);
    await server.loading.run(load);
    return load.loaded;
  } finally {
    server.keyspace.stopExpiry(false);
  }
}

/** Loads them at once. Throws the same. */
export function loadAofNow(server: ServerCore, manifest: AofManifest, directory: string): void {
  const { effects, keyspace } = server;
  const { active } = effects;
  effects.active = false;
  keyspace.stopExpiry(true);
  try {
    new AofLoad(server, manifest, directory).slice(Number.POSITIVE_INFINITY);
  } finally {
    keyspace.stopExpiry(false);
    effects.active = active;
  }
}

class AofLoad implements LoadingSource {
  readonly totalBytes: number;
  loadedBytes = 0;
  readonly loaded: LoadedAof = { totalBytes: 0, baseBytes: 0, lastBytes: 0 };
  readonly #server: ServerCore;
  readonly #directory: string;
  readonly #runner: LogRunner;
  readonly #steps: Generator<void, void>;

  constructor(server: ServerCore, manifest: AofManifest, directory: string) {
    this.#server = server;
    this.#directory = directory;
    this.#runner = new LogRunner(server);
    const { base, increments } = manifest;
    const files = [...(base === null ? [] : [base]), ...increments];
    // Whether all are there is to be known before any data are.
    this.totalBytes = files.reduce((sum, { name }) => sum + this.#size(name), 0);
    this.#steps = this.#load(base, files);
  }

  slice(endMs: number): boolean {
    const { clock } = this.#server;
    do if (this.#steps.next().done) return false;
    while (clock.monotonicMs() < endMs);
    return true;
  }

  *#load(base: AofFile | null, files: readonly AofFile[]): Generator<void, void> {
    const { clock, log } = this.#server;
    const { loaded } = this;
    const startMs = clock.monotonicMs();
    for (const [i, file] of files.entries()) {
      const fileStartMs = clock.monotonicMs();
      const beforeBytes = this.loadedBytes;
      const { bytes, isCut } = yield* this.#file(file.name);
      this.loadedBytes = beforeBytes + bytes;
      if (isCut && files.slice(i + 1).some(({ name }) => this.#size(name) > 0)) {
        this.#fail('Fatal error: the truncated file is not the last file');
      }
      const seconds = ((clock.monotonicMs() - fileStartMs) / 1000).toFixed(3);
      if (file === base) loaded.baseBytes = bytes;
      if (bytes > 0)
        log.notice(`DB loaded from ${file === base ? 'base' : 'incr'} file ${file.name}: ${seconds} seconds`);
      loaded.totalBytes += bytes;
      loaded.lastBytes = bytes;
    }
    log.notice(
      `DB loaded from append only file: ${((clock.monotonicMs() - startMs) / 1000).toFixed(3)} seconds`,
    );
  }

  #fail(text: string): never {
    this.#server.log.warning(text);
    throw new AofError(text);
  }

  #path(name: string): string {
    return join(this.#directory, pathOf(name));
  }

  #size(name: string): number {
    const { files } = this.#server;
    let fd: number;
    try {
      fd = files.open(this.#path(name));
    } catch (error) {
      return this.#fail(
        `Fatal error: can't open the append log file ${name} for reading: ${errorText(error)}`,
      );
    }
    try {
      return files.size(fd);
    } finally {
      files.close(fd);
    }
  }

  *#file(name: string): Generator<void, LoadedFile> {
    const { files } = this.#server;
    const fd = files.open(this.#path(name));
    try {
      const bytes = files.size(fd);
      if (bytes === 0) return { bytes: 0, isCut: false };
      const start = beginsAsRdb(files, fd) ? yield* this.#rdb(name) : 0;
      return yield* this.#commands(name, new AofReader(files, fd, start), bytes);
    } finally {
      files.close(fd);
    }
  }

  /** Loads the RDB file that the file is or begins with; answers where that ends. */
  *#rdb(name: string): Generator<void, number> {
    const { clock, config, files, keyspace, log } = this.#server;
    const isOld = !name.endsWith('.rdb');
    log.notice(isOld ? 'Reading RDB preamble from AOF file...' : 'Reading RDB base file on AOF loading...');
    const before = this.loadedBytes;
    let load: RdbLoad | null = null;
    try {
      const checksChecksum = config.boolean('rdbchecksum');
      const path = this.#path(name);
      load = new RdbLoad({ keyspace, files, path, checksChecksum, merges: false, onFact: () => {} });
      while (load.slice(clock.monotonicMs() + STEP_MS, Number.POSITIVE_INFINITY)) {
        this.loadedBytes = before + load.loadedBytes;
        yield;
      }
      if (isOld) log.notice('Reading the remaining AOF tail...');
      return load.loadedBytes;
    } catch (error) {
      log.warning(errorText(error));
      return this.#fail(
        isOld
          ? `Error reading the RDB preamble of the AOF file ${name}, AOF loading aborted`
          : `Error reading the RDB base file ${name}, AOF loading aborted`,
      );
    } finally {
      load?.close();
    }
  }

  *#commands(name: string, reader: AofReader, bytes: number): Generator<void, LoadedFile> {
    const runner = this.#runner;
    const { table } = this.#server;
    const multi = table.lookup('multi');
    const exec = table.lookup('exec');
    runner.reset();
    /** Commands behind MULTI, until EXEC comes. */
    let unit: Unit[] | null = null;
    /** Where the last whole unit ends. */
    let soundBytes = reader.end;
    const before = this.loadedBytes;
    for (let count = 1; ; count++) {
      if (count % COMMANDS_A_STEP === 0) {
        this.loadedBytes = before + reader.end;
        yield;
      }
      const result = reader.next();
      if (result === BAD || (result === HOLE && bytes - soundBytes > HOLE_TAIL_BYTES_MAX))
        this.#failFormat(name);
      if (result !== COMMAND) {
        if (result === END && unit === null) return { bytes, isCut: false };
        if (unit !== null)
          this.#server.log.warning(`Revert incomplete MULTI/EXEC transaction from AOF file ${name}`);
        return this.#cut(name, soundBytes);
      }
      const id = runner.find(reader.bytes, reader.pairs);
      if (id === multi) {
        unit = [];
        continue;
      }
      if (unit !== null && id !== exec) {
        unit.push(copyOf(reader));
        continue;
      }
      if (unit === null) this.#run(name, reader);
      else for (const command of unit) this.#run(name, command);
      unit = null;
      soundBytes = reader.end;
    }
  }

  #run(name: string, { bytes, pairs, count }: Unit): void {
    const result = this.#runner.run(bytes, pairs, count);
    if (result === RAN) return;
    if (result !== UNKNOWN) this.#failFormat(name);
    const word = Buffer.from(bytes.buffer, bytes.byteOffset + pairs[0]!, pairs[1]!).toString('latin1');
    this.#fail(`Unknown command '${word}' reading the append only file ${name}`);
  }

  #failFormat(name: string): never {
    return this.#fail(
      `Bad file format reading the append only file ${name}: make a backup of your AOF file, ` +
        'then use ./redis-check-aof --fix <filename.manifest>',
    );
  }

  /** Cuts away what comes behind `soundBytes`. */
  #cut(name: string, soundBytes: number): LoadedFile {
    const { config, files, log } = this.#server;
    if (!config.boolean('aof-load-truncated')) {
      this.#fail(
        `Unexpected end of file reading the append only file ${name}. You can: 1) Make a backup of your AOF file, ` +
          'then use ./redis-check-aof --fix <filename.manifest>. 2) Alternatively you can set the ' +
          "'aof-load-truncated' configuration option to yes and restart the server.",
      );
    }
    log.warning(`!!! Warning: short read while loading the AOF file ${name}!!!`);
    log.warning(`!!! Truncating the AOF ${name} at offset ${soundBytes} !!!`);
    try {
      files.truncate(this.#path(name), soundBytes);
    } catch (error) {
      this.#fail(`Error truncating the AOF file ${name}: ${errorText(error)}`);
    }
    log.warning(`AOF ${name} loaded anyway because aof-load-truncated is enabled`);
    return { bytes: soundBytes, isCut: true };
  }
}

function copyOf({ bytes, pairs, count }: AofReader): Unit {
  const first = pairs[0]!;
  const last = 2 * (count - 1);
  const end = pairs[last]! + pairs[last + 1]!;
  const own = pairs.slice(0, 2 * count);
  for (let i = 0; i < own.length; i += 2) own[i]! -= first;
  return { bytes: bytes.slice(first, end), pairs: own, count };
}
