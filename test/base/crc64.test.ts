import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Crc64 } from '../../src/base/crc64.ts';

function crc(bytes: Uint8Array): string {
  const crc64 = new Crc64();
  crc64.update(bytes, 0, bytes.length);
  return crc64.hi.toString(16).padStart(8, '0') + crc64.lo.toString(16).padStart(8, '0');
}

/** The definition, bit by bit. */
function model(bytes: Uint8Array): string {
  let remainder = 0n;
  for (const byte of bytes) {
    remainder ^= BigInt(byte);
    for (let bit = 0; bit < 8; bit++)
      remainder = (remainder >> 1n) ^ (remainder & 1n ? 0x95ac9329ac4bc9b5n : 0n);
  }
  return remainder.toString(16).padStart(16, '0');
}

describe('Crc64', () => {
  it('gives the check value of its definition', () => {
    expect(crc(Buffer.from('123456789'))).toBe('e9c6d914c4b8d9ca');
    expect(crc(new Uint8Array(0))).toBe('0000000000000000');
  });

  it('agrees with a payload that DUMP of Redis 7.0.15 made', () => {
    // SET k hello; the last eight bytes are the checksum of all before, low byte first.
    const payload = Buffer.from('000568656c6c6f0a006372df766534200a', 'hex');
    const sum = Buffer.from(payload.subarray(-8)).reverse().toString('hex');
    expect(crc(payload.subarray(0, -8))).toBe(sum);
  });

  it('equals division bit by bit', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 70 }), (bytes) => {
        expect(crc(bytes)).toBe(model(bytes));
      }),
    );
  });

  it('can be fed in pieces, from any offset, and started again', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 100 }), fc.nat(100), (bytes, cut) => {
        const split = Math.min(cut, bytes.length);
        const crc64 = new Crc64();
        crc64.update(bytes, 0, bytes.length);
        const { lo, hi } = crc64;
        crc64.reset();
        crc64.update(bytes, 0, split);
        crc64.update(bytes, split, bytes.length - split);
        expect([crc64.lo, crc64.hi]).toEqual([lo, hi]);
      }),
    );
  });
});
