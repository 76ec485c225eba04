// Ends the body of a dump with a version and a checksum.
import { Crc64 } from '../../src/base/crc64.ts';

export function sealed(body: Uint8Array, version = 10): Buffer {
  const bytes = Buffer.alloc(body.length + 10);
  bytes.set(body);
  bytes.writeUInt16LE(version, body.length);
  const crc = new Crc64();
  crc.update(bytes, 0, body.length + 2);
  bytes.writeUInt32LE(crc.low, body.length + 2);
  bytes.writeUInt32LE(crc.high, body.length + 6);
  return bytes;
}
