// The file operations on which durability rests, as one small interface, so that tests can make the n-th call
// fail. They take paths as text and throw Node's errors (`code` is the name of the errno). Those that end in `Later` are done
// by other threads, and their promises reject with such errors; the rest is done at once.

import {
  close,
  closeSync,
  constants,
  fdatasync,
  fdatasyncSync,
  fstatSync,
  fsync,
  fsyncSync,
  mkdirSync,
  open,
  openSync,
  read,
  readFileSync,
  readSync,
  renameSync,
  rm,
  statSync,
  truncateSync,
  unlinkSync,
  write,
  writeSync,
} from 'node:fs';
import { dirname } from 'node:path';
import { promisify } from 'node:util';

/**
 * The path that a text of one character per byte (an argument, a configured value) stands for; the bytes are
 * UTF-8.
 */
export function pathOf(text: string): string {
  return Buffer.from(text, 'latin1').toString('utf8');
}

/** The text of one character per byte for a path, or for any other text from outside of a configuration. */
export function textOf(path: string): string {
  return Buffer.from(path, 'utf8').toString('latin1');
}

export interface Files {
  read(path: string): Uint8Array;
  /** Opens a file for reading. */
  open(path: string): number;
  /** Bytes of an open file. */
  size(fd: number): number;
  /** Reads the next bytes, at most `len`; returns how many, 0 at the end. */
  readNext(fd: number, bytes: Uint8Array, off: number, len: number): number;
  /** Permission bits of the file; null when there is none. */
  mode(path: string): number | null;
  /** Creates a file for writing and reading; fails when the name exists, be it as a symbolic link. */
  create(path: string, mode: number): number;
  /** Writes some of the bytes, at least one; returns how many. */
  write(fd: number, bytes: Uint8Array, off: number, len: number): number;
  sync(fd: number): void;
  close(fd: number): void;
  rename(from: string, to: string): void;
  /** Removes the file if it exists. */
  remove(path: string): void;
  /** Makes the entries of a directory durable: creations, renames, removals. */
  syncDirectory(path: string): void;
  /** Writes some of the bytes, at least one, at an offset of the file; how many. */
  writeAt(fd: number, bytes: Uint8Array, off: number, len: number, position: number): number;
  writeAtLater(fd: number, bytes: Uint8Array, off: number, len: number, position: number): Promise<number>;
  /** Reads some bytes at an offset of the file, at most `len`; how many, 0 at the end. */
  readAtLater(fd: number, bytes: Uint8Array, off: number, len: number, position: number): Promise<number>;
  syncLater(fd: number): Promise<void>;
  closeLater(fd: number): Promise<void>;
  syncDirectoryLater(path: string): Promise<void>;
  /** Reads some of the bytes at an offset of the file; how many, 0 at the end. */
  readAt(fd: number, bytes: Uint8Array, off: number, len: number, position: number): number;
  /** Opens a file that is there for writing. */
  openToWrite(path: string): number;
  /** Makes the bytes of a file durable, and its length. */
  syncData(fd: number): void;
  syncDataLater(fd: number): Promise<void>;
  /** Makes a file shorter. */
  truncate(path: string, bytes: number): void;
  makeDirectory(path: string, mode: number): void;
  /** Removes the file if it exists. */
  removeLater(path: string): Promise<void>;
}

const writeLater = promisify(write);
const readLater = promisify(read);
const fsyncLater = promisify(fsync);
const closeFdLater = promisify(close);
const openLater = promisify(open);
const fdatasyncLater = promisify(fdatasync);
const rmLater = promisify(rm);

export class SystemFiles implements Files {
  read(path: string): Uint8Array {
    return readFileSync(path);
  }

  open(path: string): number {
    return openSync(path, constants.O_RDONLY);
  }

  size(fd: number): number {
    return fstatSync(fd).size;
  }

  readNext(fd: number, bytes: Uint8Array, off: number, len: number): number {
    return readSync(fd, bytes, off, len, null);
  }

  mode(path: string): number | null {
    const status = statSync(path, { throwIfNoEntry: false });
    return status === undefined ? null : status.mode & 0o777;
  }

  create(path: string, mode: number): number {
    return openSync(
      path,
      constants.O_RDWR | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW,
      mode,
    );
  }

  write(fd: number, bytes: Uint8Array, off: number, len: number): number {
    return writeSync(fd, bytes, off, len);
  }

  sync(fd: number): void {
    fsyncSync(fd);
  }

  close(fd: number): void {
    closeSync(fd);
  }

  rename(from: string, to: string): void {
    renameSync(from, to);
  }

