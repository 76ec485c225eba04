// The arguments of one command: (offset, length) pairs over the bytes of the request. Argument 0 is the command's name.
import { copyBytes, equalsWord, toLatin1 } from '../base/bytes.ts';
import { parseInt53, parseInt64 } from '../base/int64.ts';
import { arrayHeadBytes, bulkBytes } from '../resp/size.ts';
import type { QueuedCommand } from '../session/client.ts';

export class Args {
  /** The bytes that the pairs point into; kept by whoever runs the command. */
  bytes: Uint8Array = new Uint8Array(0);
  /** Pairs: argument i is at pairs[first + 2i], with length pairs[first + 2i + 1]. */
  pairs: Int32Array = new Int32Array(0);
  first = 0;
  count = 0;
  /** Hash of the argument at the command's first key position, as a signed integer; 0 if it is not known. */
  hash = 0;

  /** Takes the arguments of a command that was kept. */
  load({ bytes, pairs, hash }: QueuedCommand): void {
    this.bytes = bytes;
    this.pairs = pairs;
    this.first = 0;
    this.count = pairs.length >> 1;
    this.hash = hash;
  }

  /** A copy of the arguments, to be run as command `id` later. */
  keep(id: number): QueuedCommand {
    const pairs = new Int32Array(this.count * 2);
    const bytes = new Uint8Array(this.totalBytes);
    let at = 0;
    for (let i = 0; i < this.count; i++) {
      const length = this.length(i);
      pairs[2 * i] = at;
      pairs[2 * i + 1] = length;
      copyBytes(this.bytes, this.at(i), bytes, at, length);
      at += length;
    }
    return { id, bytes, pairs, hash: this.hash };
  }

  /** Like `keep`, with other arguments, the command's name included; the first key stays the same. */
  keepAs(id: number, words: readonly Uint8Array[]): QueuedCommand {
    const pairs = new Int32Array(words.length * 2);
    let at = 0;
    for (const [i, { length }] of words.entries()) {
      pairs[2 * i] = at;
      pairs[2 * i + 1] = length;
      at += length;
    }
    return { id, bytes: Buffer.concat(words), pairs, hash: this.hash };
  }

  /** Where argument i starts in `bytes`. */
  at(i: number): number {
    return this.pairs[this.first + (i << 1)]!;
  }

  /** Length of argument i in bytes. */
  length(i: number): number {
    return this.pairs[this.first + (i << 1) + 1]!;
  }

  /** Bytes of all arguments together. */
  get totalBytes(): number {
    let bytes = 0;
    for (let i = 0; i < this.count; i++) bytes += this.length(i);
    return bytes;
  }

  /** Bytes of the command as clients send it. */
  get encodedBytes(): number {
    let bytes = arrayHeadBytes(this.count);
    for (let i = 0; i < this.count; i++) bytes += bulkBytes(this.length(i));
    return bytes;
  }

  /** Whether argument i is this word (given in lower case), in any case. */
  is(i: number, lower: string): boolean {
    return equalsWord(this.bytes, this.at(i), this.length(i), lower);
  }

  /** Argument i, or its first `most` bytes, with one character for each byte. */
  text(i: number, most = Number.POSITIVE_INFINITY): string {
    return toLatin1(this.bytes, this.at(i), Math.min(this.length(i), most));
  }

  /** Argument i as an integer within ±2^53, or NaN. */
  int(i: number): number {
    return parseInt53(this.bytes, this.at(i), this.length(i));
  }

  /** Argument i as a signed 64-bit integer, or null. */
  int64(i: number): bigint | null {
    return parseInt64(this.bytes, this.at(i), this.length(i));
  }

  /** A view of argument i; it is valid while the command runs. */
  view(i: number): Uint8Array {
    const at = this.at(i);
    return this.bytes.subarray(at, at + this.length(i));
  }

  /** A copy of argument i. */
  copy(i: number): Uint8Array {
    const at = this.at(i);
    return this.bytes.slice(at, at + this.length(i));
  }
}
