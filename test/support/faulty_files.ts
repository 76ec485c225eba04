// Files whose n-th call fails, and whose writes are short on demand. Everything else is done by the system.
import { type Files, SystemFiles } from '../../src/base/files.ts';

export class FaultyFiles implements Files {
  /** Names of the calls so far, the failed one included. */
  readonly calls: string[] = [];
  /** Bytes a write takes at most. */
  writeBytesMax = Infinity;
  readonly #system = new SystemFiles();
  readonly #failAt: number;

  /** `failAt` counts from 1; by default nothing fails. */
  constructor(failAt = Infinity) {
    this.#failAt = failAt;
  }

  read(path: string): Uint8Array {
    this.#call('read');
    return this.#system.read(path);
  }

  open(path: string): number {
    this.#call('open');
    return this.#system.open(path);
  }

  size(fd: number): number {
    this.#call('size');
    return this.#system.size(fd);
  }

  readNext(fd: number, bytes: Uint8Array, off: number, len: number): number {
    this.#call('readNext');
    return this.#system.readNext(fd, bytes, off, len);
  }

  mode(path: string): number | null {
    this.#call('mode');
    return this.#system.mode(path);
  }

  create(path: string, mode: number): number {
    this.#call('create');
    return this.#system.create(path, mode);
  }

  write(fd: number, bytes: Uint8Array, off: number, len: number): number {
    this.#call('write');
    return this.#system.write(fd, bytes, off, Math.min(len, this.writeBytesMax));
  }

  sync(fd: number): void {
    this.#call('sync');
    this.#system.sync(fd);
  }

  close(fd: number): void {
    // A descriptor is released even when close reports an error.
    this.#system.close(fd);
    this.#call('close');
  }

  rename(from: string, to: string): void {
    this.#call('rename');
    this.#system.rename(from, to);
  }

  remove(path: string): void {
    this.#call('remove');
    this.#system.remove(path);
  }

  syncDirectory(path: string): void {
    this.#call('syncDirectory');
    this.#system.syncDirectory(path);
  }

  writeAt(fd: number, bytes: Uint8Array, off: number, len: number, position: number): number {
    this.#call('writeAt');
    return this.#system.writeAt(fd, bytes, off, Math.min(len, this.writeBytesMax), position);
  }

  async writeAtLater(
    fd: number,
    bytes: Uint8Array,
    off: number,
    len: number,
    position: number,
  ): Promise<number> {
    this.#call('writeAtLater');
    return await this.#system.writeAtLater(fd, bytes, off, Math.min(len, this.writeBytesMax), position);
  }

  async readAtLater(
    fd: number,
    bytes: Uint8Array,
    off: number,
    len: number,
    position: number,
  ): Promise<number> {
    this.#call('readAtLater');
    return await this.#system.readAtLater(fd, bytes, off, len, position);
  }

  async syncLater(fd: number): Promise<void> {
    this.#call('syncLater');
    await this.#system.syncLater(fd);
  }

  async closeLater(fd: number): Promise<void> {
    await this.#system.closeLater(fd);
    this.#call('closeLater');
  }

  async syncDirectoryLater(path: string): Promise<void> {
    this.#call('syncDirectoryLater');
    await this.#system.syncDirectoryLater(path);
  }

  readAt(fd: number, bytes: Uint8Array, off: number, len: number, position: number): number {
    this.#call('readAt');
    return this.#system.readAt(fd, bytes, off, len, position);
  }

  openToWrite(path: string): number {
    this.#call('openToWrite');
    return this.#system.openToWrite(path);
  }

  syncData(fd: number): void {
    this.#call('syncData');
    this.#system.syncData(fd);
  }

  async syncDataLater(fd: number): Promise<void> {
    this.#call('syncDataLater');
    await this.#system.syncDataLater(fd);
  }

  truncate(path: string, bytes: number): void {
    this.#call('truncate');
    this.#system.truncate(path, bytes);
  }

  makeDirectory(path: string, mode: number): void {
    this.#call('makeDirectory');
    this.#system.makeDirectory(path, mode);
  }

  async removeLater(path: string): Promise<void> {
    this.#call('removeLater');
    await this.#system.removeLater(path);
  }

  #call(name: string): void {
    this.calls.push(name);
    if (this.calls.length === this.#failAt) {
      throw Object.assign(new Error(`EIO: i/o error, ${name}`), { code: 'EIO', errno: -5 });
    }
  }
}