  remove(path: string): void {
    // Not rmSync: Node loads what that needs only when it is called, in the middle of commands.
    try {
      unlinkSync(path);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    }
  }

  syncDirectory(path: string): void {
    const fd = openSync(path, constants.O_RDONLY | constants.O_DIRECTORY);
    try {
      fsyncSync(fd);
    } finally {
      closeSync(fd);
    }
  }

  writeAt(fd: number, bytes: Uint8Array, off: number, len: number, position: number): number {
    return writeSync(fd, bytes, off, len, position);
  }

  async writeAtLater(
    fd: number,
    bytes: Uint8Array,
    off: number,
    len: number,
    position: number,
  ): Promise<number> {
    return (await writeLater(fd, bytes, off, len, position)).bytesWritten;
  }

  async readAtLater(
    fd: number,
    bytes: Uint8Array,
    off: number,
    len: number,
    position: number,
  ): Promise<number> {
    return (await readLater(fd, bytes, off, len, position)).bytesRead;
  }

  syncLater(fd: number): Promise<void> {
    return fsyncLater(fd);
  }

  closeLater(fd: number): Promise<void> {
    return closeFdLater(fd);
  }

  async syncDirectoryLater(path: string): Promise<void> {
    const fd = await openLater(path, constants.O_RDONLY | constants.O_DIRECTORY);
    try {
      await fsyncLater(fd);
    } finally {
      await closeFdLater(fd);
    }
  }

  readAt(fd: number, bytes: Uint8Array, off: number, len: number, position: number): number {
    return readSync(fd, bytes, off, len, position);
  }

  openToWrite(path: string): number {
    return openSync(path, constants.O_WRONLY);
  }

  syncData(fd: number): void {
    fdatasyncSync(fd);
  }

  syncDataLater(fd: number): Promise<void> {
    return fdatasyncLater(fd);
  }

  truncate(path: string, bytes: number): void {
    truncateSync(path, bytes);
  }

  makeDirectory(path: string, mode: number): void {
    mkdirSync(path, { mode });
  }

  removeLater(path: string): Promise<void> {
    return rmLater(path, { force: true });
  }
}

/**
 * Replaces a file as a whole: after a crash at any point the path holds the old bytes or the new ones. The
 * new file has the permissions of the old one, or `mode`. When this throws, the old file is in place and the
 * temporary one is gone, except after a failed directory sync, where the new file is in place but perhaps not
 * yet durable.
 */
export function replaceFile(files: Files, path: string, bytes: Uint8Array, mode: number): void {
  replaceFileBy(files, path, mode, (fd) => writeAll(files, fd, bytes, bytes.length));
}

/** Writes the first `count` bytes. */
export function writeAll(files: Files, fd: number, bytes: Uint8Array, count: number): void {
  for (let off = 0; off < count; ) off += files.write(fd, bytes, off, count - off);
}

/** Writes all bytes at an offset of the file. */
export function writeAllAt(files: Files, fd: number, bytes: Uint8Array, position: number): void {
  const { length } = bytes;
  for (let off = 0; off < length; ) off += files.writeAt(fd, bytes, off, length - off, position + off);
}

/** The same, by another thread. */
export async function writeAllAtLater(
  files: Files,
  fd: number,
  bytes: Uint8Array,
  position: number,
): Promise<void> {
  const { length } = bytes;
  for (let off = 0; off < length; ) {
    off += await files.writeAtLater(fd, bytes, off, length - off, position + off);
  }
}

/** Like `replaceFile`; `write` writes the file, which has the name `temporary` until it is complete. */
export function replaceFileBy(
  files: Files,
  path: string,
  mode: number,
  write: (fd: number) => void,
  // Not random, so that what a crash left behind is cleared by the next attempt.
  temporary = `${path}.${process.pid}.tmp`,
): void {
  try {
    files.remove(temporary);
    const fd = files.create(temporary, files.mode(path) ?? mode);
    try {
      write(fd);
      files.sync(fd);
    } finally {
      files.close(fd);
    }
  } catch (error) {
    tryToRemove(files, temporary);
    throw error;
  }
  switchFile(files, temporary, path);
  files.syncDirectory(dirname(path));
}

/** Gives a temporary file the name of the one it replaces; it is removed if that fails. The directory is not synced. */
export function switchFile(files: Files, temporary: string, path: string): void {
  try {
    files.rename(temporary, path);
  } catch (error) {
    tryToRemove(files, temporary);
    throw error;
  }
}

/** Removes the file if that is possible. */
export function tryToRemove(files: Files, path: string): void {
  try {
    files.remove(path);
  } catch {
    // The first error is the one to report; the next replacement removes what is left.
  }
}
