// Checks an append-only file: a manifest with all that it names, or a single file of former times, which may begin as an RDB file.
// What a crash or a broken disk left behind the last whole unit can be cut away, from the last file only.
import { dirname } from 'node:path';
import { errorText } from '../base/errno.ts';
import { type Files, pathOf, textOf } from '../base/files.ts';
import { type AofManifest, ManifestError, parseManifest } from '../persist/aof_manifest.ts';
import { beginsAsRdb } from '../persist/rdb_format.ts';
import { AofScan, BadTimestamp, type Scan } from './aof_scan.ts';
import { checkRdb, type Print } from './rdb_check.ts';

/** Shorter files cannot begin as an RDB file. */
const RDB_BYTES_MIN = 8;
const MANIFEST_LINE = /^file/;

export interface AofCheckOptions {
  readonly files: Files;
  readonly path: string;
  readonly nowMs: number;
  /** Cuts away what is not sound, if `confirm` says yes. */
  readonly fixes: boolean;
  /** Cuts away what was done later than this, in seconds since 1970; 0: does not. */
  readonly untilSeconds: number;
  readonly print: Print;
  /** Asks a question, which ends in a blank. */
  readonly confirm: (question: string) => Promise<boolean>;
}

/** The check ends here; what is wrong was printed. */
class Refused extends Error {}

/** What became of a file. */
type Outcome = 'valid' | 'empty' | 'cut' | 'cut to time';

/** Whether all is well, or was made so. Never rejects because of what is in the files. */
export async function checkAof(options: AofCheckOptions): Promise<boolean> {
  try {
    await new AofCheck(options).run();
    return true;
  } catch (error) {
    if (!(error instanceof Refused)) throw error;
    return false;
  }
}

class AofCheck {
  readonly #options: AofCheckOptions;

  constructor(options: AofCheckOptions) {
    this.#options = options;
  }

  async run(): Promise<void> {
    const { path, print } = this.#options;
    const name = textOf(path);
    const fd = this.#open(path, '');
    const isManifest = this.#reading(name, () => this.#isManifest(fd));
    if (isManifest) {
      await this.#manifest();
      return;
    }
    const beginsAsRdb = this.#beginsAsRdb(path);
    print('Start checking Old-Style AOF');
    this.#tell('AOF', name, await this.#file(name, path, true, beginsAsRdb));
  }

