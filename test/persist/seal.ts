// Bytes that were put together or changed by hand get the checksums that they need.
import { Crc64 } from '../../src/base/crc64.ts';

/** Writes the checksum of all before into the last eight bytes. */
export function resealed(bytes: Buffer): Buffer {
  const crc = new Crc64();
  crc.update(bytes, 0, bytes.length - 8);
  bytes.writeUInt32LE(crc.low, bytes.length - 8);
  bytes.writeUInt32LE(crc.high, bytes.length - 4);
  return bytes;
}

/** Ends the body of a dump with a version and a checksum. */
export function sealed(body: Uint8Array, version = 10): Buffer {
  const bytes = Buffer.alloc(body.length + 10);
  bytes.set(body);
  bytes.writeUInt16LE(version, body.length);
  return resealed(bytes);
}

/** An RDB file as Valkey 9 would write it. */
export function asOfValkey(file: Buffer): Buffer {
  const head = Buffer.from('VALKEY080');
  return resealed(Buffer.concat([head, file.subarray(head.length)]));
}
