// The directory of an append-only file: its manifest, and the files that this names. Every switch is made by a new manifest,
// which is complete and durable under another name before it takes the place of the old one; what it names is durable before.
import { dirname, join } from 'node:path';
import { type Files, pathOf, switchFile, tryToRemove, writeAll } from '../base/files.ts';
import { type AofFile, type AofManifest, parseManifest, printManifest } from './aof_manifest.ts';
import { LogFile } from './log_file.ts';

const FILE_MODE = 0o644;
const DIRECTORY_MODE = 0o755;

export class AofDirectory {
  readonly path: string;
  /** What the names of all files begin with, one character for each byte. */
  readonly prefix: string;
  readonly #files: Files;

  constructor(files: Files, path: string, prefix: string) {
    this.#files = files;
    this.path = path;
    this.prefix = prefix;
  }

  get manifestName(): string {
    return `${this.prefix}.manifest`;
  }

  file(name: string): string {
    return join(this.path, pathOf(name));
  }

  get exists(): boolean {
    return this.#files.mode(this.path) !== null;
  }

  has(name: string): boolean {
    return this.#files.mode(this.file(name)) !== null;
  }

  /** Makes the directory unless it is there. */
  make(): void {
    if (this.exists) return;
    this.#files.makeDirectory(this.path, DIRECTORY_MODE);
    this.#files.syncDirectory(dirname(this.path));
  }

  /** Null if there is no manifest. Throws ManifestError, or the error of the file operation that failed. */
  readManifest(): AofManifest | null {
    if (!this.has(this.manifestName)) return null;
    return parseManifest(this.#files.read(this.file(this.manifestName)));
  }

  /**
   * Puts a manifest in the place of the old one. What it names must be durable. `switched` is called when the new one is in
   * place, though not durable yet: if an error follows, either of the two may be what the next start finds.
   */
  writeManifest(manifest: AofManifest, switched: () => void): void {
    const temporary = this.#prepare(manifest, (fd) => {
      this.#files.sync(fd);
      this.#files.close(fd);
    });
    this.#install(temporary);
    switched();
    this.sync();
  }

  /**
   * The same, without holding anybody up. The old manifest stays if `isWanted` says no in the end; `switched` is called when the new
   * one is in place, though not durable yet.
   */
  async writeManifestLater(
    manifest: AofManifest,
    isWanted: () => boolean,
    switched: () => void,
  ): Promise<void> {
    let fd = -1;
    const temporary = this.#prepare(manifest, (opened) => {
      fd = opened;
    });
    try {
      await this.#files.syncLater(fd);
    } catch (error) {
      tryToRemove(this.#files, temporary);
      throw error;
    } finally {
      await this.#files.closeLater(fd);
    }
    if (!isWanted()) return;
    this.#install(temporary);
    switched();
    await this.syncLater();
  }

  #prepare(manifest: AofManifest, then: (fd: number) => void): string {
    const files = this.#files;
    const temporary = this.file(`temp-${this.manifestName}`);
    const bytes = Buffer.from(printManifest(manifest), 'latin1');
    try {
      files.remove(temporary);
      const fd = files.create(temporary, FILE_MODE);
      try {
        writeAll(files, fd, bytes, bytes.length);
      } catch (error) {
        files.close(fd);
        throw error;
      }
      then(fd);
    } catch (error) {
      tryToRemove(files, temporary);
      throw error;
    }
    return temporary;
  }

  #install(temporary: string): void {
    switchFile(this.#files, temporary, this.file(this.manifestName));
  }

  /** Makes names of files durable. */
  sync(): void {
    this.#files.syncDirectory(this.path);
  }

  /** Makes names durable that a process has made or changed which ended before it could do so. */
  settle(): void {
    this.#files.syncDirectory(dirname(this.path));
    this.sync();
  }

  async syncLater(): Promise<void> {
    await this.#files.syncDirectoryLater(this.path);
  }

  /** Makes a new, empty increment. One of that name that no manifest knows may have been left by a crash. */
  createIncrement({ name }: AofFile): LogFile {
    const path = this.file(name);
    this.#files.remove(path);
    return new LogFile(this.#files, path, this.#files.create(path, FILE_MODE), 0);
  }

  /**
   * Goes on with an increment, which is made if it is not there. It is durable as it is: the process before may have ended
   * with its bytes in the hands of the system, and a torn end that was cut off must not come back behind what is written now.
   */
  openIncrement({ name }: AofFile): LogFile {
    const path = this.file(name);
    if (!this.has(name)) return this.createIncrement({ name, sequence: 0 });
    const fd = this.#files.openToWrite(path);
    try {
      this.#files.syncData(fd);
      return new LogFile(this.#files, path, fd, this.#files.size(fd));
    } catch (error) {
      this.#files.close(fd);
      throw error;
    }
  }

  /** Bytes of a file; 0 if it cannot be looked at. */
  size(name: string): number {
    try {
      const fd = this.#files.open(this.file(name));
      try {
        return this.#files.size(fd);
      } finally {
        this.#files.close(fd);
      }
    } catch {
      return 0;
    }
  }

  async removeLater(name: string): Promise<void> {
    await this.#files.removeLater(this.file(name));
  }
}