  #refuse(text: string): never {
    this.#options.print(text);
    throw new Refused();
  }

  #open(path: string, ending: string): number {
    try {
      return this.#options.files.open(path);
    } catch (error) {
      return this.#refuse(`Cannot open file ${textOf(path)}: ${errorText(error)}${ending}`);
    }
  }

  /** What `read` answers; that a file cannot be read ends the check. */
  #reading<T>(name: string, read: () => T): T {
    try {
      return read();
    } catch (error) {
      if (error instanceof Refused) throw error;
      return this.#refuse(`Cannot read file ${name}: ${errorText(error)}, aborting...`);
    }
  }

  /** Whether the first line that is no comment is one of a manifest. */
  #isManifest(fd: number): boolean {
    const { files } = this.#options;
    try {
      const head = new Uint8Array(64 * 1024);
      const read = files.readAt(fd, head, 0, head.length, 0);
      const lines = Buffer.from(head.subarray(0, read)).toString('latin1').split('\n');
      return MANIFEST_LINE.test(lines.find((line) => !line.startsWith('#')) ?? '');
    } finally {
      files.close(fd);
    }
  }

  #beginsAsRdb(path: string): boolean {
    const { files } = this.#options;
    const fd = this.#open(path, '');
    try {
      return this.#reading(textOf(path), () => files.size(fd) >= RDB_BYTES_MIN && beginsAsRdb(files, fd));
    } finally {
      files.close(fd);
    }
  }

  async #manifest(): Promise<void> {
    const { path, print } = this.#options;
    print('Start checking Multi Part AOF');
    const { base, increments } = this.#readManifest();
    const directory = dirname(path);
    if (base !== null) {
      const file = `${directory}/${pathOf(base.name)}`;
      const isRdb = this.#beginsAsRdb(file);
      print(`Start to check BASE AOF (${isRdb ? 'RDB' : 'RESP'} format).`);
      this.#tell('BASE AOF', base.name, await this.#file(base.name, file, increments.length === 0, isRdb));
    }
    if (increments.length > 0) print('Start to check INCR files.');
    for (const increment of increments) {
      const file = `${directory}/${pathOf(increment.name)}`;
      const outcome = await this.#file(increment.name, file, increment === increments.at(-1), false);
      this.#tell('INCR AOF', increment.name, outcome);
    }
    print('All AOF files and manifest are valid');
  }

  #readManifest(): AofManifest {
    const { files, path, print } = this.#options;
    try {
      return parseManifest(this.#reading(textOf(path), () => files.read(path)));
    } catch (error) {
      if (!(error instanceof ManifestError)) throw error;
      for (const line of error.report) print(line);
      throw new Refused();
    }
  }

  #tell(what: string, name: string, outcome: Outcome): void {
    const { print, untilSeconds } = this.#options;
    if (outcome === 'valid' || outcome === 'empty') print(`${what} ${name} is ${outcome}`);
    else if (outcome === 'cut') print(`Successfully truncated AOF ${name}`);
    else print(`Successfully truncated AOF ${name} to timestamp ${untilSeconds}`);
  }

  async #file(name: string, path: string, isLast: boolean, beginsAsRdb: boolean): Promise<Outcome> {
    const { files, untilSeconds } = this.#options;
    const fd = this.#open(path, ', aborting...');
    try {
      const size = this.#reading(name, () => files.size(fd));
      if (size === 0) return 'empty';
      const start = beginsAsRdb ? this.#preamble(name, path) : 0;
      const scan = this.#reading(name, () =>
        this.#scan(new AofScan(files, fd, textOf(path), start, untilSeconds)),
      );
      if (scan.laterAt >= 0) {
        this.#cutToTime(path, scan.laterAt, isLast);
        return 'cut to time';
      }
      return await this.#judge(name, path, size, scan, isLast);
    } finally {
      files.close(fd);
    }
  }

  #scan(scan: AofScan): Scan {
    try {
      return scan.run();
    } catch (error) {
      if (error instanceof BadTimestamp) return this.#refuse('Invalid timestamp annotation');
      throw error;
    }
  }

  /** Where the RDB file that the file begins with ends. */
  #preamble(name: string, path: string): number {
    const { files, nowMs, print } = this.#options;
    const end = this.#reading(name, () => checkRdb(files, path, name, nowMs, print));
    if (end < 0) this.#refuse('RDB preamble of AOF file is not sane, aborting.');
    print('RDB preamble is OK, proceeding with AOF tail...');
    return end;
  }

  #cutToTime(path: string, offset: number, isLast: boolean): void {
    const { print, untilSeconds } = this.#options;
    const name = textOf(path);
    if (offset === 0) this.#refuse(`AOF ${name} has nothing before timestamp ${untilSeconds}, aborting...`);
    if (!isLast) {
      print(
        `Failed to truncate AOF ${name} to timestamp ${untilSeconds} to offset ${offset} because it is not the last file.`,
      );
      this.#refuse(
        'If you insist, please delete all files after this file according to the manifest ' +
          'file and delete the corresponding records in manifest file manually. Then re-run redis-check-aof.',
      );
    }
    this.#cut(path, offset, `Failed to truncate AOF ${name} to timestamp ${untilSeconds}`);
  }

  /** Judges a file by what its scan came to. */
  async #judge(name: string, path: string, size: number, scan: Scan, isLast: boolean): Promise<Outcome> {
    const { confirm, fixes, print, untilSeconds } = this.#options;
    const { isForeign, line, problem, soundBytes } = scan;
    const excess = size - soundBytes;
    if (isForeign) print(`AOF ${name} format error`);
    if (problem !== '') print(problem);
    if (excess === 0 && untilSeconds !== 0) {
      print(`Truncate nothing in AOF ${name} to timestamp ${untilSeconds}`);
      return 'valid';
    }
    print(
      `AOF analyzed: filename=${name}, size=${size}, ok_up_to=${soundBytes}, ok_up_to_line=${line}, diff=${excess}`,
    );
    if (excess === 0) return 'valid';
    if (!fixes) this.#refuse(`AOF ${name} is not valid. Use the --fix option to try fixing it.`);
    if (!isLast) this.#refuse(`Failed to truncate AOF ${name} because it is not the last file`);
    print(
      `This will shrink the AOF ${name} from ${size} bytes, with ${excess} bytes, to ${soundBytes} bytes`,
    );
    if (!(await confirm('Continue? [y/N]: '))) this.#refuse('Aborting...');
    this.#cut(path, soundBytes, `Failed to truncate AOF ${name}`);
    return 'cut';
  }

  #cut(path: string, bytes: number, failure: string): void {
    const { files } = this.#options;
    try {
      files.truncate(path, bytes);
      const fd = files.openToWrite(path);
      files.sync(fd);
      files.close(fd);
    } catch {
      this.#refuse(failure);
    }
  }
}
